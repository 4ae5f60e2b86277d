"""Time notes: what a person wrote down at a moment or a stretch of a recording."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

from labbox_local.errors import Invalid, NotFound
from labbox_local.store.database import insert as insert_row
from labbox_local.store.database import now, rows, writing
from labbox_local.store.database import update as update_rows

LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class Note:
    """A note at a sample of a segment, or at those up to and without ``end_sample``."""

    id: int
    recording_id: int
    segment: int
    start_sample: int
    end_sample: int | None
    text: str
    created_at: str

    def plain(self) -> dict[str, Any]:
        """The note as JSON-able data."""
        return asdict(self)


def insert(
    db: Database,
    recording_id: int,
    *,
    segment: int,
    start_sample: int,
    end_sample: int | None,
    text: str,
    created_at: str | None = None,
) -> Note:
    """The new note. Raises Invalid at what cannot be."""
    values = _checked(segment, start_sample, end_sample, text)
    with writing(db):
        created = {"recording_id": recording_id, "created_at": created_at or now()}
        return get(db, insert_row(db, "time_notes", {**values, **created}))


def get(db: Database, note_id: int) -> Note:
    """The note, or NotFound."""
    found = rows(db, "SELECT * FROM time_notes WHERE id = ?", [note_id])
    if not found:
        raise NotFound(f"There is no note {note_id} (any more).")
    return Note(**found[0])


def all(db: Database, recording_id: int) -> list[Note]:
    """The notes of a recording, in the order of its samples."""
    order = "ORDER BY segment, start_sample, id"
    return [Note(**row) for row in rows(db, f"SELECT * FROM time_notes WHERE recording_id = ? {order}", [recording_id])]


def update(db: Database, note_id: int, *, segment: int, start_sample: int, end_sample: int | None, text: str) -> Note:
    """The note after the change. Raises Invalid at what cannot be, NotFound."""
    values = _checked(segment, start_sample, end_sample, text)
    with writing(db):
        update_rows(db, "time_notes", "id = ?", [note_id], values)
        return get(db, note_id)


def delete(db: Database, note_id: int) -> Note:
    """The note, which is gone now."""
    with writing(db):
        note = get(db, note_id)
        db.execute("DELETE FROM time_notes WHERE id = ?", [note_id])
        return note


def _checked(segment: int, start_sample: int, end_sample: int | None, text: str) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    text = text.strip()
    if not text:
        wrong["text"] = "A note needs some text."
    elif len(text) > LONGEST_TEXT:
        wrong["text"] = f"May have at most {LONGEST_TEXT} characters; this has {len(text)}."
    if start_sample < 0:
        wrong["start_sample"] = "A note begins at sample 0 or later."
    if end_sample is not None and end_sample <= start_sample:
        wrong["end_sample"] = f"An interval ends after it begins; {end_sample} is not after {start_sample}."
    if wrong:
        raise Invalid(wrong)
    return {"segment": segment, "start_sample": start_sample, "end_sample": end_sample, "text": text}
