"""The interactive lane: questions of pages that somebody waits for, answered by workers that keep things open."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import wait as wait_any
from pathlib import Path
from typing import Any

from labbox_local.errors import LabError, Unavailable
from labbox_local.jobs import leftovers
from labbox_local.jobs.catalog import TASKS
from labbox_local.jobs.failures import Superseded, describe, vanished
from labbox_local.jobs.keys import through_json
from labbox_local.jobs.messages import TASKS_MODULE, Done, Failed, Order, Setup, Started
from labbox_local.jobs.slot import Slot
from labbox_local.store.workspace import Workspace

LOOK_S = 0.5
CLOSED = "The program is closing, so this was not done."


@dataclass
class Question:
    """Something asked and perhaps answered; ``settled`` once one of ``answer`` and ``error`` is there."""

    number: int
    task: str
    params: Mapping[str, Any]
    topic: str | None
    deadline_s: float
    timeout_s: float
    answer: Any = None
    error: LabError | None = None
    settled: threading.Event = field(default_factory=threading.Event)

    def settle(self, answer: Any = None, error: LabError | None = None) -> None:
        """Give the answer or the error to whoever waits."""
        self.answer, self.error = answer, error
        self.settled.set()


class Interactive:
    """Answers questions in worker processes, the newest first, and keeps no record of them.

    Workers start at the first question or at `warm`. One that dies or takes too long is replaced.

    Parameters
    ----------
    slots : int
        How many questions are worked on at a time.
    cache_bytes : int
        How much memory each worker may fill with what it keeps open.
    """

    def __init__(
        self, workspace: Workspace, *, slots: int = 1, cache_bytes: int = 500_000_000, module: str = TASKS_MODULE
    ) -> None:
        self._log = workspace.logs / "interactive.log"
        scratch = workspace.scratch.parent
        self._folder = scratch / leftovers.ASKS / str(os.getpid())
        growing = str(workspace.growing)
        self._setup = Setup(module, str(workspace.blobs.root), str(self._log), cache_bytes, growing)
        self._slots = [
            Slot(f"interactive {number}", self._setup, scratch / "workers") for number in range(1, slots + 1)
        ]
        self._threads: list[threading.Thread] = []
        self._numbers = itertools.count(1)
        self._waiting: list[Question] = []
        self._news = threading.Condition()
        self._closed = False

    def ask(self, task: str, params: Mapping[str, Any], *, topic: str | None = None, timeout: float = 60.0) -> Any:
        """The task's answer: what was JSON as plain data, bytes as bytes. Waits for it; call it from any thread.

        Raises
        ------
        Superseded
            If a newer question with the same `topic` came before anyone looked at this one.
        Unavailable
            After `timeout` seconds, or if the worker died.
        LabError
            What the task itself raised, as the same kind of error.
        TypeError
            If the parameters do not survive JSON.
        """
        question = Question(next(self._numbers), task, through_json(params), topic, time.monotonic() + timeout, timeout)
        with self._news:
            if self._closed:
                raise Unavailable(CLOSED)
            self._supersede(topic)
            self._waiting.append(question)
            self._news.notify()
        self.warm()
        if not question.settled.wait(timeout):
            self._give_up(question)
            question.settled.wait()
        if question.error is not None:
            raise question.error
        return question.answer

    @property
    def waiting(self) -> int:
        """How many questions nobody has looked at yet."""
        return len(self._waiting)

    def warm(self) -> None:
        """Start the workers in the background, so that the first question need not wait for that."""
        with self._news:
            if self._closed or self._threads:
                return
            self._threads = [
                threading.Thread(target=self._serve, args=(slot,), name=slot.name, daemon=True) for slot in self._slots
            ]
            for thread in self._threads:
                thread.start()

    def close(self) -> None:
        """End the workers; whoever still waits for an answer gets an error."""
        with self._news:
            self._closed = True
            for question in self._waiting:
                question.settle(error=Unavailable(CLOSED))
            self._waiting.clear()
            self._news.notify_all()
        for thread in self._threads:
            thread.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _supersede(self, topic: str | None) -> None:
        stale = [question for question in self._waiting if topic is not None and question.topic == topic]
        for question in stale:
            self._waiting.remove(question)
            question.settle(error=Superseded("A newer question made this one pointless."))

    def _give_up(self, question: Question) -> None:
        """Take back a question that nobody has looked at; one that is being worked on ends by its own deadline."""
        with self._news:
            if question in self._waiting:
                self._waiting.remove(question)
                question.settle(error=_too_slow(question))

    def _next(self) -> Question | None:
        with self._news:
            self._news.wait_for(lambda: self._closed or self._waiting)
            return None if self._closed else self._waiting.pop()

    def _serve(self, slot: Slot) -> None:
        self._noted(slot.start)
        while (question := self._next()) is not None:
            try:
                question.settle(self._answer(slot, question))
            except LabError as error:
                question.settle(error=error)
            except Exception as error:
                self._note(traceback.format_exc())
                question.settle(error=describe(error).error())
                self._noted(slot.kill)
            if not slot.alive:
                self._noted(lambda: _restart(slot))
        self._noted(slot.kill)

    def _answer(self, slot: Slot, question: Question) -> Any:
        warm = slot.alive and slot.connected
        if not warm:
            _restart(slot)
        try:
            return self._asked(slot, question)
        except _Unheard:
            begun = slot.begun
            slot.kill()
            if not warm:
                raise vanished(slot.exit_code, begun).error() from None
        # A worker that was waiting had died, which nobody could see yet; a fresh one gets the question.
        slot.start()
        try:
            return self._asked(slot, question)
        except _Unheard:
            slot.kill()
            raise vanished(slot.exit_code).error() from None

    def _asked(self, slot: Slot, question: Question) -> Any:
        slot.send(Order(question.number, question.task, question.params, str(self._folder / str(question.number))))
        heard = False
        while True:
            died = not slot.alive  # asked first: what a worker said before its death is still received below
            for report in slot.receive():
                heard = heard or isinstance(report, Started)
                if isinstance(report, Failed) and report.number == question.number:
                    raise report.failure.error()
                if isinstance(report, Done) and report.number == question.number:
                    return json.loads(report.answer) if isinstance(report.answer, str) else report.answer
            if died or not slot.connected:
                if not heard:
                    raise _Unheard
                slot.kill()
                raise vanished(slot.exit_code).error()
            left_s = question.deadline_s - time.monotonic()
            if left_s <= 0 or self._closed:
                slot.kill()
                raise Unavailable(CLOSED) if self._closed else _too_slow(question)
            wait_any(slot.waitables(), min(left_s, LOOK_S))

    def _noted(self, step: Callable[[], None]) -> None:
        """Do something that must not end the thread; what goes wrong is noted and shows at the next question."""
        try:
            step()
        except Exception:
            self._note(traceback.format_exc())

    def _note(self, text: str) -> None:
        with Path(self._log).open("a", encoding="utf-8") as log:
            log.write(text)


class _Unheard(Exception):
    """The worker died before it began with the question."""


def _restart(slot: Slot) -> None:
    slot.kill()
    slot.start()


def _too_slow(question: Question) -> Unavailable:
    title = TASKS[question.task].title if question.task in TASKS else question.task
    return Unavailable(f"“{title}” took longer than {question.timeout_s:g} s and was stopped.", "Try again.")
