"""The engine's small parts: cache, context, plan, catalog, pool."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path

import pytest

from labbox_local.errors import NotFound
from labbox_local.jobs import processes
from labbox_local.jobs.cache import Cache
from labbox_local.jobs.catalog import TASKS, packages_of
from labbox_local.jobs.context import Context
from labbox_local.jobs.local import LocalPool
from labbox_local.jobs.messages import Cancelled, Done, Failed, Order, Setup, Started
from labbox_local.jobs.plan import key_of, row_of
from labbox_local.jobs.resource import Happening, Resource
from labbox_local.jobs.slot import Slot
from tests.jobs.conftest import MODULE, until


def size(thing: str) -> int:
    return len(thing)


def test_a_cache_makes_each_thing_once() -> None:
    cache, made = Cache(100, 10), []

    def make() -> str:
        made.append(1)
        return "thing"

    assert cache.get("a", make, size) is cache.get("a", make, size)
    assert made == [1]


def test_a_cache_lets_go_of_the_least_recently_used_by_count() -> None:
    cache = Cache(100, 2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda key=key: key, size)  # type: ignore[misc]
    assert len(cache) == 2
    assert cache.get("a", lambda: "new", size) == "a"
    assert cache.get("b", lambda: "new", size) == "new"


def test_a_cache_lets_go_by_bytes() -> None:
    cache = Cache(10, 10)
    for key in ("aaaa", "bbbb", "cccc"):
        cache.get(key, lambda key=key: key, size)  # type: ignore[misc]
    assert (len(cache), cache.size_bytes) == (2, 8)


def test_what_is_too_large_for_a_cache_is_given_out_and_not_kept() -> None:
    cache = Cache(3, 10)
    assert cache.get("a", lambda: "aaaa", size) == "aaaa"
    assert len(cache) == 0


def test_a_cleared_cache_is_empty() -> None:
    cache = Cache(10, 10)
    cache.get("a", lambda: "a", size)
    cache.clear()
    assert len(cache) == 0


def test_progress_is_reported_at_every_new_stage_and_else_now_and_then(tmp_path: Path) -> None:
    said: list[tuple[str, float | None]] = []
    context = Context(tmp_path, tmp_path, report=lambda stage, fraction: said.append((stage, fraction)))
    for step in range(1000):
        context.progress("filter", step / 1000)
    context.progress("detect")
    context.bar("", 2.0)
    assert said[0] == ("filter", 0.0)
    assert ("detect", None) in said
    assert len(said) < 100
    assert all(fraction is None or 0 <= fraction <= 1 for _, fraction in said)


def test_a_bar_without_a_name_keeps_the_stage(tmp_path: Path) -> None:
    said: list[str] = []
    context = Context(tmp_path, tmp_path, report=lambda stage, fraction: said.append(stage))
    context.bar("", 0.5)
    assert said == ["working"]


def test_a_context_makes_its_folders_when_asked(tmp_path: Path) -> None:
    context = Context(tmp_path / "job", tmp_path)
    assert not (tmp_path / "job").exists()
    assert context.scratch.is_dir()
    assert context.output.is_dir()
    context.progress("nobody listens")


def test_a_context_knows_when_it_is_cancelled(tmp_path: Path) -> None:
    stopping = threading.Event()
    context = Context(tmp_path, tmp_path, stopping=stopping)
    assert not context.cancelled()
    stopping.set()
    assert context.cancelled()


def test_the_catalog_names_each_task_as_its_key() -> None:
    assert all(name == info.name and info.version >= 1 and info.title for name, info in TASKS.items())


def test_a_sorters_own_package_is_part_of_its_key() -> None:
    assert "mountainsort5" in packages_of(TASKS["sort"], {"sorter": "mountainsort5"})
    assert packages_of(TASKS["sort"], {"sorter": "simple"}) == TASKS["sort"].packages


def test_a_row_has_the_tasks_lane_title_and_key() -> None:
    row = row_of("measure", {"spec": {"path": "/a"}}, inputs=("f",), recording_id=3)
    assert (row["lane"], row["title"], row["recording_id"]) == ("batch", "Measure channels", 3)
    assert row["key"] == key_of("measure", {"spec": {"path": "/a"}}, ("f",))
    assert row["key"] != key_of("measure", {"spec": {"path": "/a"}}, ("g",))


def test_interactive_tasks_are_not_queued() -> None:
    with pytest.raises(ValueError, match="interactive lane"):
        row_of("draw", {})
    with pytest.raises(NotFound):
        row_of("nothing", {})


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(MODULE, str(tmp_path), str(tmp_path / "worker.log"))


def order(number: int, task: str, folder: Path, cores: int = 1) -> Order:
    return Order(number, task, {}, str(folder / str(number)), str(folder / f"{number}.log"), cores)


def last(pool: Resource, kind: type[Happening], now: float = 0.0) -> Happening:
    """The first happening of that kind."""
    seen: list[Happening] = []

    def found() -> list[Happening]:
        seen.extend(pool.reports(now))
        return [happening for happening in seen if isinstance(happening, kind)]

    first: Happening = until(found, kind.__name__)[0]
    return first


def test_a_pool_hands_out_cores_as_well_as_workers(setup: Setup, tmp_path: Path) -> None:
    pool = LocalPool(lambda name: Slot(name, setup, tmp_path / "notes"), size=2, cores=4, recycle_after=10)
    pool.start(order(7, "wait", tmp_path, cores=3))
    assert pool.obstacle(1) is None
    assert pool.obstacle(2) == "2 of 4 cores: 1 free beside job 7"
    assert pool.obstacle(100) == "4 of 4 cores: 1 free beside job 7"
    pool.start(order(8, "wait", tmp_path))
    assert pool.obstacle(1) == "a free worker: 2 of 2 busy with jobs 7, 8"
    pool.begin_close(0.0)
    until(lambda: pool.closed(1e9), "the pool to be closed")
    assert not pool.waitables()


def test_a_cancelled_order_presses_harder_as_time_goes_by(setup: Setup, tmp_path: Path) -> None:
    """Time comes in from outside, so a worker that would need seconds is ended in as many as pass here."""
    pool = LocalPool(lambda name: Slot(name, setup, tmp_path / "notes"), size=1, cores=1, recycle_after=10)
    pool.start(order(1, "wait", tmp_path))
    last(pool, Started)
    pool.cancel(1)
    pool.cancel(99)
    assert pool.pending()
    assert last(pool, Cancelled, now=1e9) == Cancelled(1)
    assert pool.obstacle(1) is None
    pool.start(order(2, "who", tmp_path))
    assert isinstance(last(pool, Done), Done)
    pool.start(order(3, "leave", tmp_path))
    assert last(pool, Failed).number == 3
    pool.begin_close(0.0)
    until(lambda: pool.closed(1e9), "the pool to be closed")


def test_a_slot_is_used_again_after_a_kill(setup: Setup, tmp_path: Path) -> None:
    slot = Slot("one", setup, tmp_path / "notes")
    slot.start()
    first = slot.pid
    assert list((tmp_path / "notes").iterdir())
    slot.kill()
    assert (slot.empty, slot.alive, slot.exit_code, list((tmp_path / "notes").iterdir())) == (True, False, -9, [])
    slot.start()
    assert slot.pid != first
    slot.kill()
    slot.kill()


def test_the_relatives_of_nobody_are_nobody() -> None:
    assert processes.relatives(2**22 + 1) == set()
    assert processes.created_at(2**22 + 1) is None


def test_an_order_that_meets_a_dead_worker_goes_to_a_fresh_one(setup: Setup, tmp_path: Path) -> None:
    """The worker dies after the pool has looked: it is stopped first, so that it cannot take the order."""
    pool = LocalPool(lambda name: Slot(name, setup, tmp_path / "notes"), size=1, cores=1, recycle_after=10)
    pool.start(order(1, "who", tmp_path))
    pid = json.loads(last(pool, Done).answer)["pid"]  # type: ignore[union-attr]
    os.kill(pid, signal.SIGSTOP)
    pool.start(order(2, "who", tmp_path))
    os.kill(pid, signal.SIGKILL)
    assert last(pool, Done).number == 2
    pool.begin_close(0.0)
    until(lambda: pool.closed(1e9), "the pool to be closed")
