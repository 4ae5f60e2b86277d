"""The owner's side of one worker process: start it, talk to it, and end it with all that it started."""

from __future__ import annotations

import atexit
import contextlib
import json
import multiprocessing
import os
import signal
import time
import weakref
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import psutil

from labbox_local.jobs import processes, worker
from labbox_local.jobs.messages import Order, Ready, Report, Setup, Stop

COURTESY_S = 2.0
WAIT_S = 0.1
LOG_LIMIT_BYTES = 1_000_000
SPAWN = multiprocessing.get_context("spawn")
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
# None stands for the request to stop when idle.
Step = signal.Signals | None
CANCEL: Sequence[Step] = (signal.SIGINT, signal.SIGTERM, KILL)
RETIRE: Sequence[Step] = (None, signal.SIGTERM, KILL)
CLOSE: Sequence[Step] = (signal.SIGTERM, KILL)
AT_ONCE: Sequence[Step] = (KILL,)


STARTED: weakref.WeakSet[Slot] = weakref.WeakSet()


class Slot:
    """A place for one worker process at a time; after its end the next `start` gives a fresh one.

    While the worker lives, a note in the folder `notes` tells a later run of the program whom to end if this one is
    killed. Used by one thread.
    """

    def __init__(self, name: str, setup: Setup, notes: Path) -> None:
        self.name = name
        self.exit_code: int | None = None
        self.begun = False
        self._setup = setup
        self._notes = notes
        self._process: SpawnProcess | None = None
        self._conn: Connection | None = None
        self._family: set[psutil.Process] = set()
        self._cleaner: psutil.Process | None = None
        self._clean_by_s: float | None = None
        self._steps: list[Step] = []
        self._deadline_s = 0.0

    @property
    def pid(self) -> int | None:
        """The worker's process id, while it has not been put away."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether the worker process runs."""
        return self._process is not None and self._process.is_alive()

    @property
    def empty(self) -> bool:
        """Whether there is no worker, not even a dead one whose children may live."""
        return self._process is None

    @property
    def connected(self) -> bool:
        """Whether the worker can still be talked to."""
        return self._conn is not None

    def start(self) -> None:
        """Start a worker; it can be sent orders at once."""
        log = Path(self._setup.log)
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            log.unlink()
        ours, theirs = SPAWN.Pipe()
        process = SPAWN.Process(target=worker.main, args=(theirs, self._setup), name=self.name, daemon=False)
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._process, self._conn, self.begun, self.exit_code = process, ours, False, None
        self._family, self._steps, self._cleaner, self._clean_by_s = set(), [], None, None
        self._write_note()
        STARTED.add(self)

    def send(self, message: Order | Stop) -> None:
        """Hand the worker an order; one that is dead does not get it, and `alive` says so."""
        if self._conn is not None:
            with contextlib.suppress(OSError):
                self._conn.send(message)

    def receive(self) -> list[Report]:
        """What the worker has said since the last call."""
        said: list[Report] = []
        try:
            while self._conn is not None and self._conn.poll():
                said.append(self._conn.recv())
        except (EOFError, OSError):
            self._hang_up()
        for report in said:
            if isinstance(report, Ready):
                self.begun = True
                self._cleaner = processes.known(report.cleaner)
        return said

    def waitables(self) -> list[Connection | int]:
        """What becomes ready when the worker says something or ends."""
        sentinel = [self._process.sentinel] if self._process and self._process.is_alive() else []
        return [*([self._conn] if self._conn else []), *sentinel]

    def look(self) -> None:
        """Remember who the worker has started, for the time when nobody knows any more whose children they were."""
        if self.pid is not None:
            self._family |= processes.relatives(self.pid)
            self._family = {process for process in self._family if processes.is_alive(process)} - {self._cleaner}

    def kill(self) -> None:
        """End the worker and all that it started at once, and wait until they are gone."""
        self.look()
        self.begin_end(0.0, AT_ONCE)
        while not self.press(time.monotonic()):
            if self.alive and self._process:
                self._process.join(WAIT_S)
            psutil.wait_procs([*self._family, *([self._cleaner] if self._cleaner else [])], timeout=WAIT_S)

    def begin_end(self, now: float, steps: Sequence[Step]) -> None:
        """Start to end the worker and all that it started; `press` goes on with it."""
        self._steps = list(steps)
        self._deadline_s = now

    @property
    def ending(self) -> bool:
        """Whether `begin_end` was called and `press` has not finished yet."""
        return bool(self._steps)

    def press(self, now: float) -> bool:
        """Take the next step if its time has come; True once nothing of the worker's tree is left."""
        self.look()
        if not self.alive and not self._family and not self._is_cleaning(now):
            self._put_away()
            return True
        if now >= self._deadline_s:
            self._take(self._steps[0])
            # The last step is repeated: who was born during the one before it must go too.
            self._deadline_s = now + (COURTESY_S if len(self._steps) > 1 else WAIT_S)
            self._steps = self._steps[1:] or self._steps
        return False

    def _take(self, step: Step) -> None:
        if step is None:
            self.send(Stop())
            return
        if processes.POSIX and self.pid is not None and self.alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                # In one stroke for the whole group, before it can have another child; not yet its leader: only itself.
                os.killpg(self.pid, step) if os.getpgid(self.pid) == self.pid else os.kill(self.pid, step)
        elif self.alive and self._process:
            self._process.kill()
        processes.send((process for process in self._family if not self._in_group(process)), step)

    def _is_cleaning(self, now: float) -> bool:
        """Whether the worker's shared memory is still being freed; that ends by itself, or it is ended."""
        if self._cleaner is None or not processes.is_alive(self._cleaner):
            return False
        if self._clean_by_s is None:
            self._clean_by_s = now + COURTESY_S
        if now >= self._clean_by_s:
            processes.send([self._cleaner], KILL)
        return True

    def _in_group(self, process: psutil.Process) -> bool:
        try:
            return self.alive and processes.POSIX and os.getpgid(process.pid) == self.pid
        except OSError:
            return False

    def _put_away(self) -> None:
        if self._process is not None:
            self._process.join()
            self.exit_code = self._process.exitcode
            self._note(self._process.pid).unlink(missing_ok=True)
            self._process.close()
        self._process, self._steps = None, []
        self._hang_up()

    def _hang_up(self) -> None:
        if self._conn is not None:
            self._conn.close()
        self._conn = None

    def _note(self, pid: int | None) -> Path:
        return self._notes / f"{pid}.json"

    def _write_note(self) -> None:
        owner = os.getpid()
        facts = {"pid": self.pid, "owner": owner, "owner_created": processes.created_at(owner)}
        if self.pid is not None:
            self._notes.mkdir(parents=True, exist_ok=True)
            self._note(self.pid).write_text(json.dumps({**facts, "created": processes.created_at(self.pid)}))


@atexit.register
def _end_all() -> None:
    """A program that ends without closing would wait for its workers, which wait for orders."""
    for slot in list(STARTED):
        if not slot.empty:
            slot.kill()
