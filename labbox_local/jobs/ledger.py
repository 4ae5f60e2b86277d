"""What became of the jobs: written into the table by the supervisor's thread, then told to whoever listens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from labbox_local.errors import LabError, Unavailable
from labbox_local.jobs.catalog import TaskInfo, packages_of
from labbox_local.jobs.failures import Failure
from labbox_local.jobs.keys import package_versions
from labbox_local.jobs.messages import Done, Progress
from labbox_local.jobs.plan import info_of
from labbox_local.store import jobs, results
from labbox_local.store.database import Database
from labbox_local.store.jobs import Job
from labbox_local.store.results import Result
from labbox_local.store.workspace import Workspace

Event = tuple[str, dict[str, Any]]
# Runs inside the transaction that writes the result; may enqueue what follows; may give events to be published after.
Completion = Callable[[Database, Job, Result], Iterable[Event] | None]
Publish = Callable[[str, dict[str, Any]], None]
ALIVE = ("starting", "running")
EVERY = 1_000_000
CLOSED = "The program was closed while this job ran."
CRASHED = "The program ended while this job ran, and the job with it."


class Ledger:
    """Each step of a job is one compare-and-swap in the table, then an event; one that comes late changes nothing."""

    def __init__(
        self,
        workspace: Workspace,
        tasks: Mapping[str, TaskInfo],
        completions: Mapping[str, Completion],
        publish: Publish,
    ) -> None:
        self._workspace = workspace
        self._tasks = tasks
        self._completions = completions
        self._publish = publish
        self._counts: dict[str, int] = {}

    def folder(self, number: int) -> Path:
        """Where the job's worker writes."""
        return self._workspace.scratch / str(number)

    def begun(self, number: int, pid: int) -> None:
        """The job's function is being called."""
        if jobs.move(self._workspace.db, number, "starting", "running", pid=pid):
            self.changed(number)

    def progressed(self, progress: Progress) -> None:
        """How far the job is."""
        if jobs.progress(self._workspace.db, progress.number, progress.stage, progress.fraction):
            self._publish("job", {"id": progress.number})

    def done(self, done: Done) -> None:
        """Keep the result: the blob by one rename, then its row, the job's state and what follows in one transaction.

        Raises
        ------
        Exception
            Whatever the disk, the database or the task's completion refuses; nothing is written then.
        """
        with self._workspace.transaction() as db:
            job = jobs.get(db, done.number)
            events: list[Event] = []
            if job.cancel_requested:
                jobs.move(db, job.id, ALIVE, "cancelled")
            elif job.active:
                jobs.move(db, job.id, "starting", "running")  # when the disk was too full to note its beginning
                events = self._complete(db, job, self._put(db, job, done))
        self.clear(done.number)
        self._tell(done.number, events)

    def known(self, job: Job) -> bool:
        """Whether the result of this job, which was just claimed, exists already; then the job is done."""
        with self._workspace.transaction() as db:
            result = results.get_or_none(db, job.key)
            if result is None or (result.blob is not None and result.blob not in self._workspace.blobs):
                return False
            jobs.move(db, job.id, "starting", "running", stage="the result was there already")
            events = self._complete(db, job, result)
        self._tell(job.id, events)
        return True

    def failed(self, number: int, failure: Failure, exit_code: int | None = None) -> None:
        """The job ended with an error; what it had written is gone before the row says so."""
        self.clear(number)
        jobs.move(
            self._workspace.db, number, ALIVE, "failed",
            error=failure.sentence, hint=failure.hint or None, traceback=failure.traceback or None, exit_code=exit_code,
        )  # fmt: skip
        self.changed(number)

    def cancelled(self, number: int) -> None:
        """The job was ended on request."""
        self.clear(number)
        jobs.move(self._workspace.db, number, ALIVE, "cancelled")
        self.changed(number)

    def lost(self, sentence: str) -> list[int]:
        """All jobs that count as running are lost: nobody works on them. Their numbers."""
        numbers = [job.id for job in jobs.all(self._workspace.db, states=ALIVE, limit=EVERY)]
        for number in numbers:
            jobs.move(self._workspace.db, number, ALIVE, "lost", error=sentence, hint="Retry it.")
            self.clear(number)
            self.changed(number)
        return numbers

    def waits(self, job: Job, why: str) -> None:
        """Say why a queued job waits."""
        if job.why_waiting != why and jobs.wait_for(self._workspace.db, job.id, why):
            self._publish("job", {"id": job.id})

    def clear(self, number: int) -> None:
        """Remove all that the job has written outside its log."""
        shutil.rmtree(self.folder(number), ignore_errors=True)

    def changed(self, number: int) -> None:
        """Tell that a job's row is new or another one."""
        self._publish("job", {"id": number})
        self.count()

    def count(self) -> None:
        """Tell how many jobs wait, run and have failed, if that has changed."""
        counts = jobs.counts(self._workspace.db)
        if counts != self._counts:
            self._counts = counts
            self._publish("jobs", dict(counts))

    def _put(self, db: Database, job: Job, done: Done) -> Result:
        if done.digest is not None:
            self._workspace.blobs.adopt(self.folder(job.id) / "output", done.digest)
        info = info_of(job.task, self._tasks)
        result = results.put(
            db, key=job.key, task=job.task, version=info.version, params=job.params, blob=done.digest,
            summary=_summary(done), seconds=done.seconds, size_bytes=done.size_bytes,
            packages=package_versions(packages_of(info, job.params)),
        )  # fmt: skip
        if result.blob is not None and result.blob not in self._workspace.blobs:
            raise Unavailable(
                "The files of an earlier result of the same work are gone, and this run gave others.",
                "Delete what was made from the earlier result, then retry.",
            )
        return result

    def _complete(self, db: Database, job: Job, result: Result) -> list[Event]:
        complete = self._completions.get(job.task)
        events = list(complete(db, job, result) or ()) if complete else []
        jobs.move(db, job.id, "running", "done", progress=1.0)
        return events

    def _tell(self, number: int, events: list[Event]) -> None:
        self.changed(number)
        for event, data in events:
            self._publish(event, data)


def _summary(done: Done) -> dict[str, Any]:
    summary = json.loads(done.answer)
    if not isinstance(summary, dict):
        raise LabError(f"A batch task gives a dict as its summary, not {type(summary).__name__}.")
    return summary
