"""What a task is given besides its parameters."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

INTERVAL_S = 0.1


class Context:
    """The places a task may write to and the way it says how far it is.

    ``scratch`` is an empty folder that vanishes afterwards. Whatever lies in ``output`` when the task's function
    returns becomes the blob of its result. ``blobs`` is the root of all blobs, to be read only. ``cores`` is how many
    it may use, ``cache_bytes`` how much memory may hold what stays open from one order to the next.
    """

    def __init__(
        self,
        folder: Path,
        blobs: Path,
        *,
        number: int = 0,
        cache_bytes: int = 0,
        cores: int = 1,
        growing: Path | None = None,
        report: Callable[[str, float | None], None] | None = None,
        stopping: threading.Event | None = None,
    ) -> None:
        self.number = number
        self.blobs = blobs
        self.cache_bytes = cache_bytes
        self.cores = cores
        self._growing = growing or folder / "growing"
        self._folder = folder
        self._report = report
        self._stopping = stopping or threading.Event()
        self._stage = ""
        self._next_s = 0.0

    @property
    def scratch(self) -> Path:
        """The task's own folder for what nobody else needs."""
        return _made(self._folder / "scratch")

    @property
    def output(self) -> Path:
        """The folder whose content becomes the result's blob."""
        return _made(self._folder / "output")

    def growing(self, name: str) -> Path:
        """The folder of this name that stays when the task ends in any way, for work that the next one goes on with.

        It may not exist yet. Whoever queued the task removes it once the result is kept.
        """
        return self._growing / name

    def progress(self, stage: str, fraction: float | None = None) -> None:
        """Say what is being done and how much of it, from 0 to 1; cheap enough to be called at every step."""
        now = time.monotonic()
        if self._report is None or (stage == self._stage and now < self._next_s):
            return
        self._stage, self._next_s = stage, now + INTERVAL_S
        self._report(stage, None if fraction is None else min(1.0, max(0.0, float(fraction))))

    def bar(self, stage: str, fraction: float | None) -> None:
        """`progress` from a progress bar, which may have no name of its own."""
        self.progress(stage or self._stage or "working", fraction)

    def cancelled(self) -> bool:
        """Whether the job was asked to end; for loops that swallow the KeyboardInterrupt which says so."""
        return self._stopping.is_set()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
