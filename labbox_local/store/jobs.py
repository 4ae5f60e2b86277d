"""Jobs: the table is the truth about what waits, runs and has ended.

Any process may add a job or ask for its cancellation. Only the supervisor claims, moves and reports on jobs; every
change of state names the states it starts from, so two writers can never both win.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from labbox_local.errors import Conflict, NotFound
from labbox_local.store.database import decoded, encode, insert, now, rows, update, writing

ACTIVE = ("queued", "starting", "running")
ENDED = ("done", "failed", "cancelled", "lost")
NEXT: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"starting", "cancelled"}),
    "starting": frozenset({"queued", "running", "failed", "cancelled", "lost"}),
    "running": frozenset({"done", "failed", "cancelled", "lost"}),
}
_JSON = frozenset({"params", "on_done", "needs"})
_FIELDS = frozenset({"stage", "progress", "pid", "exit_code", "error", "hint", "traceback", "why_waiting"})


@dataclass(frozen=True)
class Job:
    """One piece of work in another process. ``needs`` are keys of results that must stay while it is active."""

    id: int
    task: str
    lane: str
    title: str
    params: dict[str, Any]
    key: str
    recording_id: int | None
    sorting_id: int | None
    state: str
    stage: str
    progress: float | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    pid: int | None
    exit_code: int | None
    error: str | None
    hint: str | None
    traceback: str | None
    why_waiting: str | None
    cancel_requested: bool
    retry_of: int | None
    on_done: dict[str, Any] | None
    needs: list[str]

    @property
    def active(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ACTIVE


def enqueue(
    db: Database,
    *,
    task: str,
    lane: str,
    title: str,
    params: Mapping[str, Any],
    key: str,
    recording_id: int | None = None,
    sorting_id: int | None = None,
    retry_of: int | None = None,
    on_done: Mapping[str, Any] | None = None,
    needs: Sequence[str] = (),
    created_at: str | None = None,
) -> tuple[Job, bool]:
    """The active job of this key and whether it is new: asking twice for the same work is one job."""
    values = {
        "task": task, "lane": lane, "title": title, "params": params, "key": key, "state": "queued",
        "recording_id": recording_id, "sorting_id": sorting_id, "retry_of": retry_of, "on_done": on_done,
        "needs": list(needs), "created_at": created_at or now(),
    }  # fmt: skip
    with writing(db):
        present = _select(db, f"key = ? AND state IN {ACTIVE}", [key])
        return (present[0], False) if present else (get(db, insert(db, "jobs", values)), True)


def get(db: Database, job_id: int) -> Job:
    """The job, or NotFound."""
    found = _select(db, "id = ?", [job_id])
    if not found:
        raise NotFound(f"There is no job {job_id}.")
    return found[0]


def all(
    db: Database,
    *,
    state: str | None = None,
    states: Collection[str] | None = None,
    recording_id: int | None = None,
    sorting_id: int | None = None,
    limit: int = 1000,
) -> list[Job]:
    """Jobs in that state (or in one of those states), of that recording and sorting, newest first."""
    wanted = {"state": state, "recording_id": recording_id, "sorting_id": sorting_id}
    chosen = {name: value for name, value in wanted.items() if value is not None}
    conditions = [f"{name} = ?" for name in chosen]
    if states is not None:
        conditions.append(f"state IN ({', '.join('?' * len(states))})")
    where = " AND ".join(conditions) or "1"
    return _select(db, f"{where} ORDER BY id DESC LIMIT ?", [*chosen.values(), *(states or ()), limit])


def active_by_recording(db: Database) -> dict[int, int]:
    """Recording id to its number of active jobs; recordings without any are left out."""
    found = rows(
        db,
        f"""SELECT recording_id, count(*) AS number FROM jobs
        WHERE state IN {ACTIVE} AND recording_id IS NOT NULL GROUP BY recording_id""",
    )
    return {row["recording_id"]: row["number"] for row in found}


def counts(db: Database) -> dict[str, int]:
    """How many are ``queued``, ``running`` (or starting) and ``failed``."""
    found = rows(db, "SELECT state, count(*) AS number FROM jobs GROUP BY state")
    number = {row["state"]: row["number"] for row in found}
    return {
        "queued": number.get("queued", 0),
        "running": number.get("starting", 0) + number.get("running", 0),
        "failed": number.get("failed", 0),
    }


def claim(db: Database, lane: str, started_at: str | None = None) -> Job | None:
    """The oldest queued job of the lane, now starting and nobody else's; None when none waits."""
    with writing(db):
        taken = rows(
            db,
            """UPDATE jobs SET state = 'starting', started_at = ?, why_waiting = NULL WHERE id =
            (SELECT id FROM jobs WHERE state = 'queued' AND lane = ? ORDER BY id LIMIT 1) RETURNING *""",
            [started_at or now(), lane],
        )
    return _job(taken[0]) if taken else None


