"""What is queued, when it starts and why it waits; completions; results that exist already."""

from __future__ import annotations

import itertools
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labbox_local.errors import Conflict, Invalid, NotFound, Unavailable
from labbox_local.jobs.plan import row_of
from labbox_local.store import jobs, recordings, results
from labbox_local.store.results import Result
from tests.jobs.conftest import Engine, until
from tests.jobs.sample_tasks import TASKS


def test_asking_twice_for_the_same_work_is_one_job(engine: Engine, fifo: Callable[[str], Path]) -> None:
    gate = fifo("gate")
    first = engine.supervisor.enqueue("wait", {"until": str(gate)})
    engine.reach(first, "running")
    second = engine.supervisor.enqueue("wait", {"until": str(gate)})
    assert second.id == first.id
    gate.write_text("go")
    engine.ended(first)


def test_two_clicks_at_the_same_moment_are_one_job(engine: Engine) -> None:
    barrier = threading.Barrier(8)
    ids: list[int] = []

    def click() -> None:
        barrier.wait()
        ids.append(engine.supervisor.enqueue("wait", {}).id)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1
    engine.supervisor.cancel(ids[0])


def test_other_inputs_are_another_job(make_engine: Callable[..., Engine]) -> None:
    supervisor = make_engine(start=False).supervisor
    made = [supervisor.enqueue("echo", {}, inputs=inputs) for inputs in ((), ("a",), ("b",), (None,), ({"size": 1},))]
    assert len({job.id for job in made}) == len({job.key for job in made}) == 5
    assert supervisor.key("echo", {}, ("a",)) == made[1].key


@pytest.mark.parametrize(
    "params",
    [{"pair": (1, 2)}, {"names": {1: "a"}}, {"x": float("nan")}, {"path": Path("/")}, {"data": b"x"}],
    ids=["tuple", "number as name", "nan", "path", "bytes"],
)
def test_params_that_do_not_survive_json_are_refused(engine: Engine, params: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="JSON"):
        engine.supervisor.enqueue("echo", params)
    assert jobs.all(engine.workspace.db) == []


def test_an_unknown_task_is_refused(engine: Engine) -> None:
    with pytest.raises(NotFound, match="“nothing”"):
        engine.supervisor.enqueue("nothing", {})


