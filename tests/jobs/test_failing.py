"""Jobs that fail: each says why, keeps its log and leaves nothing half."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from labbox_local.errors import Conflict
from labbox_local.jobs.failures import DISK_FULL, DISK_FULL_HINT
from labbox_local.store import jobs, results
from tests.jobs.conftest import Engine, alive, until


def test_an_unforeseen_error_is_one_sentence_and_a_traceback_in_row_and_log(engine: Engine) -> None:
    job = engine.run("fail", what="a unicorn")
    assert (job.state, job.error) == ("failed", "ValueError: no such thing as a unicorn")
    assert job.traceback
    assert job.traceback.startswith("Traceback")
    assert "in fail" in job.traceback
    assert job.traceback in engine.log(job)
    assert results.get_or_none(engine.workspace.db, job.key) is None
    assert not engine.scratch(job).exists()
    assert not list(engine.workspace.blobs.root.glob("??/*"))


@pytest.mark.parametrize(
    ("kind", "error", "hint"),
    [
        ("NotFound", "It is not there.", None),
        ("Invalid", "bin_ms: must divide the window of 50 ms; 7 does not", None),
        ("Unavailable", "The sorter is not installed.", "pip install it"),
    ],
)
def test_the_domains_own_errors_are_sentences_without_traceback(
    engine: Engine, kind: str, error: str, hint: str | None
) -> None:
    job = engine.run("refuse", kind=kind)
    assert (job.state, job.error, job.hint, job.traceback) == ("failed", error, hint, None)
    assert error in engine.log(job)


def test_a_task_that_exits_fails_and_the_worker_lives_on(engine: Engine) -> None:
    pid = results.get(engine.workspace.db, engine.run("who").key).summary["pid"]
    job = engine.run("leave")
    assert (job.state, job.error) == ("failed", "SystemExit: I am a rude sorter")
    assert alive(pid)
    assert engine.run("who", again=True).pid == pid


def test_a_full_disk_in_a_task_is_said_in_words(engine: Engine) -> None:
    job = engine.run("fill")
    assert (job.state, job.error, job.hint) == ("failed", DISK_FULL, DISK_FULL_HINT)


@pytest.mark.parametrize(("task", "words"), [("odd", "not JSON serializable"), ("nan", "not JSON compliant")])
def test_an_answer_that_is_no_json_fails_the_job(engine: Engine, task: str, words: str) -> None:
    job = engine.run(task)
    assert job.state == "failed"
    assert words in str(job.error)


def test_a_link_in_the_output_is_refused(engine: Engine) -> None:
    job = engine.run("link")
    assert (job.state, "“link”" in str(job.error)) == ("failed", True)


def test_an_unknown_task_in_the_table_fails_with_a_sentence(engine: Engine) -> None:
    row = {"task": "gone", "lane": "batch", "title": "Gone", "params": {}, "key": "k"}
    job, _ = jobs.enqueue(engine.workspace.db, **row)
    engine.supervisor.ring()
    ended = engine.ended(job)
    assert (ended.state, "no task named “gone”" in str(ended.error)) == ("failed", True)


def test_a_module_that_does_not_load_fails_the_job_with_its_error(make_engine: Any) -> None:
    job = make_engine(module="tests.jobs.no_such_module").run("echo")
    assert (job.state, job.error) == ("failed", "ModuleNotFoundError: No module named 'tests.jobs.no_such_module'")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (signal.SIGKILL, "The worker was killed by signal 9 (often: out of memory)."),
        (signal.SIGSEGV, "The worker was killed by signal 11 (a crash in compiled code)."),
        (signal.SIGTERM, "The worker was killed by signal 15 (SIGTERM)."),
    ],
)
def test_a_killed_worker_fails_its_job_with_the_signal_and_is_replaced(
    engine: Engine, number: signal.Signals, sentence: str
) -> None:
    job = engine.run("die", signal=number)
    assert (job.state, job.error, job.exit_code) == ("failed", sentence, -number)
    assert engine.log(job).startswith("last words\n")
    assert not engine.scratch(job).exists()
    after = engine.run("who")
    assert (after.state, after.pid != job.pid) == ("done", True)


def test_shared_memory_of_a_killed_worker_is_freed(engine: Engine, tmp_path: Path) -> None:
    assert engine.run("share", name=str(tmp_path / "name"), die=True).state == "failed"
    assert not (Path("/dev/shm") / (tmp_path / "name").read_text()).exists()


def test_a_worker_that_ends_by_itself_fails_its_job_with_the_status(engine: Engine) -> None:
    job = engine.run("end", status=3)
    assert (job.state, job.exit_code) == ("failed", 3)
    assert job.error == "The worker ended by itself with exit status 3."


def test_a_crash_in_compiled_code_leaves_its_traceback_in_the_log(engine: Engine) -> None:
    job = engine.run("die", signal=signal.SIGSEGV)
    assert "Fatal Python error: Segmentation fault" in engine.log(job)
    assert "in die" in engine.log(job)


def test_an_idle_worker_that_is_killed_is_replaced(engine: Engine) -> None:
    pid = engine.run("who").pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), "the worker to be gone")
    assert engine.run("who", again=True).state == "done"


def test_a_failed_job_can_be_retried_and_then_succeeds(engine: Engine, tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    job = engine.run("die", signal=signal.SIGKILL, unless=str(mended))
    assert job.state == "failed"
    mended.write_text("now")
    again = engine.supervisor.retry(job.id)
    assert (again.retry_of, again.key, again.params, again.title) == (job.id, job.key, job.params, job.title)
    assert engine.ended(again).state == "done"
    assert engine.job(job).state == "failed"


def test_a_done_job_cannot_be_retried(engine: Engine) -> None:
    with pytest.raises(Conflict, match="is done"):
        engine.supervisor.retry(engine.run("echo").id)
