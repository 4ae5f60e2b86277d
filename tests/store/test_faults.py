"""Disks and databases that refuse: each a sentence, and nothing half written."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labbox_local.errors import Unavailable
from labbox_local.store import lock, recordings
from labbox_local.store.faults import disk_of, explained, unavailable
from labbox_local.store.workspace import Workspace


def test_a_folder_without_permission_is_a_sentence(unprivileged: Path) -> None:
    with pytest.raises(Unavailable, match="You have no permission to write to") as caught:
        Workspace.open(unprivileged / "lab")
    assert "folder of your own" in caught.value.hint


def test_a_workspace_that_may_only_be_read_is_a_sentence(unprivileged: Path) -> None:
    user = os.geteuid()
    os.seteuid(os.getuid())
    unprivileged.chmod(0o755)
    Workspace.open(unprivileged).close()
    for entry in [unprivileged, *unprivileged.rglob("*")]:
        entry.chmod(0o555 if entry.is_dir() else 0o444)
    os.seteuid(user)
    with pytest.raises(Unavailable, match=r"may not be written to|cannot be opened") as caught:
        Workspace.open(unprivileged)
    assert str(unprivileged) in str(caught.value)


def test_claiming_a_folder_without_permission_is_a_sentence(unprivileged: Path) -> None:
    with pytest.raises(Unavailable, match="You have no permission to write to"):
        lock.claim(unprivileged)


FIELDS: dict[str, Any] = {"spec": {}, "facts": {}, "probe": None, "provenance": {}}


def write_too_much(workspace: Workspace, kept: int) -> None:
    with workspace.transaction() as db:
        recordings.update(db, kept, notes="changed")
        for number in range(1000):
            recordings.insert(db, **{**FIELDS, "name": f"{number}", "facts": {"text": "x" * 10_000}})


def test_a_full_disk_is_a_sentence_that_names_it_and_the_library_is_unchanged(small_disk: Path) -> None:
    with Workspace.open(small_disk / "lab") as workspace:
        kept = recordings.insert(workspace.db, name="kept", **FIELDS)
        with pytest.raises(OSError, match="No space left"):
            (workspace.logs / "filler").write_bytes(b"x" * 2_000_000)
        with pytest.raises(Unavailable) as caught:
            write_too_much(workspace, kept)
        assert str(caught.value).startswith(f"The disk {small_disk} is full (0.0 MB free)")
        assert [(item.name, item.notes) for item in recordings.all(workspace.db)] == [("kept", "")]
        (workspace.logs / "filler").unlink()
        recordings.insert(workspace.db, name="room again", **FIELDS)


def test_a_blob_that_does_not_fit_is_a_sentence_and_leaves_no_piece(small_disk: Path) -> None:
    with Workspace.open(small_disk / "lab") as workspace:
        with pytest.raises(Unavailable, match=f"The disk {small_disk} is full"):
            workspace.blobs.put(os.urandom(2_000_000))
        assert [entry for entry in workspace.blobs.root.rglob("*") if entry.is_file()] == []


def test_a_new_workspace_on_a_full_disk_is_a_sentence(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        (small_disk / ".DS_Store").write_bytes(b"x" * 2_000_000)
    with pytest.raises(Unavailable, match=f"The disk {small_disk} is full"):
        Workspace.open(small_disk)


def test_a_database_that_may_not_grow_is_a_sentence(workspace: Workspace, make_recording: Callable[..., int]) -> None:
    workspace.db.execute(f"PRAGMA max_page_count = {workspace.db.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(Unavailable, match=rf"The disk {disk_of(workspace.folder)} is full"):
        make_recording(facts={"text": "x" * 100_000})
    assert recordings.all(workspace.db) == []


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "workspace.sqlite").write_bytes(b"these are my notes " * 100)
    with pytest.raises(Unavailable, match="is not a database"):
        Workspace.open(tmp_path)


def test_a_damaged_database_is_a_sentence(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "lab") as workspace:
        for number in range(200):
            recordings.insert(
                workspace.db, name=f"{number}", spec={}, facts={"x": "y" * 500}, probe=None, provenance={}
            )
    file = tmp_path / "lab" / "workspace.sqlite"
    content = bytearray(file.read_bytes())
    content[3 * 4096 :] = os.urandom(len(content) - 3 * 4096)
    file.write_bytes(content)
    with pytest.raises(Unavailable, match="is damaged"), Workspace.open(tmp_path / "lab") as workspace:
        recordings.all(workspace.db)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EDQUOT, "is full"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "is read-only"),
        (errno.ENAMETOOLONG, "cannot be used: File name too long."),
    ],
)
def test_each_refusal_of_the_system_has_a_sentence_and_a_hint(number: int, sentence: str, tmp_path: Path) -> None:
    reason = unavailable(OSError(number, os.strerror(number)), tmp_path)
    assert reason is not None
    assert sentence in str(reason)
    assert str(reason).endswith(".")
    assert reason.hint.endswith(".")


def test_mistakes_of_the_program_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="syntax error"), explained(tmp_path):
        sqlite3.connect(":memory:").execute("SELEKT")
    with pytest.raises(KeyError), explained(tmp_path):
        raise KeyError("x")


def test_the_disk_of_a_path_that_is_not_there_yet_is_found(small_disk: Path) -> None:
    assert disk_of(small_disk / "not" / "there") == small_disk
