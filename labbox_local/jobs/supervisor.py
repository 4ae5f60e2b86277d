"""The batch lane: one thread that claims queued jobs, has them run, and writes down what became of them."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import wait as wait_any
from pathlib import Path
from typing import Any

from labbox_local.errors import Conflict, Unavailable
from labbox_local.jobs import leftovers, plan
from labbox_local.jobs.catalog import TASKS, TaskInfo
from labbox_local.jobs.failures import describe
from labbox_local.jobs.ledger import ALIVE, CLOSED, CRASHED, EVERY, Completion, Ledger, Publish
from labbox_local.jobs.local import LocalPool
from labbox_local.jobs.messages import TASKS_MODULE, Cancelled, Done, Failed, Order, Progress, Setup, Started
from labbox_local.jobs.resource import Happening, Resource
from labbox_local.jobs.slot import Slot
from labbox_local.store import jobs, results
from labbox_local.store.database import Database
from labbox_local.store.jobs import Job
from labbox_local.store.workspace import Workspace

LOOK_S = 0.5
PROGRESS_S = 0.25
PRESS_S = 0.05
RETRIABLE = ("failed", "cancelled", "lost")


class Supervisor:
    """Runs the batch jobs of a workspace that this process owns, and queues jobs for whoever owns it.

    The table of jobs is the truth; the bell only makes the thread look at once instead of within half a second, which
    is how it meets the wishes of other processes. After `start` its thread is the only writer of jobs that run.

    Parameters
    ----------
    completions : mapping
        Task name to a function of (database, job, result) that is called in the transaction that writes the result.
    publish : callable
        Called from any thread with an event and its data: ``"job"`` and ``"log"`` with the ``id`` of a job that
        changed or whose log grew, ``"jobs"`` with the counts, and what completions give back.
    slots, cores, recycle_after : int
        How many jobs run at a time, the cores that each may use, and how many one worker process serves in its life.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        completions: Mapping[str, Completion],
        publish: Publish,
        slots: int = 1,
        cores: int = 1,
        recycle_after: int = 20,
        module: str = TASKS_MODULE,
        tasks: Mapping[str, TaskInfo] = TASKS,
    ) -> None:
        self._workspace = workspace
        self._tasks = tasks
        self._publish = publish
        self._cores = cores
        self._notes = workspace.scratch.parent / "workers"
        self._ledger = Ledger(workspace, tasks, completions, self.tell)
        growing = str(workspace.growing)
        setup = Setup(module, str(workspace.blobs.root), str(workspace.logs / "worker.log"), growing=growing)
        self._pool: Resource = LocalPool(
            lambda name: Slot(name, setup, self._notes), slots, core_count(), recycle_after
        )
        self._bell_end, self._bell = Pipe(duplex=False)
        self._bell_lock = threading.Lock()
        self._rung = False
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._next_look_s = 0.0
        self._seen = 0
        self._progress: dict[int, Progress] = {}
        self._next_progress_s = 0.0
        self._log_sizes: dict[int, int] = {}
        self._unwritten: list[Callable[[], None]] = []

    # What anybody may ask, from any thread

    def start(self) -> None:
        """Begin to run jobs; only for the process that owns the workspace. Jobs of a process that died become lost."""
        self._ledger.lost(CRASHED)
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all workers with all that they started; jobs that ran become lost and can be retried."""
        self._stopping.set()
        self.ring()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def key(self, task: str, params: Mapping[str, Any], inputs: Sequence[Any] = ()) -> str:
        """The key under which the result of such a job is or will be found."""
        return plan.key_of(task, params, inputs, self._tasks)

    def enqueue(
        self,
        task: str,
        params: Mapping[str, Any],
        *,
        title: str = "",
        inputs: Sequence[Any] = (),
        recording_id: int | None = None,
        sorting_id: int | None = None,
        on_done: Mapping[str, Any] | None = None,
        needs: Sequence[str] = (),
        db: Database | None = None,
    ) -> Job:
        """Queue a job, or find the active one that does the very same.

        Parameters
        ----------
        inputs : sequence
            JSON that tells the state of what the task reads besides its parameters, such as fingerprints of files.
        on_done : mapping, optional
            What the task's completion is given to go by; no part of the key.
        needs : sequence of str
            Keys of results that must stay until the job has ended.
        db : Database, optional
            With a transaction open that the job is to be part of; then `ring` after it is committed.

        Raises
        ------
        TypeError
            If the parameters do not survive JSON.
        """
        row = plan.row_of(
            task, params, title=title, inputs=inputs, recording_id=recording_id, sorting_id=sorting_id,
            on_done=on_done, needs=needs, tasks=self._tasks,
        )  # fmt: skip
        job, _ = jobs.enqueue(db or self._workspace.db, **row)
        if db is None:
            self._tell_job(job.id)
        return job

    def cancel(self, job_id: int) -> Job:
        """End a job: at once while it waits, with its whole process tree within seconds while it runs.

        Raises
        ------
        Conflict
            If it has ended already.
        """
        job = jobs.request_cancel(self._workspace.db, job_id)
        self._tell_job(job_id)
        return job

    def retry(self, job_id: int) -> Job:
        """Queue the same work again. Raises Conflict for a job that waits, runs or is done."""
        db = self._workspace.db
        old = jobs.get(db, job_id)
        if old.state not in RETRIABLE:
            raise Conflict(f"Job {job_id} is {old.state}; only one that failed, was cancelled or lost can be retried.")
        job, _ = jobs.enqueue(
            db, task=old.task, lane=old.lane, title=old.title, params=old.params, key=old.key,
            recording_id=old.recording_id, sorting_id=old.sorting_id, on_done=old.on_done, needs=old.needs,
            retry_of=old.id,
        )  # fmt: skip
        self._tell_job(job.id)
        return job

    def wait(self, job_id: int, timeout: float | None = None, on_progress: Callable[[Job], None] | None = None) -> Job:
        """The job once it has ended, however it ended; `on_progress` sees each state of its row that is met on the way.

        Raises
        ------
        Unavailable
            After `timeout` seconds.
        """
        deadline_s = None if timeout is None else time.monotonic() + timeout
        seen: Job | None = None
        while (job := jobs.get(self._workspace.db, job_id)).active:
            if on_progress is not None and job != seen:
                on_progress(job)
            if deadline_s is not None and time.monotonic() >= deadline_s:
                raise Unavailable(f"Job {job_id} has not ended within {timeout:g} s; it is {job.state}.")
            seen = job
            with self._changed:
                self._changed.wait(PROGRESS_S)
        return job

    def ring(self) -> None:
        """Make the supervisor look at the table now."""
        with self._bell_lock:
            if not self._rung:
                self._rung = True
                self._bell.send_bytes(b"!")

    def tell(self, event: str, data: dict[str, Any]) -> None:
        """Publish an event; a listener that fails is noted in the log and harms nobody."""
        try:
            self._publish(event, data)
        except Exception:
            self._note_error()
        with self._changed:
            self._changed.notify_all()

    def _tell_job(self, job_id: int) -> None:
        self.ring()
        self._ledger.changed(job_id)

    # What only the supervisor's thread does

    def _run(self) -> None:
        self._guarded(self._tidy)
        while not self._stopping.is_set():
            if not self._guarded(self._round):
                self._stopping.wait(LOOK_S)  # what fails at once would otherwise fail all the time
            if not self._stopping.is_set():  # asked again: the round may have answered the bell that came with it
                wait_any([self._bell_end, *self._pool.waitables()], self._patience_s())
        self._guarded(self._close)

    def _tidy(self) -> None:
        """Clear what a killed run of the program has left: workers, scratch folders, blobs without a row."""
        leftovers.end_orphans(self._notes)
        leftovers.clear_asks(self._workspace.scratch.parent)
        for folder in self._workspace.scratch.iterdir():
            shutil.rmtree(folder, ignore_errors=True)
        self._sweep()

    def _sweep(self) -> None:
        results.sweep(self._workspace)

    def _round(self) -> None:
        now = time.monotonic()
        for happening in self._pool.reports(now):
            self._handle(happening)
        if self._answered_bell() or now >= self._next_look_s:
            self._next_look_s = now + LOOK_S
            self._write_again()
            self._look()
        if now >= self._next_progress_s:
            self._next_progress_s = now + PROGRESS_S
            self._write_progress()
            self._watch_logs()

    def _patience_s(self) -> float:
        if self._pool.pending():
            return PRESS_S
        return PROGRESS_S if self._progress else LOOK_S

    def _handle(self, happening: Happening) -> None:
        number = happening.number
        if isinstance(happening, Progress):
            self._progress[number] = happening
            return
        if isinstance(happening, Started):
            self._write(lambda: self._ledger.begun(number, happening.pid))
            self._log_sizes[number] = 0
            return
        self._progress.pop(number, None)
        self._watch_logs()
        self._log_sizes.pop(number, None)
        self._next_look_s = 0.0
        if isinstance(happening, Done):
            self._finish(happening)
        elif isinstance(happening, Cancelled):
            self._write(lambda: self._ledger.cancelled(number))
        else:
            exit_code = None if isinstance(happening, Failed) else happening.exit_code
            self._write(lambda: self._ledger.failed(number, happening.failure, exit_code))

    def _finish(self, done: Done) -> None:
        try:
            self._ledger.done(done)
        except Exception as error:
            failure = describe(error)
            self._note_error()
            self._write(lambda: self._ledger.failed(done.number, failure))
            self._guarded(self._sweep)  # the blob, if it was the row that found no room

    def _look(self) -> None:
        db = self._workspace.db
        for job in jobs.all(db, states=ALIVE, limit=EVERY):
            if job.cancel_requested:
                self._pool.cancel(job.id)
        for job in (queue := self._queue()):
            if job.id > self._seen:
                self._seen = job.id
                self._ledger.changed(job.id)
        while queue and self._pool.obstacle(self._cores_of(queue[0])) is None:
            self._claim()
            queue = self._queue()
        for job in queue:
            self._ledger.waits(job, f"waiting for {self._pool.obstacle(self._cores_of(job)) or 'its turn'}")
        self._ledger.count()

    def _queue(self) -> list[Job]:
        waiting = jobs.all(self._workspace.db, state="queued", limit=EVERY)
        return [job for job in reversed(waiting) if job.lane == "batch"]

    def _claim(self) -> None:
        job = jobs.claim(self._workspace.db, "batch")
        if job is None:
            return
        self._ledger.changed(job.id)
        try:
            if self._pool.obstacle(self._cores_of(job)) is not None:
                jobs.move(self._workspace.db, job.id, "starting", "queued")
            elif not self._ledger.known(job):
                self._pool.start(self._order(job))
        except Exception as error:
            failure = describe(error)
            self._write(lambda: self._ledger.failed(job.id, failure))

    def _order(self, job: Job) -> Order:
        folder = self._ledger.folder(job.id)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        log = str(self._workspace.log_path(job.id))
        return Order(job.id, job.task, job.params, str(folder), log, self._cores_of(job))

    def _cores_of(self, job: Job) -> int:
        info = self._tasks.get(job.task)
        return min(self._cores, core_count()) if info and info.parallel else 1

    def _write_progress(self) -> None:
        for progress in list(self._progress.values()):
            del self._progress[progress.number]
            self._ledger.progressed(progress)

    def _watch_logs(self) -> None:
        for number, size in self._log_sizes.items():
            if (now := _size(self._workspace.log_path(number))) != size:
                self._log_sizes[number] = now
                self.tell("log", {"id": number})

    def _write(self, step: Callable[[], None], again: bool = False) -> None:
        """Write how a job stands; if the disk refuses, again and again until it does not."""
        try:
            step()
        except Exception:
            if not again:
                self._note_error()
            self._unwritten.append(step)

    def _write_again(self) -> None:
        steps, self._unwritten = self._unwritten, []
        for step in steps:
            self._write(step, again=True)

    def _answered_bell(self) -> bool:
        with self._bell_lock:
            rung, self._rung = self._rung, False
            if rung:
                self._bell_end.recv_bytes()
            return rung

    def _close(self) -> None:
        self._pool.begin_close(time.monotonic())
        while not self._pool.closed(time.monotonic()):
            wait_any(self._pool.waitables(), PRESS_S)
        self._ledger.lost(CLOSED)

    def _guarded(self, step: Callable[[], None]) -> bool:
        """Do a step of the loop and tell whether it worked; whatever goes wrong is noted, and the loop goes on."""
        try:
            step()
        except Exception:
            self._note_error()
            return False
        return True

    def _note_error(self) -> None:
        text = traceback.format_exc()
        try:
            with (self._workspace.logs / "supervisor.log").open("a", encoding="utf-8") as log:
                log.write(text)
        except OSError:
            print(text, file=sys.stderr)


def core_count() -> int:
    """The cores that this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
