"""Results of jobs: immutable, each under the key of what it was made from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from labbox_local.errors import NotFound
from labbox_local.store.database import decoded, encode, now, rows, writing
from labbox_local.store.workspace import Workspace

_JSON = frozenset({"params", "summary", "packages"})
_BLOB_PATH = re.compile(r"blob:([0-9a-f]{64})")
_ACTIVE = "state IN ('queued', 'starting', 'running')"
_UNREFERENCED = f"""key NOT IN (
    SELECT measure_key FROM recordings WHERE measure_key IS NOT NULL
    UNION SELECT result_key FROM recordings WHERE result_key IS NOT NULL
    UNION SELECT result_key FROM sortings
    UNION SELECT analyzer_key FROM sortings WHERE analyzer_key IS NOT NULL
    UNION SELECT result_key FROM pyramids WHERE result_key IS NOT NULL
    UNION SELECT key FROM jobs WHERE {_ACTIVE}
    UNION SELECT value FROM jobs, json_each(jobs.needs) WHERE {_ACTIVE} AND value IS NOT NULL)"""


@dataclass(frozen=True)
class Result:
    """What a task gave: a JSON-able summary, and a blob when it wrote files."""

    key: str
    task: str
    version: int
    params: dict[str, Any]
    blob: str | None
    summary: dict[str, Any]
    seconds: float
    size_bytes: int
    packages: dict[str, str]
    created_at: str


def put(
    db: Database,
    *,
    key: str,
    task: str,
    version: int,
    params: Mapping[str, Any],
    blob: str | None,
    summary: Mapping[str, Any],
    seconds: float,
    size_bytes: int,
    packages: Mapping[str, str],
    created_at: str | None = None,
) -> Result:
    """Stores a result; what is under `key` already stays and is given back.

    A result with a blob is put in the transaction in which the blob was added: see `sweep`.
    """
    values = (key, task, version, params, blob, summary, seconds, size_bytes, packages, created_at or now())
    with writing(db):
        db.execute(f"INSERT OR IGNORE INTO results VALUES ({', '.join('?' * len(values))})", list(map(encode, values)))
        return get(db, key)


def get(db: Database, key: str) -> Result:
    """The result under `key`, or NotFound."""
    result = get_or_none(db, key)
    if result is None:
        raise NotFound(f"There is no result {key[:12]}… (any more); run the job again to have it.")
    return result


def get_or_none(db: Database, key: str) -> Result | None:
    """The result under `key`, if there is one."""
    found = rows(db, "SELECT * FROM results WHERE key = ?", [key])
    return Result(**decoded(found[0], _JSON)) if found else None


def all(db: Database) -> list[Result]:
    """Every result, oldest first."""
    return [Result(**decoded(row, _JSON)) for row in rows(db, "SELECT * FROM results ORDER BY created_at, key")]


def unreferenced(db: Database) -> list[Result]:
    """Results that no recording and no sorting shows and no active job makes or needs; each could be made again."""
    found = rows(db, f"SELECT * FROM results WHERE {_UNREFERENCED} ORDER BY created_at, key")
    return [Result(**decoded(row, _JSON)) for row in found]


def delete(db: Database, key: str) -> None:
    """Forgets a result; its blob goes with the next `sweep`."""
    with writing(db):
        db.execute("DELETE FROM results WHERE key = ?", [key])


def blobs_in_use(db: Database) -> set[str]:
    """Digests that a result names, or a recording or an active job in a path such as ``blob:<digest>/recording``."""
    named = {row["blob"] for row in rows(db, "SELECT blob FROM results WHERE blob IS NOT NULL")}
    texts = rows(db, f"SELECT spec AS text FROM recordings UNION ALL SELECT params FROM jobs WHERE {_ACTIVE}")
    return named.union(*(_BLOB_PATH.findall(row["text"]) for row in texts))


def sweep(workspace: Workspace) -> int:
    """Deletes the blobs that nothing names and gives the bytes freed.

    Safe beside a job that finishes: it adds its blob and writes the row that names it inside one write transaction, and
    this looks for names and sets blobs aside inside another. SQLite lets one of them run at a time, so no blob is seen
    here before its row. Only renames happen under that lock; the slow deleting comes after it. A crash between leaves
    either an unnamed blob or trash, and the next sweep takes both.
    """
    with workspace.transaction() as db:
        workspace.blobs.set_aside(blobs_in_use(db))
    return workspace.blobs.empty_trash()


def clean(workspace: Workspace) -> int:
    """Deletes unreferenced results with their blobs and gives the bytes freed.

    The rows go, and are gone for good, before the first blob is touched: a crash in the middle can leave a blob without
    a row, never a row without its blob. A job that makes the same result again in between writes its row anew, and the
    sweep sees it.
    """
    with workspace.transaction() as db:
        db.execute(f"DELETE FROM results WHERE {_UNREFERENCED}")
    return sweep(workspace)
