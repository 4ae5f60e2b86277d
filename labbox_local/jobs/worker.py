"""What a worker process runs: one order after the other, until it is told to stop or its owner is gone.

It knows no database. Orders come over a pipe, reports go back over it, results lie in the order's folder.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import queue
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

from labbox_local.errors import NotFound
from labbox_local.jobs import console, keys, processes
from labbox_local.jobs.context import Context
from labbox_local.jobs.failures import describe
from labbox_local.jobs.messages import Done, Failed, Order, Progress, Ready, Report, Setup, Started, Stop

INTERRUPTED = 130
Function = Callable[[Context, dict[str, Any]], Any]


def main(conn: Connection, setup: Setup) -> None:
    """Serve orders from `conn`. Ends with status 130 when interrupted, and with all its children if the owner dies."""
    console.prepare(setup.log)
    cleaner = processes.start_cleaner()  # before there is a group of our own, which may be killed as a whole
    processes.lead_own_session()
    worker = Worker(conn, setup, cleaner)
    signal.signal(signal.SIGINT, worker.interrupt)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        worker.run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


class Worker:
    """One process that serves; the main thread works, a second one listens and so notices the owner's death."""

    def __init__(self, conn: Connection, setup: Setup, cleaner: int | None = None) -> None:
        self._conn = conn
        self._cleaner = cleaner
        self._setup = setup
        self._orders: queue.SimpleQueue[Order | Stop] = queue.SimpleQueue()
        self._saying = threading.Lock()
        self._stopping = threading.Event()
        self._functions: Callable[[str], Function] = _nothing_loaded
        self._context: Context | None = None

    def run(self) -> None:
        """Serve until a `Stop` comes."""
        if processes.POSIX:
            # A forked child that outlives this process would keep the pipe open, and its owner waiting for its end.
            os.register_at_fork(after_in_child=self._conn.close)
        threading.Thread(target=self._listen, name="owner", daemon=True).start()
        self._say(Ready(self._cleaner))
        self._functions = load(self._setup.module)
        # Takes a third of a second that the process which starts workers should not spend.
        from labbox_local.jobs import bars

        bars.listen(self._bar)
        while isinstance(order := self._orders.get(), Order):
            self._serve(order)

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """The signal by which a job is asked to end."""
        self._stopping.set()
        raise KeyboardInterrupt

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._orders.put(self._conn.recv())
        with contextlib.suppress(OSError):
            os.write(2, b"\nThe program that started this worker is gone, so the worker ends too.\n")
        processes.kill_own_family(but=self._cleaner)

    def _serve(self, order: Order) -> None:
        try:
            with self._place_of(order):
                self._say(Started(order.number, os.getpid()))
                report = self._outcome(order)
        except OSError as error:  # no room for as much as an empty log
            report = Failed(order.number, describe(error))
        if self._stopping.is_set():
            raise KeyboardInterrupt
        self._say(report)

    def _outcome(self, order: Order) -> Report:
        begun = time.monotonic()
        context = self._context = self._context_of(order)
        try:
            answer = self._functions(order.task)(context, dict(order.params))
            said = answer if isinstance(answer, bytes) else keys.said(answer)
            seconds = time.monotonic() - begun
            return Done(order.number, said, seconds=seconds) if order.log is None else _kept(context, said, seconds)
        except (Exception, SystemExit) as error:
            failure = describe(error)
            with contextlib.suppress(OSError):
                print(failure.traceback or f"{failure.sentence}\n{failure.hint}".strip(), file=sys.stderr)
            return Failed(order.number, failure)
        finally:
            self._context = None

    def _context_of(self, order: Order) -> Context:
        return Context(
            Path(order.folder),
            Path(self._setup.blobs),
            number=order.number,
            cache_bytes=self._setup.cache_bytes,
            growing=Path(self._setup.growing),
            report=lambda stage, fraction: self._say(Progress(order.number, stage, fraction)),
            stopping=self._stopping,
            cores=order.cores,
        )

    @contextlib.contextmanager
    def _place_of(self, order: Order) -> Iterator[None]:
        """A batch job has its own console and stands in its scratch folder, where careless code drops its files."""
        folder = Path(order.folder)
        if order.log is None:
            yield
            shutil.rmtree(folder, ignore_errors=True)
            return
        console.attach(order.log, fresh=True)
        home = Path.cwd()
        try:
            (folder / "scratch").mkdir(parents=True, exist_ok=True)
            os.chdir(folder / "scratch")
            yield
        finally:
            os.chdir(home)
            console.attach(self._setup.log, fresh=False)

    def _bar(self, stage: str, fraction: float | None) -> None:
        context = self._context
        if context is not None:
            context.bar(stage, fraction)

    def _say(self, report: Report) -> None:
        with self._saying:
            self._conn.send(report)


def _kept(context: Context, said: str | bytes, seconds: float) -> Done:
    output = context.output
    if not any(output.iterdir()):
        return Done(context.number, said, seconds=seconds)
    context.progress("storing the result")
    keys.settle(output)
    return Done(context.number, said, keys.folder_digest(output), keys.folder_size(output), seconds)


def load(module: str) -> Callable[[str], Function]:
    """A lookup of the module's ``FUNCTIONS``; if the module fails to load, every lookup raises that error."""
    try:
        functions: Mapping[str, Function] = importlib.import_module(module).FUNCTIONS
    except Exception as error:
        return _always(error)

    def lookup(task: str) -> Function:
        if task not in functions:
            raise NotFound(f"There is no task named “{task}” in {module}.")
        return functions[task]

    return lookup


def _always(error: Exception) -> Callable[[str], Function]:
    def lookup(task: str) -> Function:
        raise error

    return lookup


def _nothing_loaded(task: str) -> Function:
    raise NotFound(f"No tasks are loaded yet, so “{task}” cannot run.")
