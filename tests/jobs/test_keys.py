"""Keys and digests: the same content has the same name, everything else another."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import psutil
import pytest

from labbox_local.errors import Unavailable
from labbox_local.jobs.keys import (
    canonical,
    folder_digest,
    folder_size,
    package_versions,
    result_key,
    said,
    settle,
    through_json,
)


def test_canonical_text_does_not_depend_on_the_order_of_names() -> None:
    assert canonical({"b": [1, 2.5, None], "a": {"d": "µ", "c": True}}) == '{"a":{"c":true,"d":"µ"},"b":[1,2.5,null]}'
    assert canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1})


@pytest.mark.parametrize("write", [canonical, said])
@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_in_json_is_refused(write: Any, number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write({"x": number})


def test_said_text_keeps_the_order_of_names() -> None:
    assert said({"b": 1, "a": 2}) == '{"b": 1, "a": 2}'


def test_params_that_survive_json_come_back_equal_and_as_a_copy() -> None:
    params = {"spec": {"path": "/a", "options": {}}, "freq_min": 300.0, "n": 3, "probe": None}
    arrived = through_json(params)
    assert arrived == params
    assert list(arrived) == list(params)
    assert arrived["spec"] is not params["spec"]


def test_the_refusal_names_the_parameter() -> None:
    with pytest.raises(TypeError, match="do not: channels"):
        through_json({"channels": (1, 2), "fine": [1]})


QUESTION: dict[str, Any] = {
    "task": "sort", "task_version": 1, "params": {"sorter": "simple"}, "inputs": ["f"], "packages": {"numpy": "2.0"},
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"task": "analyze"},
        {"task_version": 2},
        {"params": {"sorter": "lupin"}},
        {"inputs": []},
        {"inputs": ["g"]},
        {"packages": {"numpy": "2.1"}},
    ],
    ids=str,
)
def test_any_change_of_the_question_changes_the_key(change: dict[str, Any]) -> None:
    assert result_key(**QUESTION) == result_key(**QUESTION)
    assert result_key(**{**QUESTION, **change}) != result_key(**QUESTION)


def test_versions_of_packages_and_of_absent_ones() -> None:
    assert package_versions(["psutil", "no-such-distribution"]) == {
        "psutil": psutil.__version__,
        "no-such-distribution": "absent",
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files, one of them below."""
    (tmp_path / "result" / "sub").mkdir(parents=True)
    (tmp_path / "result" / "a.txt").write_bytes(b"one")
    (tmp_path / "result" / "sub" / "b.bin").write_bytes(bytes(3_000_000))
    return tmp_path / "result"


def test_a_digest_is_what_it_says(folder: Path) -> None:
    text = b"a.txt\x003\x00one" + b"sub/b.bin\x003000000\x00" + bytes(3_000_000)
    assert folder_digest(folder) == hashlib.sha256(text).hexdigest()
    assert folder_size(folder) == 3_000_003


def test_a_digest_knows_neither_place_nor_time(folder: Path) -> None:
    before = folder_digest(folder)
    os.utime(folder / "a.txt", (0, 0))
    assert folder_digest(folder.rename(folder.with_name("elsewhere"))) == before


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", b"ONE"), ("a.txt", b"one "), ("c.txt", b"one"), ("sub/a.txt", b"one")]
)
def test_any_change_in_the_folder_changes_the_digest(folder: Path, name: str, content: bytes) -> None:
    before = folder_digest(folder)
    (folder / "a.txt").unlink()
    (folder / name).write_bytes(content)
    assert folder_digest(folder) != before


def test_moving_bytes_from_one_file_to_the_next_changes_the_digest(tmp_path: Path) -> None:
    digests = set()
    for first, second in (("ab", "c"), ("a", "bc")):
        (tmp_path / "1").write_text(first)
        (tmp_path / "2").write_text(second)
        digests.add(folder_digest(tmp_path))
    assert len(digests) == 2


@pytest.mark.parametrize("read", [folder_digest, folder_size, settle])
def test_links_and_pipes_are_refused(folder: Path, read: Any) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(Unavailable, match="“pipe”"):
        read(folder)
    (folder / "pipe").unlink()
    (folder / "link").symlink_to(folder / "sub")
    with pytest.raises(Unavailable, match="“link”"):
        read(folder)


def test_settling_changes_nothing(folder: Path) -> None:
    before = folder_digest(folder)
    settle(folder)
    assert folder_digest(folder) == before
