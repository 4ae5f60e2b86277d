"""One owner per workspace: the operating system's lock decides, a small private file says where the owner listens."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout

from labbox_local.store.blobs import write_beside
from labbox_local.store.faults import explained
from labbox_local.store.folder import SCRATCH, usable

LOCK = "server.lock"
SERVER = "server.json"
# `owner` holds the lock for an instant to see whether it is free; a claim at that very moment waits this long for it.
PATIENCE_S = 0.25


class Lock:
    """The ownership of a workspace; it ends with `release` or with the process, however that ends."""

    def __init__(self, folder: Path, held: FileLock) -> None:
        self._server = folder / SCRATCH / SERVER
        self._held = held
        self.announce(None)  # replaces what a dead owner left

    def announce(self, url: str | None) -> None:
        """Says where this owner listens, in a file that only its user can read: the address carries the token."""
        with explained(self._server):
            write_beside(self._server, json.dumps({"pid": os.getpid(), "url": url}).encode(), mode=0o600)

    def release(self) -> None:
        """Gives the workspace up; twice does no harm."""
        if self._held.is_locked:
            self._server.unlink(missing_ok=True)
            self._held.release()

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


def claim(folder: str | Path) -> Lock | None:
    """The ownership of the workspace in `folder`, or None when another owner lives.

    Raises
    ------
    Unavailable
        When the folder cannot hold a workspace.
    """
    place = usable(folder)
    with explained(place):
        (place / SCRATCH).mkdir(exist_ok=True)
        held = _lock_file(place)
        try:
            held.acquire(timeout=PATIENCE_S, poll_interval=0.02)
        except Timeout:
            return None
    try:
        return Lock(place, held)
    except BaseException:
        held.release()
        raise


def owner(folder: str | Path) -> dict[str, Any] | None:
    """``{"pid", "url"}`` of the living owner (None for what it has not said yet), or None when there is no owner."""
    place = Path(folder).expanduser().absolute()
    if not (place / SCRATCH / LOCK).exists():
        return None
    with explained(place):
        try:
            with _lock_file(place).acquire(timeout=0):
                return None
        except Timeout:
            return _said(place / SCRATCH / SERVER)


def _said(server: Path) -> dict[str, Any]:
    try:
        return {"pid": None, "url": None, **json.loads(server.read_text())}
    except FileNotFoundError:
        return {"pid": None, "url": None}


def _lock_file(place: Path) -> FileLock:
    # thread_local=False: the thread that closes the program is not always the one that opened it.
    return FileLock(place / SCRATCH / LOCK, thread_local=False)
