"""All or nothing: in one process, between threads, and when a process is killed."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from labbox_local.errors import Unavailable
from labbox_local.store import recordings
from labbox_local.store.database import decoded, encode, insert, now, rows, update, writing
from labbox_local.store.recordings import Recording
from labbox_local.store.workspace import Workspace

WRITER = """
import sys
from labbox_local.store import recordings
from labbox_local.store.workspace import Workspace
workspace = Workspace.open(sys.argv[1])
for number in range(100_000):
    with workspace.transaction() as db:
        for part in "abc":
            recordings.insert(db, name=f"{number} {part}", spec={}, facts={}, probe=None, provenance={})
    print(number, flush=True)
"""


def names(workspace: Workspace) -> list[str]:
    return [recording.name for recording in recordings.all(workspace.db)]


def test_a_block_that_ends_well_is_written(workspace: Workspace, make_recording: Callable[..., int]) -> None:
    with workspace.transaction():
        make_recording("a")
        make_recording("b")
    assert names(workspace) == ["b", "a"]


def fail_after(make_recording: Callable[..., int]) -> None:
    make_recording("a")
    raise ZeroDivisionError


def test_a_block_that_fails_leaves_nothing(workspace: Workspace, make_recording: Callable[..., int]) -> None:
    with pytest.raises(ZeroDivisionError), workspace.transaction():
        fail_after(make_recording)
    assert names(workspace) == []
    make_recording("after")
    assert names(workspace) == ["after"]


def test_a_transaction_in_another_is_a_mistake(workspace: Workspace) -> None:
    with workspace.transaction(), pytest.raises(RuntimeError, match="A transaction is open"), workspace.transaction():
        pass


def test_writing_joins_the_open_transaction(workspace: Workspace, make_recording: Callable[..., int]) -> None:
    with pytest.raises(ZeroDivisionError), workspace.transaction() as db, writing(db):
        fail_after(make_recording)
    assert names(workspace) == []


def test_the_end_of_joined_writing_does_not_end_the_transaction(
    workspace: Workspace, make_recording: Callable[..., int]
) -> None:
    with workspace.transaction() as db:
        with writing(db):
            make_recording("a")
        assert db.conn.in_transaction
        db.rollback()
        db.execute("BEGIN")
    assert names(workspace) == []


def test_writing_alone_is_a_transaction(workspace: Workspace, make_recording: Callable[..., int]) -> None:
    with pytest.raises(ZeroDivisionError), writing(workspace.db):
        fail_after(make_recording)
    assert names(workspace) == []


def test_another_thread_sees_nothing_before_the_end(workspace: Workspace, make_recording: Callable[..., int]) -> None:
    seen: list[list[str]] = []
    with workspace.transaction():
        make_recording("a")
        thread = threading.Thread(target=lambda: seen.append(names(workspace)))
        thread.start()
        thread.join()
    assert seen == [[]]
    assert names(workspace) == ["a"]


def test_read_then_write_loses_no_update_between_threads(
    workspace: Workspace, make_recording: Callable[..., int]
) -> None:
    number = make_recording(facts={"count": 0})

    def count() -> None:
        for _ in range(25):
            with workspace.transaction() as db:
                facts = recordings.get(db, number).facts
                recordings.update(db, number, facts={"count": facts["count"] + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recordings.get(workspace.db, number).facts == {"count": 100}


def test_waiting_too_long_for_another_writer_is_a_sentence(workspace: Workspace) -> None:
    other = sqlite3.connect(workspace.folder / "workspace.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    workspace.db.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(Unavailable, match="is busy"), workspace.transaction():
        pass
    other.close()


def test_half_a_block_is_not_taken_for_whole_when_the_transaction_ended_inside(workspace: Workspace) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no transaction is active"), workspace.transaction() as db:
        db.execute("ROLLBACK")


@pytest.mark.parametrize("last", ["3", "17"])
def test_what_a_killed_process_said_was_written_is_there_and_nothing_is_half(tmp_path: Path, last: str) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "lab")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said: list[str] = []
        while not said or said[-1] != last:
            said.append(process.stdout.readline().strip())
        process.send_signal(signal.SIGKILL)
        said += process.stdout.read().split()
    with Workspace.open(tmp_path / "lab") as workspace:
        found = set(names(workspace))
        assert workspace.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {f"{number} {part}" for number in said for part in "abc"} <= found
    whole = {name.split()[0] for name in found}
    assert found == {f"{number} {part}" for number in whole for part in "abc"}
    assert len(whole) - len(said) in (0, 1)


@pytest.mark.parametrize("value", [{"a": [1, {"b": None}]}, [1, "µV"], {}, [], "text", 3, 2.5, None])
def test_values_come_back_as_they_went(value: object) -> None:
    assert decoded({"x": encode(value)}, frozenset({"x"} if isinstance(value, dict | list) else ())) == {"x": value}


def test_not_a_number_is_refused_since_json_has_none() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"noise": float("nan")})


def test_insert_gives_ids_and_update_counts(workspace: Workspace) -> None:
    values = {"name": "a", "created_at": "", "spec": {}, "facts": {}, "provenance": {}}
    assert [insert(workspace.db, "recordings", values) for _ in range(2)] == [1, 2]
    assert update(workspace.db, "recordings", "name = ?", ["a"], {"notes": "both"}) == 2
    assert update(workspace.db, "recordings", "name = ?", ["b"], {"notes": "none"}) == 0
    assert rows(workspace.db, "SELECT id, notes FROM recordings") == [
        {"id": 1, "notes": "both"},
        {"id": 2, "notes": "both"},
    ]


def test_times_are_utc_text_that_sorts() -> None:
    first, second = now(), now()
    assert first <= second
    assert first.endswith("Z")
    assert len(first) == len("2026-01-02T03:04:05.678Z")


def test_rows_are_plain_frozen_values(workspace: Workspace, make_recording: Callable[..., int]) -> None:
    recording = recordings.get(workspace.db, make_recording())
    assert isinstance(recording, Recording)
    with pytest.raises(AttributeError):
        recording.name = "b"  # type: ignore[misc]
