"""Kills of the program and of its workers at bad moments: states stay true, nothing half is left, retry completes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from labbox_local.jobs import leftovers, processes
from labbox_local.store import jobs, results
from labbox_local.store.workspace import Workspace
from tests.jobs.conftest import PATIENCE_S, Engine, alive, pids_in, until

ROOT = Path(__file__).parents[2]
Owner = subprocess.Popen[str]


@pytest.fixture
def own(workspace: Workspace) -> Iterator[Callable[..., Owner]]:
    """Starts `owner.py` on the workspace; what still runs afterwards is killed."""
    started: list[Owner] = []

    def start(what: str, *words: str) -> Owner:
        command = [sys.executable, str(Path(__file__).with_name("owner.py")), str(workspace.folder), what, *words]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment))
        return started[-1]

    yield start
    for owner in started:
        owner.kill()
        owner.communicate()


def line(owner: Owner) -> str:
    """The next line that the owner says."""
    assert owner.stdout
    said = owner.stdout.readline().strip()
    assert said, f"the owner ended with {owner.wait()}"
    return said


def test_a_killed_program_takes_its_workers_along_with_their_children(
    own: Callable[..., Owner], workspace: Workspace, tmp_path: Path
) -> None:
    owner = own("run", "tree", json.dumps({"pids": str(tmp_path / "pids"), "deaf": True}))
    job_id = int(line(owner))
    children = pids_in(tmp_path / "pids", 3)
    until(lambda: jobs.get(workspace.db, job_id).state == "running", "the job to run")
    worker = int(jobs.get(workspace.db, job_id).pid or 0)
    assert alive(worker)
    owner.kill()
    until(lambda: not any(map(alive, [worker, *children])), "all to be gone")


def test_after_a_kill_the_job_is_lost_and_retry_completes(
    own: Callable[..., Owner], make_engine: Callable[..., Engine], workspace: Workspace, fifo: Callable[[str], Path]
) -> None:
    gate = fifo("gate")
    owner = own("run", "wait", json.dumps({"until": str(gate)}))
    job_id = int(line(owner))
    until(lambda: jobs.get(workspace.db, job_id).state == "running", "the job to run")
    assert (workspace.scratch / str(job_id)).exists()
    owner.kill()
    owner.wait()
    assert jobs.get(workspace.db, job_id).state == "running"
    engine = make_engine()
    lost = jobs.get(workspace.db, job_id)
    assert lost.state == "lost"
    assert lost.error == "The program ended while this job ran, and the job with it."
    again = engine.supervisor.retry(job_id)
    engine.reach(again, "running")
    gate.write_text("go")
    assert engine.ended(again).state == "done"
    assert not list(workspace.scratch.iterdir())


def test_a_kill_between_the_blobs_rename_and_its_row_leaves_no_half_result(
    own: Callable[..., Owner], make_engine: Callable[..., Engine], workspace: Workspace
) -> None:
    owner = own("die_completing", "write", json.dumps({"files": {"a.txt": "content"}}))
    assert owner.wait(PATIENCE_S) == -signal.SIGKILL
    (job,) = jobs.all(workspace.db)
    assert job.state == "running"
    assert len(list(workspace.blobs.root.glob("??/*"))) == 1
    assert results.all(workspace.db) == []
    engine = make_engine()
    assert engine.job(job).state == "lost"
    until(lambda: not list(workspace.blobs.root.glob("??/*")), "the orphan blob to be swept")
    again = engine.ended(engine.supervisor.retry(job.id))
    result = results.get(workspace.db, again.key)
    assert (again.state, engine.workspace.blobs.path(str(result.blob)).is_dir()) == ("done", True)


def test_queued_jobs_of_a_killed_program_run_at_the_next_start(
    own: Callable[..., Owner], make_engine: Callable[..., Engine], workspace: Workspace
) -> None:
    owner = own("run", "wait", "{}")
    first = int(line(owner))
    until(lambda: jobs.get(workspace.db, first).state == "running", "the job to run")
    waiting = make_engine(start=False).supervisor.enqueue("echo", {"from": "elsewhere"})
    until(lambda: jobs.get(workspace.db, waiting.id).why_waiting, "the owner to see it")
    why = jobs.get(workspace.db, waiting.id).why_waiting
    assert why == f"waiting for a free worker: 1 of 1 busy with job {first}"
    owner.kill()
    owner.wait()
    assert make_engine().ended(waiting).state == "done"


def test_two_processes_never_claim_the_same_job(
    own: Callable[..., Owner], make_engine: Callable[..., Engine], workspace: Workspace
) -> None:
    supervisor = make_engine(start=False).supervisor
    wanted = {supervisor.enqueue("echo", {"number": number}).id for number in range(200)}
    owners = [own("claim"), own("claim")]
    assert [line(owner) for owner in owners] == ["ready", "ready"]
    for owner in owners:
        assert owner.stdin
        owner.stdin.write("go\n")
        owner.stdin.flush()
    claimed = [[int(word) for word in owner.communicate(timeout=PATIENCE_S)[0].split()] for owner in owners]
    assert sorted(claimed[0] + claimed[1]) == sorted(wanted)


def test_interactive_workers_die_with_their_program_too(own: Callable[..., Owner]) -> None:
    owner = own("ask")
    worker = int(line(owner))
    assert alive(worker)
    owner.kill()
    until(lambda: not alive(worker), "the worker to be gone")


def test_a_program_that_forgets_to_close_ends_all_the_same(own: Callable[..., Owner]) -> None:
    owner = own("forget")
    workers = [int(line(owner)), int(line(owner))]
    assert owner.wait(PATIENCE_S) == 0
    assert not any(map(alive, workers))


def test_a_worker_that_outlived_its_program_is_ended_at_the_next_start(
    own: Callable[..., Owner], make_engine: Callable[..., Engine], workspace: Workspace
) -> None:
    """The worker is stopped, so that it cannot notice by itself that its program is gone."""
    owner = own("run", "wait", "{}")
    job_id = int(line(owner))
    until(lambda: jobs.get(workspace.db, job_id).state == "running", "the job to run")
    worker = int(jobs.get(workspace.db, job_id).pid or 0)
    os.kill(worker, signal.SIGSTOP)
    owner.kill()
    owner.wait()
    assert alive(worker)
    engine = make_engine()
    until(lambda: not alive(worker), "the worker to be gone")
    assert engine.run("echo").state == "done"


def note(workspace: Workspace, **facts: Any) -> Path:
    """A note as a slot leaves it."""
    notes = workspace.scratch.parent / "workers"
    notes.mkdir(exist_ok=True)
    (notes / "note.json").write_text(json.dumps(facts))
    return notes


@pytest.fixture
def bystander() -> Iterator[psutil.Popen]:
    """A process that has nothing to do with the engine."""
    process = psutil.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_a_later_process_with_the_number_of_a_dead_worker_is_left_alone(
    workspace: Workspace, bystander: psutil.Popen
) -> None:
    notes = note(workspace, pid=bystander.pid, created=bystander.create_time() - 60, owner=1, owner_created=0.0)
    leftovers.end_orphans(notes)
    assert alive(bystander.pid)
    assert not list(notes.iterdir())


def test_workers_of_a_living_program_are_left_alone(workspace: Workspace, bystander: psutil.Popen) -> None:
    me = os.getpid()
    notes = note(
        workspace, pid=bystander.pid, created=bystander.create_time(), owner=me, owner_created=processes.created_at(me)
    )
    assert leftovers.end_orphans(notes) == []
    assert alive(bystander.pid)
    assert list(notes.iterdir())


def test_folders_of_questions_go_with_their_program(workspace: Workspace) -> None:
    asks = workspace.scratch.parent / "asks"
    for owner in (os.getpid(), 2**22 + 1):
        (asks / str(owner) / "7" / "scratch").mkdir(parents=True)
    leftovers.clear_asks(workspace.scratch.parent)
    assert [folder.name for folder in asks.iterdir()] == [str(os.getpid())]


def test_a_note_that_was_cut_short_is_thrown_away(workspace: Workspace) -> None:
    notes = note(workspace)
    (notes / "note.json").write_text('{"pid": 1')
    assert leftovers.end_orphans(notes) == []
    assert not list(notes.iterdir())
