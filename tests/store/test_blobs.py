"""Blobs: whole or not at all, one per content, swept only when nothing names them."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from labbox_local.errors import NotFound, Unavailable
from labbox_local.store.blobs import Blobs, write_beside

DIGEST = sha256(b"a folder").hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    (tmp_path / "blobs").mkdir()
    return Blobs(tmp_path / "blobs")


def finished_folder(place: Path, text: str = "spikes") -> Path:
    (place / "sorting").mkdir(parents=True)
    (place / "sorting" / "spikes.txt").write_text(text)
    return place


def test_bytes_come_back_under_their_digest(blobs: Blobs) -> None:
    digest = blobs.put(b"hello")
    assert digest == sha256(b"hello").hexdigest()
    assert blobs.path(digest) == blobs.root / digest[:2] / digest[2:]
    with blobs.open(digest) as handle:
        assert handle.read() == b"hello"
    assert blobs.size(digest) == 5
    assert digest in blobs


def test_the_same_bytes_twice_are_one_file(blobs: Blobs) -> None:
    assert blobs.put(b"hello") == blobs.put(b"hello")
    assert len([entry for entry in blobs.root.rglob("*") if entry.is_file()]) == 1


def test_a_folder_is_moved_in_whole(blobs: Blobs, tmp_path: Path) -> None:
    folder = finished_folder(tmp_path / "scratch" / "7")
    assert blobs.adopt(folder, DIGEST) == DIGEST
    assert not folder.exists()
    with blobs.open(DIGEST, "sorting/spikes.txt") as handle:
        assert handle.read() == b"spikes"
    assert blobs.size(DIGEST) == 6


def test_adopting_what_is_here_keeps_the_first_and_removes_the_copy(blobs: Blobs, tmp_path: Path) -> None:
    blobs.adopt(finished_folder(tmp_path / "1"), DIGEST)
    inode = blobs.path(DIGEST).stat().st_ino
    blobs.adopt(finished_folder(tmp_path / "2"), DIGEST)
    assert not (tmp_path / "2").exists()
    assert blobs.path(DIGEST).stat().st_ino == inode


def test_adopting_a_folder_that_is_gone_is_a_sentence(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file or directory"):
        blobs.adopt(tmp_path / "gone", DIGEST)
    assert DIGEST not in blobs


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n"])
def test_a_name_that_is_no_digest_is_not_found(blobs: Blobs, name: str) -> None:
    with pytest.raises(NotFound):
        blobs.path(name)


@pytest.mark.parametrize("inside", ["../../secret", "/etc/hostname", "sorting", "nothing", "raw"])
def test_only_files_inside_a_blob_are_opened(blobs: Blobs, tmp_path: Path, inside: str) -> None:
    (tmp_path / "secret").write_text("x")
    folder = finished_folder(tmp_path / "1")
    (folder / "raw").symlink_to(tmp_path / "secret")
    blobs.adopt(folder, DIGEST)
    with pytest.raises(NotFound):
        blobs.open(DIGEST, inside)


def test_a_blob_that_is_gone_has_no_size(blobs: Blobs) -> None:
    with pytest.raises(NotFound, match="is gone"):
        blobs.size(DIGEST)


def test_a_sweep_frees_what_nothing_names_and_keeps_the_rest(blobs: Blobs, tmp_path: Path) -> None:
    kept, lost = blobs.put(b"kept"), blobs.put(b"lost!")
    blobs.adopt(finished_folder(tmp_path / "1", "12345678"), DIGEST)
    assert blobs.sweep({kept}) == 5 + 8
    assert kept in blobs
    assert lost not in blobs
    assert DIGEST not in blobs
    assert blobs.sweep({kept}) == 0


def test_a_sweep_takes_what_a_broken_write_left(blobs: Blobs) -> None:
    kept = blobs.put(b"kept")
    (blobs.path(kept).parent / ".half-written").write_bytes(b"123")
    assert blobs.sweep({kept}) == 3
    assert kept in blobs


def test_a_blob_that_was_set_aside_can_come_back_before_the_trash_is_emptied(blobs: Blobs) -> None:
    digest = blobs.put(b"again")
    blobs.set_aside(())
    assert digest not in blobs
    blobs.put(b"again")
    assert blobs.empty_trash() == 5
    assert digest in blobs


def test_naming_a_blob_that_is_not_here_does_no_harm(blobs: Blobs) -> None:
    assert blobs.sweep({DIGEST}) == 0


def test_a_file_is_replaced_at_once_with_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "server.json"
    target.write_text("old")
    write_beside(target, b"new", mode=0o600)
    assert target.read_bytes() == b"new"
    assert os.name != "posix" or target.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["server.json"]


def test_a_write_that_cannot_end_leaves_the_old_file_and_no_piece(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("x")
    with pytest.raises(OSError, match="directory"):
        write_beside(tmp_path / "taken", b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]
