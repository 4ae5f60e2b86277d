"""Where a worker's words go: into a file, whoever says them, be it Python, C or a child process."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import io
import os
import sys


def prepare(log: str) -> None:
    """Give this process an empty stdin, unbuffered text streams and `log` as its console."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    try:
        attach(log, fresh=False)
    except OSError:
        attach(os.devnull, fresh=False)  # a disk too full for a log is said by the first job that meets it
    sys.stdout = sys.__stdout__ = _stream(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2)  # type: ignore[misc]
    # Children that are Python would otherwise keep their words back until they end.
    os.environ["PYTHONUNBUFFERED"] = "1"
    faulthandler.enable(sys.stderr)


def attach(log: str, fresh: bool) -> None:
    """From now on everything printed goes to the end of `log`, which is emptied first if `fresh`."""
    flush()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if fresh else 0), 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def flush() -> None:
    """Write out what Python and C still hold back; a full disk does not raise here."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)


def _stream(number: int) -> io.TextIOWrapper:
    raw = io.FileIO(number, "wb", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", write_through=True)
