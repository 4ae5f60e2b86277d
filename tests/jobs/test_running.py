"""Jobs that run: their results, words and progress."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labbox_local.jobs.keys import folder_digest
from labbox_local.store import jobs, results
from labbox_local.store.logs import tail
from tests.jobs.conftest import Engine, alive, until


def test_a_job_without_output_keeps_its_summary(engine: Engine) -> None:
    job = engine.run("echo", number=7, name="µV “x”")
    assert (job.state, job.error, job.progress) == ("done", None, 1.0)
    result = results.get(engine.workspace.db, job.key)
    assert result.summary == {"number": 7, "name": "µV “x”"}
    assert (result.blob, result.size_bytes, result.task, result.version) == (None, 0, "echo", 1)
    assert set(result.packages) == {"psutil"}


def test_the_output_folder_becomes_the_blob_and_nothing_else_stays(engine: Engine) -> None:
    job = engine.run("write", files={"a.txt": "one", "sub/b.txt": "three"})
    result = results.get(engine.workspace.db, job.key)
    assert result.blob
    blob = engine.workspace.blobs.path(result.blob)
    assert sorted(path.relative_to(blob).as_posix() for path in blob.rglob("*")) == ["a.txt", "sub", "sub/b.txt"]
    assert folder_digest(blob) == result.blob
    assert result.size_bytes == 8
    assert not list(engine.workspace.scratch.iterdir())


def test_the_log_holds_everything_from_the_first_byte(engine: Engine) -> None:
    job = engine.run("talk")
    assert job.state == "done"
    log = engine.log(job)
    assert log.startswith("first byte\n")
    for words in ("from python", "to stderr", "from C", "from a child", "child error"):
        assert f"{words}\n" in log
    assert results.get(engine.workspace.db, job.key).summary == {"stdin": ""}


def test_what_is_printed_between_jobs_is_in_neither_log(engine: Engine) -> None:
    first, second = engine.run("talk", round=1), engine.run("echo")
    assert engine.log(first).count("first byte") == 1
    assert engine.log(second) == ""


def test_the_log_can_be_read_while_the_job_runs(engine: Engine, fifo: Callable[[str], Path]) -> None:
    gate = fifo("gate")
    job = engine.supervisor.enqueue("bars", {"gate": str(gate)})
    until(lambda: "detect peaks" in engine.log(job), "the bar in the log")
    assert "50%" in tail(engine.workspace.log_path(job.id), 0).partial
    until(lambda: ("log", {"id": job.id}) in engine.events, "the log's event")
    gate.write_text("go")
    assert engine.ended(job).state == "done"


def test_bars_of_other_peoples_code_are_the_progress(engine: Engine, fifo: Callable[[str], Path]) -> None:
    gate = fifo("gate")
    job = engine.supervisor.enqueue("bars", {"gate": str(gate)})
    until(lambda: engine.job(job).progress, "progress")
    assert engine.job(job).stage == "detect peaks"
    assert engine.job(job).progress in (0.1, 0.2, 0.3, 0.4, 0.5)
    gate.write_text("go")
    assert engine.ended(job).state == "done"


def test_stage_and_fraction_are_in_the_row_and_told(engine: Engine, fifo: Callable[[str], Path]) -> None:
    gate = fifo("gate")
    job = engine.supervisor.enqueue("work", {"gate": str(gate)})
    with gate.open("w") as steps:
        for number, stage in enumerate(("read", "filter", "detect"), start=1):
            print(stage, file=steps, flush=True)
            until(lambda stage=stage: engine.job(job).stage == stage, stage)  # type: ignore[misc]
            assert engine.job(job).progress == pytest.approx(number / 10)
    assert engine.ended(job).state == "done"
    assert engine.events.count(("job", {"id": job.id})) >= 6


def test_wait_shows_the_states_on_the_way(engine: Engine, fifo: Callable[[str], Path]) -> None:
    gate = fifo("gate")
    job = engine.supervisor.enqueue("wait", {"until": str(gate)})
    seen: list[str] = []

    def on_progress(now: jobs.Job) -> None:
        seen.append(now.state)
        if now.state == "running":
            gate.write_text("go")

    assert engine.supervisor.wait(job.id, on_progress=on_progress).state == "done"
    assert seen[-1] == "running"
    assert set(seen) <= {"queued", "starting", "running"}


def test_a_worker_leads_a_session_of_its_own_and_stays_warm(engine: Engine) -> None:
    first, second = (results.get(engine.workspace.db, engine.run("who", n=n).key).summary for n in (1, 2))
    assert first["pid"] == first["session"] == first["group"] == second["pid"]
    assert engine.job(jobs.all(engine.workspace.db)[0]).pid == first["pid"]


def test_a_worker_is_recycled_after_its_share_of_jobs(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(recycle_after=2)
    pids = [results.get(engine.workspace.db, engine.run("who", n=n).key).summary["pid"] for n in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]
    until(lambda: not alive(pids[0]), "the first worker to be gone")


def test_a_recycled_worker_takes_its_children_along(make_engine: Callable[..., Engine], tmp_path: Path) -> None:
    engine = make_engine(recycle_after=1)
    job = engine.run("orphan", pids=str(tmp_path / "gate"))
    child = results.get(engine.workspace.db, job.key).summary["child"]
    until(lambda: not alive(child), "the child to be gone")


def test_a_parallel_task_is_told_how_many_cores_it_may_use(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine(cores=1)
    assert results.get(engine.workspace.db, engine.run("who").key).summary["cores"] == 1


def test_stopping_ends_every_worker(make_engine: Callable[..., Engine]) -> None:
    engine = make_engine()
    pid = results.get(engine.workspace.db, engine.run("who").key).summary["pid"]
    engine.supervisor.stop()
    assert not alive(pid)
    assert not list((engine.workspace.scratch.parent / "workers").iterdir())
