"""Process trees: who belongs to a worker, who of them still lives, and how all of them are ended."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable

import psutil

POSIX = os.name == "posix"
GONE = (psutil.NoSuchProcess, psutil.ZombieProcess, ProcessLookupError)


def lead_own_session() -> None:
    """Make this process the leader of a session and group of its own, where the system knows such things."""
    if POSIX and os.getsid(0) != os.getpid():
        os.setsid()


def created_at(pid: int) -> float | None:
    """When the process of this number began, which tells it from a later one of the same number; None if it is gone."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def is_alive(process: psutil.Process) -> bool:
    """Whether the process still runs; a zombie, dead but not yet read by its parent, does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except GONE:
        return False


def relatives(pid: int) -> set[psutil.Process]:
    """All descendants of `pid` and all members of the session that it leads, itself left out."""
    found: set[psutil.Process] = set()
    with contextlib.suppress(*GONE):
        found.update(psutil.Process(pid).children(recursive=True))
    for member in session_members(pid):
        with contextlib.suppress(*GONE):
            found.add(psutil.Process(member))
    return {process for process in found if process.pid != pid}


def session_members(pid: int) -> list[int]:
    """Numbers of the processes whose session is led by `pid`, also those whose parents are gone."""
    return [other for other in psutil.pids() if _session(other) == pid] if POSIX else []


def send(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each process that still runs; where signals are unknown, each is ended."""
    for process in processes:
        with contextlib.suppress(*GONE):
            if POSIX:
                process.send_signal(number)
            else:
                process.kill()


def kill_own_family() -> None:
    """End all that this process started, and then itself, at once."""
    for process in relatives(os.getpid()):
        with contextlib.suppress(*GONE):
            process.kill()
    if POSIX and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None
