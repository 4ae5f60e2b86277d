"""A running engine with sample tasks, and ways to wait for what it does."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from labbox_local.jobs.interactive import Interactive
from labbox_local.jobs.supervisor import Supervisor
from labbox_local.store import jobs
from labbox_local.store.jobs import Job
from labbox_local.store.workspace import Workspace
from tests.jobs.sample_tasks import TASKS

MODULE = "tests.jobs.sample_tasks"
PATIENCE_S = 30.0


def until(condition: Callable[[], Any], what: str = "the condition", timeout_s: float = PATIENCE_S) -> Any:
    """The first true value of `condition`, which is asked again and again."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while not (value := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"Waited {timeout_s:g} s for {what} in vain.")
        pause.wait(0.01)
    return value


def alive(pid: int) -> bool:
    """Whether the process runs and is no zombie."""
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def pids_in(path: Path, count: int) -> list[int]:
    """The numbers in a file, once there are that many."""

    def enough() -> list[int]:
        lines = path.read_text().splitlines() if path.exists() else []
        return [int(line) for line in lines] if len(lines) >= count else []

    found: list[int] = until(enough, f"{count} pids in {path.name}")
    return found


@dataclass
class Engine:
    """A workspace with a running supervisor, and the events that it published."""

    workspace: Workspace
    supervisor: Supervisor
    completions: dict[str, Any]
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def run(self, task: str, **params: Any) -> Job:
        """Queue a job and wait for its end."""
        return self.ended(self.supervisor.enqueue(task, params))

    def ended(self, job: Job, timeout: float = PATIENCE_S) -> Job:
        """The job at its end."""
        return self.supervisor.wait(job.id, timeout)

    def job(self, job: Job) -> Job:
        """The job as it stands."""
        return jobs.get(self.workspace.db, job.id)

    def reach(self, job: Job, state: str) -> Job:
        """The job once it is in that state."""
        until(lambda: self.job(job).state == state, f"job {job.id} to be {state}; it is {self.job(job)}")
        return self.job(job)

    def log(self, job: Job) -> str:
        """All that the job has printed."""
        path = self.workspace.log_path(job.id)
        return path.read_text() if path.exists() else ""

    def scratch(self, job: Job) -> Path:
        """The folder of the job."""
        return self.workspace.scratch / str(job.id)


@pytest.fixture
def make_engine(workspace: Workspace) -> Iterator[Callable[..., Engine]]:
    """Starts supervisors on the workspace; all are stopped afterwards."""
    made: list[Engine] = []

    def make(start: bool = True, **options: Any) -> Engine:
        completions: dict[str, Any] = {}
        events: list[tuple[str, dict[str, Any]]] = []
        settings = {"module": MODULE, "tasks": TASKS, **options}
        supervisor = Supervisor(
            workspace, completions=completions, publish=lambda event, data: events.append((event, data)), **settings
        )
        made.append(Engine(workspace, supervisor, completions, events))
        if start:
            supervisor.start()
        return made[-1]

    yield make
    for engine in made:
        engine.supervisor.stop()


@pytest.fixture
def engine(make_engine: Callable[..., Engine]) -> Engine:
    """One running supervisor."""
    return make_engine()


@pytest.fixture
def make_interactive(workspace: Workspace) -> Iterator[Callable[..., Interactive]]:
    """Starts interactive lanes on the workspace; all are closed afterwards."""
    made: list[Interactive] = []

    def make(**options: Any) -> Interactive:
        made.append(Interactive(workspace, module=MODULE, **options))
        return made[-1]

    yield make
    for interactive in made:
        interactive.close()


@pytest.fixture
def fifo(tmp_path: Path) -> Callable[[str], Path]:
    """Makes named pipes: a task that reads one waits until the test writes to it."""

    def make(name: str) -> Path:
        os.mkfifo(tmp_path / name)
        return tmp_path / name

    return make
