"""What a killed program leaves: workers that outlived it, found by the notes of their slots, and their folders."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import psutil

from labbox_local.jobs import processes
from labbox_local.jobs.slot import KILL

# A process's start is reckoned from the clock's idea of the boot, which a correction of the clock may shift a little.
TOLERANCE_S = 1.0
PATIENCE_S = 5.0
ASKS = "asks"


def end_orphans(notes: Path) -> list[int]:
    """End the trees of all noted workers whose owner is gone; the process ids of these workers."""
    ended: list[int] = []
    for note in sorted(notes.glob("*.json")):
        facts = _read(note)
        if facts is not None and _is_same(facts["owner"], facts["owner_created"]):
            continue
        if facts is not None:
            _end_tree(facts["pid"], facts["created"])
            ended.append(facts["pid"])
        note.unlink(missing_ok=True)
    return ended


def clear_asks(folder: Path) -> None:
    """Remove what questions of programs that are gone have left in the scratch folder."""
    for asks in (folder / ASKS).glob("*"):
        if not (asks.name.isdigit() and psutil.pid_exists(int(asks.name))):
            shutil.rmtree(asks, ignore_errors=True)


def _read(note: Path) -> dict[str, Any] | None:
    """The note; None if its writer was killed while writing it."""
    try:
        facts: dict[str, Any] = json.loads(note.read_text())
        return facts if {"pid", "created", "owner", "owner_created"} <= facts.keys() else None
    except (OSError, ValueError):
        return None


def _is_same(pid: int, created: float | None) -> bool:
    """Whether the process of this number is the one that was noted, not a later one."""
    now = processes.created_at(pid)
    return now is not None and created is not None and abs(now - created) < TOLERANCE_S


def _end_tree(pid: int, created: float | None) -> None:
    if psutil.pid_exists(pid) and not _is_same(pid, created):
        return  # the number was given away again, so the session it led is gone too
    tree = processes.relatives(pid)
    if psutil.pid_exists(pid):
        tree.add(psutil.Process(pid))
    tree = {process for process in tree if process.pid != os.getpid()}
    processes.send(tree, KILL)
    psutil.wait_procs(list(tree), timeout=PATIENCE_S)
