"""Rows with everything that a test does not care about filled in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from labbox_local.store import jobs, recordings, results, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.results import Result
from labbox_local.store.workspace import Workspace

NOBODY = 65534


@pytest.fixture
def make_result(workspace: Workspace) -> Callable[..., Result]:
    def make(key: str, **more: Any) -> Result:
        values: dict[str, Any] = {
            "task": "sort", "version": 1, "params": {"sorter": "simple"}, "blob": None, "summary": {"unit_count": 3},
            "seconds": 1.5, "size_bytes": 10, "packages": {"numpy": "2.0"},
        }  # fmt: skip
        return results.put(workspace.db, key=key, **{**values, **more})

    return make


@pytest.fixture
def make_recording(workspace: Workspace) -> Callable[..., int]:
    def make(name: str = "tetrode", **more: Any) -> int:
        values: dict[str, Any] = {
            "spec": {"format": "binary", "path": "/data/a.raw", "options": {}}, "facts": {"channel_count": 4},
            "probe": None, "provenance": {"class": "BinaryRecording"},
        }  # fmt: skip
        return recordings.insert(workspace.db, name=name, **{**values, **more})

    return make


@pytest.fixture
def make_sorting(workspace: Workspace, make_result: Callable[..., Result]) -> Callable[..., int]:
    def make(recording_id: int | None, result_key: str = "sorted", **more: Any) -> int:
        make_result(result_key)
        values: dict[str, Any] = {"name": "simple", "source": "sorter", "unit_count": 3, "spike_count": 900}
        return sortings.insert(workspace.db, recording_id=recording_id, result_key=result_key, **{**values, **more})

    return make


@pytest.fixture
def make_job(workspace: Workspace) -> Callable[..., Job]:
    def make(key: str = "k", **more: Any) -> Job:
        values: dict[str, Any] = {"task": "sort", "lane": "batch", "title": "Sort tetrode", "params": {}}
        return jobs.enqueue(workspace.db, key=key, **{**values, **more})[0]

    return make


@pytest.fixture
def put_blob() -> Callable[..., str]:
    """Finishes a job's folder as the supervisor does, inside the caller's transaction, and gives the digest."""

    def put(workspace: Workspace, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        folder = workspace.scratch / f"{digest[:8]}-{os.getpid()}"
        (folder / "sorting").mkdir(parents=True)
        (folder / "sorting" / "spikes.bin").write_bytes(content)
        return workspace.blobs.adopt(folder, digest)

    return put


@pytest.fixture
def unprivileged(tmp_path: Path) -> Iterator[Path]:
    """A folder of someone else, met by an account that permissions bind."""
    if os.name != "posix":
        pytest.skip("Permissions of this system cannot be taken away from the account that runs the tests.")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    opened = [theirs, *theirs.parents]
    modes = {
        folder: folder.stat().st_mode
        for folder in opened
        if folder.stat().st_uid == os.getuid() and folder != Path("/")
    }
    user = os.geteuid()
    for folder, mode in modes.items():
        folder.chmod(mode | 0o055 & ~0o022)
    theirs.chmod(0o555)
    if user == 0:
        os.seteuid(NOBODY)
    yield theirs
    if user == 0:
        os.seteuid(user)
    for folder, mode in modes.items():
        folder.chmod(mode)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("Mounting a small disk needs the command “mount”.")
    if done.returncode:
        pytest.skip(f"A small disk cannot be mounted by this account: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)
