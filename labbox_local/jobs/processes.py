"""Process trees: who belongs to a worker, who of them still lives, and how all of them are ended."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from multiprocessing import resource_tracker
from typing import Any

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


def known(pid: int | None) -> psutil.Process | None:
    """The process of this number, if there is one."""
    try:
        return psutil.Process(pid) if pid is not None else None
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


def start_cleaner() -> int | None:
    """Give this process a resource tracker of its own, and its process id; None where there is no such thing.

    A tracker frees the shared memory of processes that were killed, once all of them are gone. The one inherited waits
    for the whole program to end, which could keep gigabytes of a cancelled sorter until then.
    """
    if not POSIX:
        return None
    tracker: Any = resource_tracker._resource_tracker
    if tracker._fd is not None:
        os.close(tracker._fd)
    tracker._fd = tracker._pid = None
    tracker.ensure_running()
    pid: int = tracker._pid
    return pid


def kill_own_family(but: int | None = None) -> None:
    """End all that this process started, one process left out, and then itself, at once."""
    for process in relatives(os.getpid()):
        with contextlib.suppress(*GONE):
            if process.pid != but:
                process.kill()
    if POSIX and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None
