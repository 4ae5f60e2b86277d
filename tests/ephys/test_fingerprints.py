"""A fingerprint tells files apart by little reading."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labbox_local.ephys import fingerprints


def of(path: Path) -> str:
    return str(fingerprints.of_paths(fingerprints.files_of(path))["sha256"])


@pytest.mark.parametrize("place", [0, 500_000, 999_999])
def test_head_middle_and_tail_are_looked_at(tmp_path: Path, place: int) -> None:
    content = bytearray(1_000_000)
    (tmp_path / "a").write_bytes(content)
    before = of(tmp_path / "a")
    content[place] = 1
    (tmp_path / "a").write_bytes(content)
    assert of(tmp_path / "a") != before


def test_a_copy_has_the_same_hash_and_its_own_time(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"123")
    (tmp_path / "b").write_bytes(b"123")
    os.utime(tmp_path / "b", ns=(1, 1))
    assert of(tmp_path / "a") == of(tmp_path / "b")
    (file,) = fingerprints.of_paths([tmp_path / "b"])["files"]
    assert (file["mtime_ns"], file["size_bytes"]) == (1, 3)


def test_a_folder_is_all_its_files_but_the_hidden(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a", "sub/b", ".hidden"):
        (tmp_path / name).write_text(name)
    assert [path.name for path in fingerprints.files_of(tmp_path)] == ["a", "b"]


def test_files_named_in_the_provenance_belong_to_it(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    inner = {"kwargs": {"file_paths": [str(tmp_path / "b"), "/gone"], "note": str(tmp_path / "c")}}
    found = fingerprints.files_of(tmp_path / "a", {"kwargs": {"recording": inner}})
    assert [path.name for path in found] == ["a", "b"]


def test_an_empty_file_has_a_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert len(of(tmp_path / "a")) == 64
