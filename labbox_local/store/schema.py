"""The tables, as a list of steps that only grows."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database

from labbox_local.errors import Unavailable
from labbox_local.store.database import folder_of, immediate
from labbox_local.store.faults import explained

APPLICATION_ID = 0x4C42584C  # "LBXL": tells a workspace from any other SQLite file

_RESULTS = """CREATE TABLE results (
    key TEXT PRIMARY KEY, task TEXT NOT NULL, version INTEGER NOT NULL, params TEXT NOT NULL, blob TEXT,
    summary TEXT NOT NULL, seconds REAL NOT NULL, size_bytes INTEGER NOT NULL, packages TEXT NOT NULL,
    created_at TEXT NOT NULL) STRICT, WITHOUT ROWID"""

# AUTOINCREMENT: an id in an old link, log name or notification must never come to mean another recording or job.
_RECORDINGS = """CREATE TABLE recordings (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, created_at TEXT NOT NULL, spec TEXT NOT NULL,
    facts TEXT NOT NULL, probe TEXT, provenance TEXT NOT NULL, fingerprint TEXT,
    measure_key TEXT REFERENCES results(key), result_key TEXT REFERENCES results(key),
    notes TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '[]') STRICT"""

_SORTINGS = """CREATE TABLE sortings (
    id INTEGER PRIMARY KEY AUTOINCREMENT, recording_id INTEGER REFERENCES recordings(id) ON DELETE CASCADE,
    name TEXT NOT NULL, source TEXT NOT NULL CHECK (source IN ('sorter', 'import', 'truth')), sorter TEXT,
    params TEXT NOT NULL, params_changed TEXT NOT NULL, preprocessing TEXT NOT NULL,
    unit_count INTEGER NOT NULL, spike_count INTEGER NOT NULL, result_key TEXT NOT NULL REFERENCES results(key),
    analyzer_key TEXT REFERENCES results(key), run_seconds REAL, created_at TEXT NOT NULL,
    notes TEXT NOT NULL DEFAULT '', labels TEXT NOT NULL DEFAULT '{}') STRICT"""

_JOBS = """CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, task TEXT NOT NULL, lane TEXT NOT NULL, title TEXT NOT NULL,
    params TEXT NOT NULL, key TEXT NOT NULL,
    recording_id INTEGER REFERENCES recordings(id) ON DELETE SET NULL,
    sorting_id INTEGER REFERENCES sortings(id) ON DELETE SET NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'starting', 'running', 'done', 'failed', 'cancelled', 'lost')),
    stage TEXT NOT NULL DEFAULT '', progress REAL, created_at TEXT NOT NULL, started_at TEXT, finished_at TEXT,
    pid INTEGER, exit_code INTEGER, error TEXT, hint TEXT, traceback TEXT, why_waiting TEXT,
    cancel_requested INTEGER NOT NULL DEFAULT 0, retry_of INTEGER REFERENCES jobs(id) ON DELETE SET NULL,
    on_done TEXT, needs TEXT NOT NULL DEFAULT '[]') STRICT"""

# Marks in time: a point, or an interval where end_sample is given.
_NOTES = """CREATE TABLE time_notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, recording_id INTEGER NOT NULL REFERENCES recordings(id) ON DELETE CASCADE,
    segment INTEGER NOT NULL, start_sample INTEGER NOT NULL, end_sample INTEGER, text TEXT NOT NULL,
    created_at TEXT NOT NULL, CHECK (end_sample IS NULL OR end_sample > start_sample)) STRICT"""

_PRESETS = """CREATE TABLE chain_presets (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, chain TEXT NOT NULL,
    created_at TEXT NOT NULL) STRICT"""

# result_key is NULL until the pyramid is whole; growing names the folder in which it is made.
_PYRAMIDS = """CREATE TABLE pyramids (
    id INTEGER PRIMARY KEY AUTOINCREMENT, recording_id INTEGER NOT NULL REFERENCES recordings(id) ON DELETE CASCADE,
    title TEXT NOT NULL, chain TEXT NOT NULL, growing TEXT NOT NULL, result_key TEXT REFERENCES results(key),
    created_at TEXT NOT NULL, UNIQUE (recording_id, growing)) STRICT"""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        _RESULTS,
        _RECORDINGS,
        _SORTINGS,
        _JOBS,
        "CREATE INDEX sortings_recording ON sortings(recording_id)",
        "CREATE INDEX jobs_recording ON jobs(recording_id)",
        "CREATE INDEX jobs_sorting ON jobs(sorting_id)",
        "CREATE INDEX jobs_state ON jobs(state)",
        "CREATE UNIQUE INDEX jobs_active_key ON jobs(key) WHERE state IN ('queued', 'starting', 'running')",
    ),
    (
        _NOTES,
        _PRESETS,
        _PYRAMIDS,
        "CREATE INDEX time_notes_recording ON time_notes(recording_id, segment, start_sample)",
    ),
)


def migrate(db: Database, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS) -> None:
    """Brings the database to the newest schema, each step whole or not at all.

    Raises
    ------
    Unavailable
        When the file is of a newer program, or is a SQLite file of some other program.
    """
    folder = folder_of(db)
    with explained(folder, (sqlite3.Error,)):
        while (version := _checked_version(db, len(migrations))) < len(migrations):
            _step(db, version, migrations[version])


def _step(db: Database, version: int, statements: tuple[str, ...]) -> None:
    with immediate(db):
        if _pragma(db, "user_version") != version:
            return  # another process has taken this step while we waited for the lock
        for statement in statements:
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {version + 1}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _checked_version(db: Database, newest: int) -> int:
    version = _pragma(db, "user_version")
    empty = not version and not db.table_names()
    if not empty and _pragma(db, "application_id") != APPLICATION_ID:
        raise Unavailable(
            f"The file workspace.sqlite in {folder_of(db)} belongs to another program.",
            "Choose another folder for the workspace.",
        )
    if version > newest:
        raise Unavailable(
            f"The workspace {folder_of(db)} was written by a newer Labbox Local "
            f"(its schema is {version}, this program knows {newest}).",
            "Update Labbox Local, or open another workspace.",
        )
    return version


def _pragma(db: Database, name: str) -> int:
    return int(db.conn.execute(f"PRAGMA {name}").fetchone()[0])
