"""Sortings: units found in a recording, imported, or known as truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from labbox_local.errors import Conflict, NotFound
from labbox_local.store import jobs
from labbox_local.store.database import decoded, now, rows, writing
from labbox_local.store.database import insert as insert_row
from labbox_local.store.database import update as update_rows
from labbox_local.store.names import checked_name

_JSON = frozenset({"params", "params_changed", "preprocessing", "labels"})
_CHANGEABLE = frozenset({"name", "notes", "labels", "recording_id", "analyzer_key"})


@dataclass(frozen=True)
class Sorting:
    """A sorting; ``source`` is "sorter", "import" or "truth", ``labels`` goes from unit id as text to its label."""

    id: int
    recording_id: int | None
    name: str
    source: str
    sorter: str | None
    params: dict[str, Any]
    params_changed: dict[str, Any]
    preprocessing: list[dict[str, Any]]
    unit_count: int
    spike_count: int
    result_key: str
    analyzer_key: str | None
    run_seconds: float | None
    created_at: str
    notes: str
    labels: dict[str, str]


def insert(
    db: Database,
    *,
    recording_id: int | None,
    name: str,
    source: str,
    result_key: str,
    unit_count: int,
    spike_count: int,
    sorter: str | None = None,
    params: Mapping[str, Any] | None = None,
    params_changed: Mapping[str, Any] | None = None,
    preprocessing: Sequence[Mapping[str, Any]] = (),
    analyzer_key: str | None = None,
    run_seconds: float | None = None,
    notes: str = "",
    labels: Mapping[str, str] | None = None,
    created_at: str | None = None,
) -> int:
    """The id of the new sorting.

    Raises
    ------
    Conflict
        When the recording or the result is not in the workspace (any more).
    """
    values = {
        "recording_id": recording_id, "name": checked_name(name), "source": source, "sorter": sorter,
        "params": dict(params or {}), "params_changed": dict(params_changed or {}),
        "preprocessing": list(preprocessing), "unit_count": unit_count, "spike_count": spike_count,
        "result_key": result_key, "analyzer_key": analyzer_key, "run_seconds": run_seconds,
        "created_at": created_at or now(), "notes": notes, "labels": dict(labels or {}),
    }  # fmt: skip
    try:
        return insert_row(db, "sortings", values)
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorname != "SQLITE_CONSTRAINT_FOREIGNKEY":
            raise
        raise Conflict("The recording or the result of this sorting is no longer in the workspace.") from error


def get(db: Database, sorting_id: int) -> Sorting:
    """The sorting, or NotFound."""
    found = _select(db, "id = ?", [sorting_id])
    if not found:
        raise NotFound(f"There is no sorting {sorting_id} (any more).")
    return found[0]


def all(db: Database, recording_id: int | None = None) -> list[Sorting]:
    """Every sorting (of that recording), newest first."""
    return _select(db, "?1 IS NULL OR recording_id = ?1", [recording_id])


def loose(db: Database) -> list[Sorting]:
    """The sortings that belong to no recording, newest first."""
    return _select(db, "recording_id IS NULL", [])


def counts_by_recording(db: Database) -> dict[int, int]:
    """Recording id to its number of sortings; recordings without any are left out."""
    sql = "SELECT recording_id, count(*) AS number FROM sortings WHERE recording_id IS NOT NULL GROUP BY recording_id"
    return {row["recording_id"]: row["number"] for row in rows(db, sql)}


def update(db: Database, sorting_id: int, **changes: Any) -> Sorting:
    """The sorting after the changes.

    Raises
    ------
    NotFound, Invalid, Conflict
        Conflict when it is to point to a recording or result that is not in the workspace.
    """
    if unknown := sorted(set(changes) - _CHANGEABLE):
        raise ValueError(f"A sorting's {', '.join(unknown)} cannot be changed.")
    if "name" in changes:
        changes["name"] = checked_name(changes["name"])
    try:
        with writing(db):
            if changes:
                update_rows(db, "sortings", "id = ?", [sorting_id], changes)
            return get(db, sorting_id)
    except sqlite3.IntegrityError as error:
        raise Conflict("What this sorting should point to is no longer in the workspace.") from error


def delete(db: Database, sorting_id: int) -> None:
    """Forgets the sorting and asks for the end of its jobs; its result goes when the workspace is cleaned."""
    with writing(db):
        get(db, sorting_id)
        jobs.cancel_of(db, "sorting_id", sorting_id)
        db.execute("DELETE FROM sortings WHERE id = ?", [sorting_id])


def _select(db: Database, where: str, values: Sequence[Any]) -> list[Sorting]:
    found = rows(db, f"SELECT * FROM sortings WHERE {where} ORDER BY id DESC", values)
    return [Sorting(**decoded(row, _JSON)) for row in found]
