"""Questions that somebody waits for: answers, errors, order, deadlines and dead workers."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pytest

from labbox_local.errors import Conflict, Invalid, LabError, NotFound, Unavailable
from labbox_local.jobs.failures import DISK_FULL, Superseded, TaskFailed
from labbox_local.jobs.interactive import Interactive
from labbox_local.store.workspace import Workspace
from tests.jobs.conftest import alive, until


@pytest.fixture
def interactive(make_interactive: Callable[..., Interactive]) -> Interactive:
    """One worker for questions."""
    return make_interactive()


@pytest.fixture
def asking() -> Any:
    """Threads in which questions wait."""
    with ThreadPoolExecutor(16) as pool:
        yield pool


@dataclass
class Busy:
    """A question that a worker is busy with until it is let go."""

    asked: Future[Any]
    gate: TextIO

    def let_go(self) -> Any:
        """Let the worker answer, and give its answer."""
        self.gate.write("go")
        self.gate.close()
        return self.asked.result()


def busy(asking: ThreadPoolExecutor, interactive: Interactive, gate: Path, **options: Any) -> Busy:
    """Make a worker busy; opening the named pipe waits until the worker reads from it."""
    asked = asking.submit(interactive.ask, "wait", {"until": str(gate)}, **options)
    return Busy(asked, gate.open("w"))


def waiting(interactive: Interactive, count: int) -> None:
    """Returns when that many questions wait."""
    until(lambda: interactive.waiting == count, f"{count} questions to wait")


def test_json_and_bytes_come_back_as_they_were(interactive: Interactive) -> None:
    assert interactive.ask("echo", {"b": 1, "a": [None, "µ", 1.5]}) == {"b": 1, "a": [None, "µ", 1.5]}
    assert list(interactive.ask("echo", {"b": 1, "a": 2})) == ["b", "a"]
    assert interactive.ask("big", {"size": 5_000_000}) == bytes(5_000_000)


def test_one_worker_answers_many_questions(interactive: Interactive) -> None:
    assert interactive.ask("who", {})["pid"] == interactive.ask("who", {})["pid"]


def test_a_question_has_scratch_space_that_vanishes(interactive: Interactive, workspace: Workspace) -> None:
    places = interactive.ask("places", {})
    assert Path(places["scratch"]).is_relative_to(workspace.folder)
    until(lambda: not Path(places["scratch"]).exists(), "the scratch folder to be gone")
    assert places["blobs"] == str(workspace.blobs.root)


def test_the_worker_is_told_how_much_it_may_keep(make_interactive: Callable[..., Interactive]) -> None:
    assert make_interactive(cache_bytes=123).ask("places", {})["cache_bytes"] == 123


@pytest.mark.parametrize(
    "error",
    [
        NotFound("It is not there."),
        Invalid({"bin_ms": "must divide the window of 50 ms; 7 does not"}),
        Conflict("Somebody was faster."),
        Unavailable("The sorter is not installed.", "pip install it"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_domains_errors_arrive_as_what_they_are(interactive: Interactive, error: LabError) -> None:
    with pytest.raises(type(error)) as raised:
        interactive.ask("refuse", {"kind": type(error).__name__})
    assert type(raised.value) is type(error)
    assert vars(raised.value) == vars(error)
    assert str(raised.value) == str(error)


def test_an_unforeseen_error_is_a_sentence_and_its_traceback_is_logged(
    interactive: Interactive, workspace: Workspace
) -> None:
    with pytest.raises(TaskFailed, match=r"^ValueError: no such thing as this$"):
        interactive.ask("fail", {})
    log = (workspace.logs / "interactive.log").read_text()
    assert "Traceback" in log
    assert "in fail" in log


def test_a_full_disk_is_said_in_words(interactive: Interactive) -> None:
    with pytest.raises(Unavailable, match=DISK_FULL):
        interactive.ask("fill", {})


def test_an_unknown_task_is_not_found(interactive: Interactive) -> None:
    with pytest.raises(NotFound, match="“nothing”"):
        interactive.ask("nothing", {})


@pytest.mark.parametrize("task", ["odd", "nan"])
def test_an_answer_that_is_no_json_is_an_error_and_the_worker_lives(interactive: Interactive, task: str) -> None:
    pid = interactive.ask("who", {})["pid"]
    with pytest.raises(TaskFailed, match="JSON"):
        interactive.ask(task, {})
    assert interactive.ask("who", {})["pid"] == pid


def test_params_that_do_not_survive_json_are_refused(interactive: Interactive) -> None:
    with pytest.raises(TypeError, match="pair"):
        interactive.ask("echo", {"pair": (1, 2)})


def test_a_newer_question_of_the_same_topic_drops_the_older_that_waits(
    interactive: Interactive, asking: ThreadPoolExecutor, fifo: Callable[[str], Path]
) -> None:
    first = busy(asking, interactive, fifo("gate"), topic="view")
    older = asking.submit(interactive.ask, "echo", {"n": 1}, topic="view")
    other = asking.submit(interactive.ask, "echo", {"n": 2}, topic="another")
    free = asking.submit(interactive.ask, "echo", {"n": 3})
    waiting(interactive, 3)
    newer = asking.submit(interactive.ask, "echo", {"n": 4}, topic="view")
    with pytest.raises(Superseded):
        older.result()
    assert first.let_go() == {"got": "go"}
    assert [asked.result()["n"] for asked in (other, free, newer)] == [2, 3, 4]


def test_the_newest_question_is_answered_first(
    interactive: Interactive, asking: ThreadPoolExecutor, fifo: Callable[[str], Path], tmp_path: Path
) -> None:
    first = busy(asking, interactive, fifo("gate"))
    asked = []
    for number in range(4):
        params = {"file": str(tmp_path / "order"), "line": str(number)}
        asked.append(asking.submit(interactive.ask, "note", params))
        waiting(interactive, number + 1)
    first.let_go()
    assert [question.result() for question in asked] == [{}] * 4
    assert (tmp_path / "order").read_text().split() == ["3", "2", "1", "0"]


def test_two_slots_answer_two_questions_at_a_time(
    make_interactive: Callable[..., Interactive], asking: ThreadPoolExecutor, fifo: Callable[[str], Path]
) -> None:
    interactive = make_interactive(slots=2)
    first = busy(asking, interactive, fifo("gate"))
    assert interactive.ask("echo", {"n": 1}) == {"n": 1}
    assert not first.asked.done()
    assert first.let_go() == {"got": "go"}


def test_a_question_that_takes_too_long_ends_its_worker_and_the_next_gets_another(interactive: Interactive) -> None:
    pid = interactive.ask("who", {})["pid"]
    with pytest.raises(Unavailable, match=r"^“wait” took longer than 0\.2 s and was stopped\.$"):
        interactive.ask("wait", {}, timeout=0.2)
    assert interactive.ask("who", {})["pid"] != pid
    assert not alive(pid)


def test_a_question_that_waits_too_long_is_taken_back(
    interactive: Interactive, asking: ThreadPoolExecutor, fifo: Callable[[str], Path]
) -> None:
    first = busy(asking, interactive, fifo("gate"))
    with pytest.raises(Unavailable, match=r"longer than 0\.1 s"):
        interactive.ask("echo", {}, timeout=0.1)
    assert first.let_go() == {"got": "go"}


def test_a_worker_that_dies_answers_with_a_sentence_and_is_replaced(interactive: Interactive) -> None:
    with pytest.raises(Unavailable, match=r"killed by signal 9 \(often: out of memory\)"):
        interactive.ask("die", {"signal": signal.SIGKILL})
    assert interactive.ask("echo", {}) == {}


def test_a_worker_killed_while_idle_is_replaced(interactive: Interactive) -> None:
    pid = interactive.ask("who", {})["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), "the worker to be gone")
    assert interactive.ask("who", {})["pid"] != pid


def test_warm_starts_the_workers_before_the_first_question(interactive: Interactive, workspace: Workspace) -> None:
    interactive.warm()
    until(lambda: list((workspace.scratch.parent / "workers").glob("*.json")), "the worker")
    assert interactive.ask("echo", {}) == {}


def test_closing_ends_the_workers_and_refuses_what_waits(
    interactive: Interactive, asking: ThreadPoolExecutor, fifo: Callable[[str], Path]
) -> None:
    pid = interactive.ask("who", {})["pid"]
    first = busy(asking, interactive, fifo("gate"))
    second = asking.submit(interactive.ask, "echo", {})
    waiting(interactive, 1)
    interactive.close()
    first.gate.close()
    for asked in (first.asked, second):
        with pytest.raises(Unavailable, match="closing"):
            asked.result()
    with pytest.raises(Unavailable, match="closing"):
        interactive.ask("echo", {})
    assert not alive(pid)


def test_closing_leaves_no_folder(interactive: Interactive, workspace: Workspace) -> None:
    interactive.ask("places", {})
    interactive.close()
    assert not list((workspace.scratch.parent / "asks").iterdir())


def test_many_threads_may_ask_at_once(interactive: Interactive) -> None:
    answers: dict[int, Any] = {}
    threads = [
        threading.Thread(target=lambda number=number: answers.update({number: interactive.ask("echo", {"n": number})}))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: {"n": number} for number in range(20)}


def test_a_question_that_meets_a_dying_worker_goes_to_a_fresh_one(
    interactive: Interactive, asking: ThreadPoolExecutor
) -> None:
    """The worker is stopped, so that it takes the question and dies before it begins with it."""
    pid = interactive.ask("who", {})["pid"]
    os.kill(pid, signal.SIGSTOP)
    asked = asking.submit(interactive.ask, "who", {})
    until(lambda: asked.running() and not interactive.waiting, "the question to be taken")
    os.kill(pid, signal.SIGKILL)
    assert asked.result()["pid"] != pid
