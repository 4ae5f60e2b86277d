"""A disk that is really full, at each moment of a job's life."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labbox_local.errors import Unavailable
from labbox_local.jobs.failures import DISK_FULL, DISK_FULL_HINT
from labbox_local.jobs.supervisor import Supervisor
from labbox_local.store import jobs, results
from labbox_local.store.workspace import Workspace
from tests.jobs.conftest import MODULE, Engine, until
from tests.jobs.sample_tasks import TASKS


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("Mounting a small disk needs the command “mount”.")
    if done.returncode:
        pytest.skip(f"A small disk cannot be mounted by this account: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def small(disk: Path) -> Iterator[Engine]:
    """An engine whose workspace lies on the small disk."""
    with Workspace.open(disk / "workspace") as workspace:
        supervisor = Supervisor(workspace, completions={}, publish=lambda event, data: None, module=MODULE, tasks=TASKS)
        supervisor.start()
        yield Engine(workspace, supervisor, {})
        supervisor.stop()


def fill(disk: Path) -> Path:
    """A file that leaves no room for anything else."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError:
            return filler


def test_an_output_that_does_not_fit_fails_with_a_sentence_and_gives_its_room_back(small: Engine) -> None:
    job = small.run("write", files={"a": "x"}, times=9_000_000)
    assert (job.state, job.error, job.hint) == ("failed", DISK_FULL, DISK_FULL_HINT)
    assert not list(small.workspace.scratch.iterdir())
    assert small.run("write", files={"a": "x"}, times=1_000_000).state == "done"


def test_a_job_that_ends_on_a_full_disk_is_failed_once_that_can_be_written(
    small: Engine, disk: Path, fifo: Callable[[str], Path]
) -> None:
    gate = fifo("gate")
    job = small.supervisor.enqueue("wait", {"until": str(gate)})
    small.reach(job, "running")
    filler = fill(disk)
    gate.write_text("x" * 20_000)
    until(lambda: small.supervisor._unwritten, "the failure to find no room")
    assert small.job(job).state == "running"
    filler.unlink()
    failed = small.reach(job, "failed")
    assert "is full" in str(failed.error)
    assert results.get_or_none(small.workspace.db, job.key) is None


def test_nothing_is_queued_on_a_full_disk(small: Engine, disk: Path) -> None:
    fill(disk)
    with pytest.raises(Unavailable, match="is full"):
        small.supervisor.enqueue("echo", {"x": "x" * 10_000})
    assert jobs.all(small.workspace.db) == []
    (disk / "filler").unlink()
    assert small.run("echo").state == "done"
