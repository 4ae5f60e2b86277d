"""The jobs: what runs, waits, failed; one job with its log; cancel and retry."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from labbox_local.services.tools import Tools
from labbox_local.store import jobs, recordings, results, sortings
from labbox_local.store.jobs import ACTIVE, ENDED, Job
from labbox_local.store.logs import LogChunk, tail
from labbox_local.store.recordings import Recording
from labbox_local.store.sortings import Sorting

Noun = TypeVar("Noun", Recording, Sorting)
FILTERS: Mapping[str, tuple[str, ...]] = {
    "": (*ACTIVE, *ENDED),
    "active": ACTIVE,
    "done": ("done",),
    "failed": ("failed", "lost"),
    "cancelled": ("cancelled",),
}


@dataclass(frozen=True)
class JobsPage:
    """The newest jobs of the chosen filter, and how many stand in each state."""

    jobs: Sequence[Job]
    chosen: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class JobPage:
    """One job, what it works on, what came of it, and the command line that asks for the same."""

    job: Job
    recording: Recording | None
    sorting: Sorting | None
    made: Sequence[Sorting]
    result: results.Result | None
    command: str
    log: LogChunk
    log_path: str
    can_cancel: bool
    can_retry: bool


def page(tools: Tools, chosen: str = "", limit: int = 200) -> JobsPage:
    """The newest `limit` jobs whose state the filter `chosen` names."""
    db = tools.workspace.db
    states = FILTERS.get(chosen, FILTERS[""])
    return JobsPage(jobs=jobs.all(db, states=states, limit=limit), chosen=chosen, counts=jobs.counts(db))


def job_page(tools: Tools, job_id: int) -> JobPage:
    """All that is known of one job."""
    db = tools.workspace.db
    job = jobs.get(db, job_id)
    path = tools.workspace.log_path(job_id)
    result = results.get_or_none(db, job.key) if job.state == "done" else None
    sorting = _or_none(sortings.all(db), job.sorting_id)
    return JobPage(
        job=job,
        recording=_or_none(recordings.all(db), job.recording_id),
        sorting=sorting,
        made=[known for known in sortings.all(db) if result and known.result_key == result.key],
        result=result,
        command=command(job),
        log=tail(path, 0),
        log_path=str(path),
        can_cancel=job.state in ACTIVE,
        can_retry=job.state in ("failed", "cancelled", "lost"),
    )


def counts(tools: Tools) -> Mapping[str, int]:
    """How many jobs are queued, running and failed."""
    return jobs.counts(tools.workspace.db)


def log(tools: Tools, job_id: int, offset: int = 0) -> LogChunk:
    """The job's log from a byte offset on."""
    jobs.get(tools.workspace.db, job_id)
    return tail(tools.workspace.log_path(job_id), offset)


def cancel(tools: Tools, job_id: int) -> Job:
    """Ask for the end of a job; its whole process tree goes."""
    tools.supervisor.cancel(job_id)
    return jobs.get(tools.workspace.db, job_id)


def retry(tools: Tools, job_id: int) -> Job:
    """Queue a job again that failed, was cancelled or lost."""
    return tools.supervisor.retry(job_id)


def command(job: Job) -> str:
    """The command line that asks for the same; empty where only the program itself asks for it."""
    params: Mapping[str, Any] = job.params
    if job.task == "sort":
        changed = (job.on_done or {}).get("params_changed", {})
        words = ["labbox-local", "sort", str(job.recording_id), "--sorter", params["sorter"]]
        return shlex.join([*words, *(word for name, value in changed.items() for word in ("-p", f"{name}={value}"))])
    if job.task == "import_sorting":
        words = ["labbox-local", "import", params["path"], "--sorting", "--format", params["format"]]
        return shlex.join([*words, *(["--recording", str(job.recording_id)] if job.recording_id else [])])
    return ""


def _or_none(known: Sequence[Noun], wanted: int | None) -> Noun | None:
    return next((item for item in known if item.id == wanted), None)
