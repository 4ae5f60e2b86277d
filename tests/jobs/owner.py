"""A program that owns a workspace, for tests that kill it: `python owner.py WORKSPACE WHAT ...`."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from labbox_local.jobs.interactive import Interactive
from labbox_local.jobs.supervisor import Supervisor
from labbox_local.store import jobs
from labbox_local.store.workspace import Workspace
from tests.jobs.sample_tasks import TASKS

MODULE = "tests.jobs.sample_tasks"


def run(workspace: Workspace, task: str, params: str) -> None:
    """Own the workspace, queue one job, say its number and wait for its end."""
    supervisor = Supervisor(workspace, completions={}, publish=_nobody, module=MODULE, tasks=TASKS)
    supervisor.start()
    job = supervisor.enqueue(task, json.loads(params))
    print(job.id, flush=True)
    supervisor.wait(job.id)
    supervisor.stop()


def die_completing(workspace: Workspace, task: str, params: str) -> None:
    """Own the workspace, and die after the blob was moved in and before the transaction that names it is over."""

    def complete(db: Any, job: jobs.Job, result: Any) -> None:
        assert result.blob in workspace.blobs
        os.kill(os.getpid(), signal.SIGKILL)

    supervisor = Supervisor(workspace, completions={task: complete}, publish=_nobody, module=MODULE, tasks=TASKS)
    supervisor.start()
    supervisor.wait(supervisor.enqueue(task, json.loads(params)).id)


def claim(workspace: Workspace) -> None:
    """Claim jobs until there are none, and print their numbers; begins when a line comes in."""
    print("ready", flush=True)
    sys.stdin.readline()
    while (job := jobs.claim(workspace.db, "batch")) is not None:
        print(job.id, flush=True)


def ask(workspace: Workspace) -> None:
    """Keep an interactive worker, say its number and wait to be killed."""
    print(Interactive(workspace, module=MODULE).ask("who", {})["pid"], flush=True)
    threading.Event().wait()


def forget(workspace: Workspace) -> None:
    """End without closing anything while a worker is idle and another asks."""
    supervisor = Supervisor(workspace, completions={}, publish=_nobody, module=MODULE, tasks=TASKS)
    supervisor.start()
    print(supervisor.wait(supervisor.enqueue("who", {}).id).pid, flush=True)
    print(Interactive(workspace, module=MODULE).ask("who", {})["pid"], flush=True)


def _nobody(event: str, data: dict[str, Any]) -> None:
    """Listens to no event."""


WHAT: dict[str, Callable[..., None]] = {
    function.__name__: function for function in (run, die_completing, claim, ask, forget)
}

if __name__ == "__main__":
    WHAT[sys.argv[2]](Workspace.open(sys.argv[1]), *sys.argv[3:])
