"""Recordings: what was imported, from where, and what is known of it."""

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
from labbox_local.store.names import checked_name, checked_tags

_JSON = frozenset({"spec", "facts", "probe", "provenance", "fingerprint", "tags"})
_CHANGEABLE = frozenset({"name", "notes", "tags", "spec", "facts", "probe", "provenance", "fingerprint", "measure_key"})


@dataclass(frozen=True)
class Recording:
    """An imported recording. ``result_key`` names the result that holds its data, for generated examples only."""

    id: int
    name: str
    created_at: str
    spec: dict[str, Any]
    facts: dict[str, Any]
    probe: dict[str, Any] | None
    provenance: dict[str, Any]
    fingerprint: Any
    measure_key: str | None
    result_key: str | None
    notes: str
    tags: list[str]


def insert(
    db: Database,
    *,
    name: str,
    spec: Mapping[str, Any],
    facts: Mapping[str, Any],
    probe: Mapping[str, Any] | None,
    provenance: Mapping[str, Any],
    fingerprint: Any = None,
    result_key: str | None = None,
    notes: str = "",
    tags: Sequence[str] = (),
    created_at: str | None = None,
) -> int:
    """The id of the new recording.

    Raises
    ------
    Conflict
        When `result_key` names no result (any more).
    """
    values = {
        "name": checked_name(name), "created_at": created_at or now(), "spec": spec, "facts": facts, "probe": probe,
        "provenance": provenance, "fingerprint": fingerprint, "result_key": result_key, "notes": notes,
        "tags": checked_tags(tags),
    }  # fmt: skip
    try:
        return insert_row(db, "recordings", values)
    except sqlite3.IntegrityError as error:
        raise Conflict("The data of this recording is no longer in the workspace; make it again.") from error


def get(db: Database, recording_id: int) -> Recording:
    """The recording, or NotFound."""
    found = rows(db, "SELECT * FROM recordings WHERE id = ?", [recording_id])
    if not found:
        raise NotFound(f"There is no recording {recording_id} (any more).")
    return Recording(**decoded(found[0], _JSON))


def all(db: Database) -> list[Recording]:
    """Every recording, newest first."""
    return [Recording(**decoded(row, _JSON)) for row in rows(db, "SELECT * FROM recordings ORDER BY id DESC")]


def update(db: Database, recording_id: int, **changes: Any) -> Recording:
    """The recording after the changes.

    Raises
    ------
    NotFound, Invalid, Conflict
        Invalid for a name or tags that cannot be, Conflict when it is to point to a result that is gone.
    """
    if unknown := sorted(set(changes) - _CHANGEABLE):
        raise ValueError(f"A recording's {', '.join(unknown)} cannot be changed.")
    if "name" in changes:
        changes["name"] = checked_name(changes["name"])
    if "tags" in changes:
        changes["tags"] = checked_tags(changes["tags"])
    try:
        with writing(db):
            if changes:
                update_rows(db, "recordings", "id = ?", [recording_id], changes)
            return get(db, recording_id)
    except sqlite3.IntegrityError as error:
        raise Conflict("The measurement of this recording is no longer in the workspace.") from error


def dependents(db: Database, recording_id: int) -> dict[str, int]:
    """What goes or ends with the recording: ``sortings`` and ``active_jobs``."""
    sortings = rows(db, "SELECT count(*) AS number FROM sortings WHERE recording_id = ?", [recording_id])
    active = rows(
        db,
        f"""SELECT count(*) AS number FROM jobs WHERE state IN {jobs.ACTIVE} AND (recording_id = ?1
        OR sorting_id IN (SELECT id FROM sortings WHERE recording_id = ?1))""",
        [recording_id],
    )
    return {"sortings": sortings[0]["number"], "active_jobs": active[0]["number"]}


def delete(db: Database, recording_id: int) -> None:
    """Forgets the recording and its sortings and asks for the end of their jobs; raw data is never touched."""
    with writing(db):
        get(db, recording_id)
        jobs.cancel_of(db, "recording_id", recording_id)
        for row in rows(db, "SELECT id FROM sortings WHERE recording_id = ?", [recording_id]):
            jobs.cancel_of(db, "sorting_id", row["id"])
        db.execute("DELETE FROM recordings WHERE id = ?", [recording_id])
