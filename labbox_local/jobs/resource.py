"""What a compute resource promises, so that the supervisor need not know where a job runs."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Protocol

from labbox_local.jobs.messages import Cancelled, Done, Failed, Gone, Order, Progress, Started

Happening = Started | Progress | Done | Failed | Gone | Cancelled


class Resource(Protocol):
    """Something that runs orders and reports on them. All methods are called from one thread and none waits.

    For every order that `start` took, exactly one of Done, Failed, Gone or Cancelled is reported, and after Gone and
    Cancelled nothing of it lives any more.
    """

    def obstacle(self, cores: int) -> str | None:
        """Why an order with this need cannot start now, as the words after “waiting for”; None if it can."""

    def start(self, order: Order) -> None:
        """Take an order that has no obstacle."""

    def cancel(self, number: int) -> None:
        """Begin to end an order; Cancelled is reported when it is over. Unknown numbers are ignored."""

    def reports(self, now: float) -> list[Happening]:
        """What happened since the last call."""

    def waitables(self) -> Sequence[Connection | int]:
        """What becomes ready when there is something to report."""

    def pending(self) -> bool:
        """Whether something is being ended, so that `reports` should be called soon even if nothing becomes ready."""

    def begin_close(self, now: float) -> None:
        """Begin to end everything."""

    def closed(self, now: float) -> bool:
        """Go on with ending everything; True once nothing is left."""
