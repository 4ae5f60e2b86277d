"""Preprocessing chains that a person has named, for all recordings of the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from labbox_local.errors import NotFound
from labbox_local.store.database import decoded, encode, now, rows, writing
from labbox_local.store.names import checked_name

_JSON = frozenset({"chain"})


@dataclass(frozen=True)
class Preset:
    """A named chain; steps may be switched off in it."""

    id: int
    name: str
    chain: list[dict[str, Any]]
    created_at: str


def put(db: Database, name: str, chain: Sequence[Mapping[str, Any]], created_at: str | None = None) -> Preset:
    """Stores a chain under a name; what had this name before is replaced."""
    name = checked_name(name)
    with writing(db):
        db.execute(
            "INSERT INTO chain_presets (name, chain, created_at) VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET chain = excluded.chain, created_at = excluded.created_at",
            [name, encode(list(chain)), created_at or now()],
        )
        return next(preset for preset in all(db) if preset.name == name)


def all(db: Database) -> list[Preset]:
    """Every preset, by name."""
    return [Preset(**decoded(row, _JSON)) for row in rows(db, "SELECT * FROM chain_presets ORDER BY name")]


def delete(db: Database, preset_id: int) -> None:
    """Forgets a preset. Raises NotFound."""
    with writing(db):
        if db.execute("DELETE FROM chain_presets WHERE id = ?", [preset_id]).rowcount == 0:
            raise NotFound(f"There is no preset {preset_id} (any more).")
