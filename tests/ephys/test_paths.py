"""A path that cannot be used says why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labbox_local.ephys import paths
from labbox_local.errors import Invalid

NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything, so the look is taken as somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_a_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").touch()
    monkeypatch.chdir(tmp_path)
    assert paths.existing(" a ") == tmp_path / "a"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.existing("~/a") == tmp_path / "a"


@pytest.mark.parametrize(
    ("path", "words"),
    [("", "needed"), ("  ", "needed"), ("a\0b", "NUL"), ("x" * 5000, "cannot be a path|nothing at")],
)
def test_what_can_be_no_path(path: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        paths.existing(path)


def test_a_missing_path_says_how_far_it_is_right(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=f"the path is right up to {tmp_path}"):
        paths.existing(tmp_path / "b" / "c" / "d")


def test_the_field_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        paths.existing(tmp_path / "b", "probe")
    assert list(caught.value.fields) == ["probe"]


def test_a_folder_or_an_empty_file_is_no_file_to_read(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="is a folder"):
        paths.existing_file(tmp_path)
    (tmp_path / "empty").touch()
    with pytest.raises(Invalid, match="0 bytes"):
        paths.existing_file(tmp_path / "empty")


@pytest.mark.parametrize("kind", ["file", "folder", "inside"])
def test_without_permission_there_is_a_sentence(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "a").touch()
    (folder / "a").chmod(0)
    folder.chmod(0o755 if kind == "file" else 0)
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    try:
        with as_nobody(), pytest.raises(Invalid, match="permission"):
            paths.existing(folder if kind == "folder" else folder / "a")
    finally:
        folder.chmod(0o755)