def test_jobs_run_in_the_order_they_were_queued(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(start=False)
    queued = [engine.supervisor.enqueue("echo", {"number": number}) for number in range(5)]
    engine.supervisor.start()
    ended = [engine.ended(job) for job in queued]
    assert [job.state for job in ended] == ["done"] * 5
    assert [job.finished_at for job in ended] == sorted(str(job.finished_at) for job in ended)


def test_a_waiting_job_says_what_it_waits_for(engine: Engine, fifo: Callable[[str], Path]) -> None:
    gate = fifo("gate")
    first = engine.supervisor.enqueue("wait", {"until": str(gate)})
    engine.reach(first, "running")
    second = engine.supervisor.enqueue("echo", {})
    until(lambda: engine.job(second).why_waiting, "the reason")
    why = engine.job(second).why_waiting
    assert why == f"waiting for a free worker: 1 of 1 busy with job {first.id}"
    gate.write_text("go")
    assert engine.ended(second).why_waiting is None


def test_two_slots_run_two_jobs_at_a_time(make_engine: Callable[..., Engine], fifo: Callable[[str], Path]) -> None:
    engine = make_engine(slots=2)
    gates = [fifo("one"), fifo("two")]
    running = [engine.supervisor.enqueue("wait", {"until": str(gate)}) for gate in gates]
    third = engine.supervisor.enqueue("echo", {})
    assert len({engine.reach(job, "running").pid for job in running}) == 2
    until(lambda: engine.job(third).why_waiting, "the reason")
    why = str(engine.job(third).why_waiting)
    assert why == f"waiting for a free worker: 2 of 2 busy with jobs {running[0].id}, {running[1].id}"
    for gate in gates:
        gate.write_text("go")
    assert {engine.ended(job).state for job in (*running, third)} == {"done"}


def test_jobs_of_another_process_are_seen_without_a_bell(make_engine: Callable[..., Engine], engine: Engine) -> None:
    elsewhere = make_engine(start=False)
    job = elsewhere.supervisor.enqueue("echo", {"from": "elsewhere"})
    assert elsewhere.ended(job).state == "done"
    assert ("job", {"id": job.id}) in engine.events


def test_counts_are_told_when_they_change(engine: Engine) -> None:
    engine.run("fail")
    until(lambda: ("jobs", {"queued": 0, "running": 0, "failed": 1}) in engine.events, "the last count")
    counts = [data for event, data in engine.events if event == "jobs"]
    assert all(before != after for before, after in itertools.pairwise(counts))


def test_a_completion_runs_in_the_transaction_that_writes_the_result(engine: Engine) -> None:
    def complete(db: Any, job: jobs.Job, result: Result) -> list[tuple[str, dict[str, Any]]]:
        assert db.conn.in_transaction
        assert result.blob in engine.workspace.blobs
        follow_up, created = jobs.enqueue(db, **row_of("echo", {"after": job.id}, tasks=TASKS))
        assert created
        return [("library", {"made": follow_up.id, "for": job.on_done})]

    engine.completions["write"] = complete
    first = engine.supervisor.enqueue("write", {"files": {"a": "a"}}, on_done={"name": "x"})
    engine.ended(first)
    second = next(job for job in jobs.all(engine.workspace.db) if job.task == "echo")
    assert engine.ended(second).state == "done"
    assert ("library", {"made": second.id, "for": {"name": "x"}}) in engine.events


def test_a_completion_that_fails_fails_the_job_and_writes_nothing(engine: Engine) -> None:
    def complete(db: Any, job: jobs.Job, result: Result) -> None:
        jobs.enqueue(db, **row_of("echo", {"after": job.id}, tasks=TASKS))
        raise Invalid({"name": "is taken"})

    engine.completions["write"] = complete
    job = engine.run("write", files={"a": "a"})
    assert (job.state, job.error) == ("failed", "name: is taken")
    assert results.all(engine.workspace.db) == []
    assert [job.task for job in jobs.all(engine.workspace.db)] == ["write"]
    until(lambda: not list(engine.workspace.blobs.root.glob("??/*")), "the blob to be swept")
    assert not engine.scratch(job).exists()


def test_a_database_without_room_fails_the_job_with_a_sentence(engine: Engine) -> None:
    def complete(db: Any, job: jobs.Job, result: Result) -> None:
        pages = db.conn.execute("PRAGMA page_count").fetchone()[0]
        db.conn.execute(f"PRAGMA max_page_count = {pages}")
        recordings.update(db, 1, notes="x" * 1_000_000)

    recordings.insert(engine.workspace.db, name="r", spec={}, facts={}, probe=None, provenance={})
    engine.completions["write"] = complete
    job = engine.run("write", files={"a": "a"})
    assert job.state == "failed"
    assert "is full" in str(job.error)
    assert "Free some space" in str(job.hint)
    assert results.all(engine.workspace.db) == []
    until(lambda: not list(engine.workspace.blobs.root.glob("??/*")), "the blob to be swept")


def test_work_whose_result_exists_is_done_at_once_with_its_completion(engine: Engine) -> None:
    seen: list[tuple[int, Any]] = []
    engine.completions["write"] = lambda db, job, result: seen.append((job.id, result.blob))  # type: ignore[func-returns-value]
    first = engine.run("write", files={"a": "a"})
    second = engine.run("write", files={"a": "a"})
    assert (second.state, second.pid, second.stage) == ("done", None, "the result was there already")
    assert [number for number, _ in seen] == [first.id, second.id]
    assert seen[0][1] == seen[1][1]


def test_work_whose_blob_is_gone_is_done_again(engine: Engine) -> None:
    first = engine.run("write", files={"a": "a"})
    blob = engine.workspace.blobs.path(str(results.get(engine.workspace.db, first.key).blob))
    shutil.rmtree(blob)
    assert engine.run("write", files={"a": "a"}).state == "done"
    assert (blob / "a").read_text() == "a"


def test_retry_of_running_work_is_refused(engine: Engine) -> None:
    job = engine.supervisor.enqueue("wait", {})
    engine.reach(job, "running")
    with pytest.raises(Conflict, match="is running"):
        engine.supervisor.retry(job.id)
    engine.supervisor.cancel(job.id)


def test_waiting_for_a_job_can_end_before_the_job(engine: Engine) -> None:
    job = engine.supervisor.enqueue("wait", {})
    engine.reach(job, "running")
    with pytest.raises(Unavailable, match=r"has not ended within 0\.1 s; it is running"):
        engine.supervisor.wait(job.id, timeout=0.1)
    engine.supervisor.cancel(job.id)


def test_enqueueing_inside_a_transaction_is_part_of_it(engine: Engine) -> None:
    with pytest.raises(TypeError), engine.workspace.transaction() as db:
        engine.supervisor.enqueue("echo", {"second": engine.supervisor.enqueue("echo", {}, db=db)}, db=db)
    assert jobs.all(engine.workspace.db) == []
    with engine.workspace.transaction() as db:
        job = engine.supervisor.enqueue("echo", {}, db=db)
    engine.supervisor.ring()
    assert engine.ended(job).state == "done"


def test_a_listener_that_fails_harms_no_job(workspace: Any, make_engine: Callable[..., Engine]) -> None:
    engine = make_engine()
    engine.events = _Grumpy()
    engine.supervisor._publish = engine.events.publish
    assert engine.run("echo").state == "done"
    assert "Grumpy" in (workspace.logs / "supervisor.log").read_text()


class _Grumpy(list[tuple[str, dict[str, Any]]]):
    def publish(self, event: str, data: dict[str, Any]) -> None:
        raise RuntimeError("Grumpy")
