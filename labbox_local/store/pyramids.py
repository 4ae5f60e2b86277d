"""The overviews (pyramids) of recordings, whole or in the making: one for each chain that somebody asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from labbox_local.store.database import decoded, encode, now, rows, writing

_JSON = frozenset({"chain"})


@dataclass(frozen=True)
class PyramidRow:
    """A pyramid of a recording through a chain; ``result_key`` is None until it is whole."""

    id: int
    recording_id: int
    title: str
    chain: list[dict[str, Any]]
    growing: str
    result_key: str | None
    created_at: str


def put(
    db: Database, recording_id: int, *, title: str, chain: Sequence[Mapping[str, Any]], growing: str,
    created_at: str | None = None,
) -> PyramidRow:  # fmt: skip
    """The pyramid's row, made if it is new."""
    with writing(db):
        db.execute(
            "INSERT OR IGNORE INTO pyramids (recording_id, title, chain, growing, created_at) VALUES (?, ?, ?, ?, ?)",
            [recording_id, title, encode(list(chain)), growing, created_at or now()],
        )
        return next(row for row in all(db, recording_id) if row.growing == growing)


def finish(db: Database, recording_id: int, growing: str, result_key: str) -> None:
    """Notes that the pyramid is whole."""
    with writing(db):
        db.execute(
            "UPDATE pyramids SET result_key = ? WHERE recording_id = ? AND growing = ?",
            [result_key, recording_id, growing],
        )


def all(db: Database, recording_id: int) -> list[PyramidRow]:
    """The pyramids of a recording, oldest first."""
    found = rows(db, "SELECT * FROM pyramids WHERE recording_id = ? ORDER BY id", [recording_id])
    return [PyramidRow(**decoded(row, _JSON)) for row in found]


def growing(db: Database) -> set[str]:
    """Names of the folders of all pyramids that are not whole."""
    return {row["growing"] for row in rows(db, "SELECT growing FROM pyramids WHERE result_key IS NULL")}
