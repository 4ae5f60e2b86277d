"""What crosses the pipe between a worker and the process that owns it; all of it plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labbox_local.jobs.failures import Failure

TASKS_MODULE = "labbox_local.jobs.tasks"


@dataclass(frozen=True)
class Setup:
    """What a worker is told at birth: the module whose ``FUNCTIONS`` it calls, the blobs, its own log, its cache.

    ``growing`` is the folder of what outlives the jobs that make it.
    """

    module: str
    blobs: str
    log: str
    cache_bytes: int = 0
    growing: str = ""


@dataclass(frozen=True)
class Order:
    """One piece of work. With a ``log`` it is a batch job: its output is digested and its console goes there."""

    number: int
    task: str
    params: Mapping[str, Any]
    folder: str
    log: str | None = None
    cores: int = 1


@dataclass(frozen=True)
class Stop:
    """Asks a worker to end when it has nothing left to do."""


@dataclass(frozen=True)
class Ready:
    """A worker's first word; `cleaner` is the process that will free its shared memory when it is gone."""

    cleaner: int | None = None


@dataclass(frozen=True)
class Started:
    """The task's function is being called, in the process ``pid``."""

    number: int
    pid: int


@dataclass(frozen=True)
class Progress:
    """How far the task is; ``fraction`` is None where nobody can tell."""

    number: int
    stage: str
    fraction: float | None


@dataclass(frozen=True)
class Done:
    """The task's function came back with ``answer``, as JSON text or bytes; no ``digest`` if it left no output."""

    number: int
    answer: str | bytes
    digest: str | None = None
    size_bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Failed:
    """The task's function raised."""

    number: int
    failure: Failure


@dataclass(frozen=True)
class Gone:
    """The worker ended before its task did, and nothing that it started lives any more."""

    number: int
    failure: Failure
    exit_code: int | None


@dataclass(frozen=True)
class Cancelled:
    """The task was ended on request, and nothing that it started lives any more."""

    number: int


Report = Ready | Started | Progress | Done | Failed
