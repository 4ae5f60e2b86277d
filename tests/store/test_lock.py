"""One owner per workspace, whatever becomes of its process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labbox_local.errors import Unavailable
from labbox_local.store import lock
from labbox_local.store.workspace import Workspace

OWNER = """
import sys
from labbox_local.store import lock
held = lock.claim(sys.argv[1])
held.announce("http://127.0.0.1:1/?token=t")
print("owner", flush=True)
sys.stdin.read()
if sys.argv[2] == "release":
    held.release()
"""


@contextmanager
def other_process(folder: Path, ending: str = "release") -> Iterator[subprocess.Popen[str]]:
    """Another process that owns the workspace; at the end of its input it ends."""
    command = [sys.executable, "-c", OWNER, str(folder), ending]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "owner\n"
        yield process
        process.stdin.close()
        process.wait(20)


def test_a_free_workspace_is_claimed_and_given_up(tmp_path: Path) -> None:
    assert lock.owner(tmp_path / "lab") is None
    held = lock.claim(tmp_path / "lab")
    assert held is not None
    assert lock.owner(tmp_path / "lab") == {"pid": os.getpid(), "url": None}
    held.announce("http://127.0.0.1:5000/?token=t")
    assert lock.owner(tmp_path / "lab") == {"pid": os.getpid(), "url": "http://127.0.0.1:5000/?token=t"}
    held.release()
    held.release()
    assert lock.owner(tmp_path / "lab") is None
    assert not (tmp_path / "lab" / "scratch" / "server.json").exists()


def test_a_claim_may_come_before_the_workspace_is_made(tmp_path: Path) -> None:
    with lock.claim(tmp_path / "lab") or pytest.fail("not claimed"), Workspace.open(tmp_path / "lab") as workspace:
        assert workspace.folder == tmp_path / "lab"


def test_a_second_owner_is_refused_in_the_same_process_and_in_another(tmp_path: Path) -> None:
    with lock.claim(tmp_path) or pytest.fail("not claimed"):
        assert lock.claim(tmp_path) is None
    with other_process(tmp_path) as process:
        assert lock.claim(tmp_path) is None
        assert lock.owner(tmp_path) == {"pid": process.pid, "url": "http://127.0.0.1:1/?token=t"}
    with lock.claim(tmp_path) or pytest.fail("not claimed"):
        assert lock.owner(tmp_path) == {"pid": os.getpid(), "url": None}


def test_asking_for_the_owner_does_not_take_the_workspace(tmp_path: Path) -> None:
    (lock.claim(tmp_path) or pytest.fail("not claimed")).release()
    assert [lock.owner(tmp_path) for _ in range(3)] == [None] * 3
    with lock.claim(tmp_path) or pytest.fail("not claimed"):
        pass


def test_what_a_killed_owner_left_does_not_count(tmp_path: Path) -> None:
    with other_process(tmp_path) as process:
        process.kill()
        process.wait(20)
    left = tmp_path / "scratch" / "server.json"
    assert json.loads(left.read_text())["pid"] == process.pid
    assert lock.owner(tmp_path) is None
    with lock.claim(tmp_path) or pytest.fail("not claimed"):
        assert lock.owner(tmp_path) == {"pid": os.getpid(), "url": None}


def test_an_owner_that_just_ends_gives_up(tmp_path: Path) -> None:
    with other_process(tmp_path, ending="just end"):
        assert lock.claim(tmp_path) is None
    with lock.claim(tmp_path) or pytest.fail("not claimed"):
        assert lock.owner(tmp_path) is not None


@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits; there the user's profile is private.")
def test_the_address_is_for_its_user_only(tmp_path: Path) -> None:
    with lock.claim(tmp_path) or pytest.fail("not claimed") as held:
        held.announce("http://127.0.0.1:1/?token=secret")
        assert (tmp_path / "scratch" / "server.json").stat().st_mode & 0o777 == 0o600


def test_an_owner_that_has_said_nothing_yet_is_still_an_owner(tmp_path: Path) -> None:
    with lock.claim(tmp_path) or pytest.fail("not claimed"):
        (tmp_path / "scratch" / "server.json").unlink()
        assert lock.owner(tmp_path) == {"pid": None, "url": None}


def test_a_folder_with_other_things_is_not_claimed_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(Unavailable, match="holds other things"):
        lock.claim(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["photo.jpg"]


def test_clearing_the_scratch_space_of_jobs_keeps_the_lock(tmp_path: Path) -> None:
    with lock.claim(tmp_path) or pytest.fail("not claimed"), Workspace.open(tmp_path) as workspace:
        assert list(workspace.scratch.iterdir()) == []
        assert lock.owner(tmp_path) == {"pid": os.getpid(), "url": None}