def move(
    db: Database, job_id: int, from_states: str | Iterable[str], to_state: str, *, at: str | None = None, **fields: Any
) -> bool:
    """Whether the job was in one of `from_states`; then it is in `to_state` now and has the `fields`.

    Raises
    ------
    ValueError
        For a step that no job may take, or a field that is not for the supervisor to write: a mistake of the program.
    """
    before = [from_states] if isinstance(from_states, str) else list(from_states)
    if impossible := [state for state in before if to_state not in NEXT.get(state, ())]:
        raise ValueError(f"No job goes from {' or '.join(impossible)} to {to_state}.")
    if unknown := sorted(set(fields) - _FIELDS):
        raise ValueError(f"Moving a job does not write {', '.join(unknown)}.")
    values = {"state": to_state, **fields}
    if to_state in ENDED:
        values = {"finished_at": at or now(), "why_waiting": None, **values}
    elif to_state == "queued":
        values = {"started_at": None, "pid": None, "progress": None, "stage": "", **values}
    where = f"id = ? AND state IN ({', '.join('?' * len(before))})"
    return update(db, "jobs", where, [job_id, *before], values) == 1


def progress(db: Database, job_id: int, stage: str, fraction: float | None) -> bool:
    """Notes how far a starting or running job is (0 to 1, None for unknown); False when it has ended."""
    part = None if fraction is None else min(1.0, max(0.0, float(fraction)))
    where = "id = ? AND state IN ('starting', 'running')"
    return update(db, "jobs", where, [job_id], {"stage": stage, "progress": part}) == 1


def wait_for(db: Database, job_id: int, why: str | None) -> bool:
    """Notes why a queued job waits; False when it does not wait any more."""
    return update(db, "jobs", "id = ? AND state = 'queued'", [job_id], {"why_waiting": why}) == 1


def request_cancel(db: Database, job_id: int, at: str | None = None) -> Job:
    """A queued job is cancelled at once; of one that runs the supervisor is asked.

    Raises
    ------
    Conflict
        When it has ended already.
    """
    with writing(db):
        job = get(db, job_id)
        if not job.active:
            raise Conflict(f"Job {job_id} cannot be cancelled: it is {job.state} already.")
        _cancel(db, "id = ?", [job_id], at)
        return get(db, job_id)


def cancel_of(db: Database, column: str, value: int) -> None:
    """Asks for the end of all active jobs of a recording or a sorting; `column` says of which of the two."""
    if column not in ("recording_id", "sorting_id"):
        raise ValueError(f"Jobs do not belong to a {column}.")
    _cancel(db, f"{column} = ?", [value], None)


def _cancel(db: Database, where: str, keys: list[Any], at: str | None) -> None:
    with writing(db):
        ended = {"state": "cancelled", "cancel_requested": True, "finished_at": at or now(), "why_waiting": None}
        update(db, "jobs", f"{where} AND state = 'queued'", keys, ended)
        update(db, "jobs", f"{where} AND state IN ('starting', 'running')", keys, {"cancel_requested": True})


def _select(db: Database, where: str, values: Sequence[Any]) -> list[Job]:
    return [_job(row) for row in rows(db, f"SELECT * FROM jobs WHERE {where}", [encode(value) for value in values])]


def _job(row: Mapping[str, Any]) -> Job:
    values = decoded(row, _JSON)
    return Job(**{**values, "cancel_requested": bool(values["cancel_requested"])})
