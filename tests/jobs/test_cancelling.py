"""Cancelling: the whole process tree goes, whatever it thinks of it, and only then is the job cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from labbox_local.errors import Conflict
from labbox_local.store import jobs, results
from tests.jobs.conftest import Engine, alive, pids_in, until

LIMIT_S = 10.0


@pytest.mark.parametrize("deaf", [False, True])
def test_cancel_ends_the_whole_tree_within_ten_seconds(engine: Engine, tmp_path: Path, deaf: bool) -> None:
    job = engine.supervisor.enqueue("tree", {"pids": str(tmp_path / "pids"), "deaf": deaf})
    pids = [*pids_in(tmp_path / "pids", 3), int(engine.reach(job, "running").pid or 0)]
    assert all(alive(pid) for pid in pids)
    begun = time.monotonic()
    engine.supervisor.cancel(job.id)
    states = dict.fromkeys(pids, True)

    def over() -> bool:
        now = engine.job(job).state  # read before the processes are looked at: cancelled must mean that all are gone
        states.update({pid: alive(pid) for pid in pids})
        assert now == "running" or not any(states.values())
        return now == "cancelled"

    until(over, "the job to be cancelled")
    assert time.monotonic() - begun < LIMIT_S
    assert not engine.scratch(job).exists()
    assert engine.job(job).error is None
    assert ("I heard it and go on" in engine.log(job)) == deaf
    assert engine.run("who").pid != pids[-1]


def test_the_supervisor_goes_on_with_other_jobs_meanwhile(make_engine: Callable[..., Engine], tmp_path: Path) -> None:
    engine = make_engine(slots=2)
    job = engine.supervisor.enqueue("tree", {"pids": str(tmp_path / "pids"), "deaf": True})
    pids_in(tmp_path / "pids", 3)
    engine.supervisor.cancel(job.id)
    assert engine.run("echo").state == "done"
    assert engine.job(job).state == "running"
    engine.reach(job, "cancelled")


def test_a_job_that_heeds_the_interrupt_ends_without_a_signal_more(engine: Engine, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    job = engine.supervisor.enqueue("heed", {"heard": str(heard)})
    until(lambda: "waiting" in engine.log(job), "the task to wait")
    engine.supervisor.cancel(job.id)
    engine.reach(job, "cancelled")
    assert heard.read_text() == "True"
    assert results.get_or_none(engine.workspace.db, job.key) is None


def test_shared_memory_is_freed_with_the_job_and_not_with_the_program(engine: Engine, tmp_path: Path) -> None:
    name = tmp_path / "name"
    job = engine.supervisor.enqueue("share", {"name": str(name)})
    memory = Path("/dev/shm") / until(lambda: name.exists() and name.read_text(), "the memory's name")
    assert memory.exists()
    engine.supervisor.cancel(job.id)
    engine.reach(job, "cancelled")
    assert not memory.exists()


def test_a_queued_job_is_cancelled_at_once(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(start=False)
    job = engine.supervisor.enqueue("echo", {})
    assert engine.supervisor.cancel(job.id).state == "cancelled"


def test_a_cancelled_job_that_waited_never_runs(engine: Engine) -> None:
    first = engine.supervisor.enqueue("wait", {"n": 1})
    second = engine.supervisor.enqueue("wait", {"n": 2})
    engine.reach(first, "running")
    engine.supervisor.cancel(second.id)
    engine.supervisor.cancel(first.id)
    assert engine.ended(first).state == engine.ended(second).state == "cancelled"
    assert engine.run("echo").state == "done"
    assert engine.log(second) == ""


def test_an_ended_job_cannot_be_cancelled(engine: Engine) -> None:
    with pytest.raises(Conflict, match="done already"):
        engine.supervisor.cancel(engine.run("echo").id)


def test_another_process_can_cancel_by_the_table_alone(engine: Engine) -> None:
    job = engine.supervisor.enqueue("wait", {})
    engine.reach(job, "running")
    jobs.request_cancel(engine.workspace.db, job.id)
    assert engine.ended(job).state == "cancelled"


def test_a_cancelled_job_can_be_retried(engine: Engine, fifo: Callable[[str], Path]) -> None:
    gate = fifo("gate")
    job = engine.supervisor.enqueue("wait", {"until": str(gate)})
    engine.reach(job, "running")
    engine.supervisor.cancel(job.id)
    engine.reach(job, "cancelled")
    again = engine.supervisor.retry(job.id)
    engine.reach(again, "running")
    gate.write_text("go")
    assert engine.ended(again).state == "done"


def test_stopping_the_program_ends_the_tree_and_the_job_is_lost(
    make_engine: Callable[..., Engine], tmp_path: Path
) -> None:
    engine = make_engine()
    job = engine.supervisor.enqueue("tree", {"pids": str(tmp_path / "pids"), "deaf": True})
    pids = pids_in(tmp_path / "pids", 3)
    engine.reach(job, "running")
    engine.supervisor.stop()
    assert not any(psutil.pid_exists(pid) and alive(pid) for pid in pids)
    assert engine.job(job).state == "lost"
    assert engine.job(job).error == "The program was closed while this job ran."
    assert not engine.scratch(job).exists()
