"""Connections to a workspace's SQLite file, transactions, and rows to and from plain values."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database as Database  # other rooms name the type from here

from labbox_local.store.faults import explained

PRAGMAS = ("busy_timeout=15000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")


def connect(path: Path) -> Database:
    """A connection that takes part in nothing until told: every statement alone is its own transaction.

    Raises
    ------
    Unavailable
        When the file cannot be opened or is no database.
    """
    with explained(path.parent, (sqlite3.Error,)):
        # isolation_level=None: the driver opens no transaction of its own; BEGIN IMMEDIATE is the only kind there is.
        # check_same_thread=False: a workspace closes the connections of all its threads; use stays within one thread.
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").close()
            return Database(connection, execute_plugins=False)
        except BaseException:
            connection.close()
            raise


@contextmanager
def immediate(db: Database) -> Iterator[Database]:
    """One write transaction: all of the block is on disk afterwards, or nothing of it.

    Raises
    ------
    RuntimeError
        When one is open already: a block that believes to be whole must not be part of another by accident.
    """
    if db.conn.in_transaction:
        raise RuntimeError("A transaction is open on this connection; join it with writing().")
    with explained(folder_of(db), (sqlite3.Error,)):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            # A full disk ends the transaction by itself. Then this COMMIT fails, as it must: half the block is gone.
            db.execute("COMMIT")
        except BaseException:
            db.rollback()
            raise


@contextmanager
def writing(db: Database) -> Iterator[Database]:
    """Joins the open transaction, or is one."""
    if db.conn.in_transaction:
        with explained(folder_of(db), (sqlite3.Error,)):
            yield db
    else:
        with immediate(db):
            yield db


def folder_of(db: Database) -> Path:
    """The folder in which the database file lies."""
    file: str = db.conn.execute("PRAGMA database_list").fetchone()[2]
    return Path(file).parent


def rows(db: Database, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
    """All rows of a query (or of a write that returns rows) as dicts."""
    with explained(folder_of(db), (sqlite3.Error,)):
        cursor = db.conn.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def insert(db: Database, table: str, values: Mapping[str, Any]) -> int:
    """The id of the new row."""
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    with writing(db):
        cursor = db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [*map(encode, values.values())])
        return int(cursor.lastrowid or 0)


def update(db: Database, table: str, where: str, keys: Sequence[Any], values: Mapping[str, Any]) -> int:
    """The number of rows changed."""
    changes = ", ".join(f"{name} = ?" for name in values)
    with writing(db):
        cursor = db.execute(f"UPDATE {table} SET {changes} WHERE {where}", [*map(encode, values.values()), *keys])
        return cursor.rowcount


def encode(value: Any) -> Any:
    """`value` as SQLite keeps it: structures as JSON text. Refuses NaN, which JSON does not know."""
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    return value


def decoded(row: Mapping[str, Any], json_names: frozenset[str]) -> dict[str, Any]:
    """The row with its JSON columns read."""
    return {
        name: json.loads(value) if name in json_names and value is not None else value for name, value in row.items()
    }


def now() -> str:
    """The present time as it stands in the database: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
