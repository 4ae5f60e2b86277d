"""The resource at hand: worker processes of this machine, and tokens for its cores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

from labbox_local.jobs.failures import vanished
from labbox_local.jobs.messages import Cancelled, Done, Failed, Gone, Order, Ready, Started
from labbox_local.jobs.resource import Happening
from labbox_local.jobs.slot import AT_ONCE, CANCEL, CLOSE, RETIRE, Slot

LOOK_S = 0.5


@dataclass
class Desk:
    """A slot with the order that it works on; ``cancelled`` once that is to end."""

    slot: Slot
    order: Order | None = None
    served: int = 0
    started: bool = False
    cancelled: bool = False
    next_look_s: float = 0.0


class LocalPool:
    """Up to `size` workers, each kept for `recycle_after` orders and replaced when it dies or had to be stopped.

    Workers are started when there is work for them. An order that needs more cores than there are gets all of them.
    """

    def __init__(self, make_slot: Callable[[str], Slot], size: int, cores: int, recycle_after: int) -> None:
        self._desks = [Desk(make_slot(f"worker {number}")) for number in range(1, size + 1)]
        self._cores = cores
        self._recycle_after = recycle_after

    def obstacle(self, cores: int) -> str | None:
        """See `Resource.obstacle`."""
        busy = [desk.order.number for desk in self._desks if desk.order]
        if not any(_is_free(desk) for desk in self._desks):
            count = f"{len(busy)} of {len(self._desks)} busy"
            return f"a free worker: {count} with {_jobs(busy)}" if busy else "a worker to be replaced"
        free = self._cores - sum(desk.order.cores for desk in self._desks if desk.order)
        wanted = min(cores, self._cores)
        if wanted > free:
            return f"{wanted} of {self._cores} cores: {max(free, 0)} free beside {_jobs(busy)}"
        return None

    def start(self, order: Order) -> None:
        """See `Resource.start`."""
        desk = next(desk for desk in self._desks if _is_free(desk))
        self._begin(desk, order)

    def _begin(self, desk: Desk, order: Order) -> None:
        if desk.slot.empty:
            desk.slot.start()
            desk.served = 0
        desk.order, desk.started, desk.cancelled = order, False, False
        desk.slot.send(order)

    def cancel(self, number: int) -> None:
        """See `Resource.cancel`."""
        for desk in self._desks:
            if desk.order and desk.order.number == number and not desk.cancelled:
                desk.cancelled = True
                if not desk.slot.ending:
                    desk.slot.look()
                    desk.slot.begin_end(0.0, CANCEL)

    def reports(self, now: float) -> list[Happening]:
        """See `Resource.reports`."""
        return [happening for desk in self._desks for happening in self._reports_of(desk, now)]

    def waitables(self) -> list[Connection | int]:
        """See `Resource.waitables`."""
        return [waitable for desk in self._desks for waitable in desk.slot.waitables()]

    def pending(self) -> bool:
        """See `Resource.pending`."""
        return any(desk.slot.ending for desk in self._desks)

    def begin_close(self, now: float) -> None:
        """See `Resource.begin_close`."""
        for desk in self._desks:
            desk.slot.look()
            desk.slot.begin_end(now, CLOSE)

    def closed(self, now: float) -> bool:
        """See `Resource.closed`."""
        over = [desk.slot.empty or desk.slot.press(now) for desk in self._desks]
        return all(over)

    def _reports_of(self, desk: Desk, now: float) -> list[Happening]:
        if desk.slot.empty:
            return []
        died = not desk.slot.alive  # asked first: what a worker said before its death is still received below
        happenings = self._said(desk, now)
        if desk.order and now >= desk.next_look_s:
            desk.next_look_s = now + LOOK_S
            desk.slot.look()
        if (died or not desk.slot.connected) and not desk.slot.ending:
            desk.slot.begin_end(now, AT_ONCE)
        if desk.slot.ending and desk.slot.press(now) and desk.order:
            if desk.served and not desk.started and not desk.cancelled:
                # A worker that was waiting had died, which nobody could see yet; a fresh one gets the order.
                self._begin(desk, desk.order)
            else:
                happenings.append(_last_word(desk, desk.order))
                desk.order = None
        return happenings

    def _said(self, desk: Desk, now: float) -> list[Happening]:
        happenings: list[Happening] = []
        for report in desk.slot.receive():
            if isinstance(report, Ready) or desk.cancelled or not desk.order:
                continue
            happenings.append(report)
            desk.started = desk.started or isinstance(report, Started)
            if isinstance(report, Done | Failed):
                desk.order = None
                desk.served += 1
                if desk.served >= self._recycle_after:
                    desk.slot.begin_end(now, RETIRE)
        return happenings


def _last_word(desk: Desk, order: Order) -> Gone | Cancelled:
    if desk.cancelled:
        return Cancelled(order.number)
    return Gone(order.number, vanished(desk.slot.exit_code, desk.slot.begun), desk.slot.exit_code)


def _is_free(desk: Desk) -> bool:
    # Asked of the process itself: an idle worker may have died since its last report.
    usable = desk.slot.empty or (desk.slot.connected and desk.slot.alive)
    return desk.order is None and not desk.slot.ending and usable


def _jobs(numbers: list[int]) -> str:
    return f"job{'s' if len(numbers) > 1 else ''} {', '.join(str(number) for number in sorted(numbers))}"
