"""What the command line writes: tables for people, JSON for machines, and progress only where a person watches."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TextIO

BAR_WIDTH = 24
NOTHING = "–"
CLEAR_LINE = "\r\x1b[2K"


class Job(Protocol):
    """What progress tells of a job."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def title(self) -> str:
        """What it does."""

    @property
    def state(self) -> str:
        """How it stands."""

    @property
    def stage(self) -> str:
        """What it is at."""

    @property
    def progress(self) -> float | None:
        """How much is done, from 0 to 1."""

    @property
    def why_waiting(self) -> str | None:
        """What a queued job waits for."""


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], nothing: str = "There is nothing yet.") -> str:
    """Rows under their headings.

    Parameters
    ----------
    rows : sequence of mapping
    columns : mapping
        Key in the row to heading, in order.
    nothing : str
        Said instead of an empty table.
    """
    if not rows:
        return nothing
    cells = [[cell(row[key]) for key in columns] for row in rows]
    right = [all(isinstance(row[key], int | float | None) for row in rows) for key in columns]
    headings = list(columns.values())
    widths = [max(len(line[place]) for line in [headings, *cells]) for place in range(len(headings))]
    return "\n".join(_line(line, widths, right) for line in [headings, *cells])


def cell(value: Any) -> str:
    """A value as it stands in a table."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".") if value == round(value, 3) else f"{value:.3f}"
    if isinstance(value, Mapping):
        return " ".join(f"{name}={item}" for name, item in value.items()) or NOTHING
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or NOTHING
    return str(value)


def plain(data: Any) -> str:
    """The data as JSON text, keys in the order given."""
    return json.dumps(data, indent=2, ensure_ascii=False, default=str)


def pairs(entered: Iterable[str]) -> dict[str, str]:
    """``["a=1", "b.c=x=y"]`` as a dictionary.

    Raises
    ------
    ValueError
        With a sentence, for an entry without ``=``.
    """
    values: dict[str, str] = {}
    for entry in entered:
        name, equals, value = entry.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"“{entry}” must have the form name=value.")
        values[name.strip()] = value
    return values


class Progress:
    """Shows how a job goes on: a bar in a terminal, one line per job anywhere else, nothing when `quiet`."""

    def __init__(
        self, stream: TextIO | None = None, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ):
        self._stream = stream if stream is not None else sys.stderr
        self._quiet = quiet
        self._clock = clock
        self._live = self._stream.isatty()
        self._began: dict[int, float] = {}

    def __call__(self, job: Job) -> None:
        """Tell of the job's present state; made to be handed to ``lab.jobs.wait``."""
        first = job.id not in self._began
        began = self._began.setdefault(job.id, self._clock())
        if self._quiet:
            return
        if self._live:
            self._stream.write(CLEAR_LINE + fitted(bar(job, self._clock() - began), _columns()))
        elif first:
            self._stream.write(f"{job.title} (job {job.id})\n")
        self._stream.flush()

    def end(self, job: Job) -> None:
        """Leave one line that says what came of the job."""
        if self._quiet or not self._live:
            return
        now = self._clock()
        seconds = now - self._began.get(job.id, now)
        self._stream.write(f"{CLEAR_LINE}{job.title}: {job.state} after {seconds:.1f} s\n")
        self._stream.flush()


def bar(job: Job, seconds: float) -> str:
    """One line on a job: title, bar or state, stage, seconds."""
    if job.progress is None:
        middle = job.stage or job.why_waiting or job.state
    else:
        full = round(BAR_WIDTH * job.progress)
        middle = f"[{'#' * full}{'.' * (BAR_WIDTH - full)}] {job.progress:4.0%}  {job.stage}".rstrip()
    return f"{job.title}  {middle}  {seconds:.0f} s"


def fitted(text: str, width: int) -> str:
    """The text cut to a terminal's width, so that a carriage return reaches its beginning."""
    return text if len(text) < width else text[: max(0, width - 2)] + "…"


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    parts = [
        text.rjust(width) if flush else text.ljust(width)
        for text, width, flush in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(parts).rstrip()
