"""Opening, sharing and closing a workspace."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labbox_local.errors import Unavailable
from labbox_local.store.database import connect
from labbox_local.store.schema import MIGRATIONS, migrate
from labbox_local.store.workspace import Workspace

OPEN_AND_TELL = """
import sys
from labbox_local.store.workspace import Workspace
with Workspace.open(sys.argv[1]) as workspace:
    print(workspace.db.execute("PRAGMA user_version").fetchone()[0])
"""


def test_a_new_folder_gets_the_database_and_its_subfolders(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "deep" / "lab") as workspace:
        assert workspace.folder == tmp_path / "deep" / "lab"
        assert {entry.name for entry in workspace.folder.iterdir()} >= {"workspace.sqlite", "blobs", "logs", "scratch"}
        assert workspace.scratch.is_dir()
        assert workspace.log_path(7) == workspace.folder / "logs" / "7.log"


def test_closed_it_holds_these_things_and_nothing_else(tmp_path: Path) -> None:
    Workspace.open(tmp_path / "lab").close()
    names = {entry.name for entry in (tmp_path / "lab").iterdir()}
    assert names == {"workspace.sqlite", "blobs", "logs", "scratch"}


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "lab") as workspace, workspace.transaction() as db:
        db.execute(
            "INSERT INTO recordings (name, created_at, spec, facts, provenance) VALUES ('a', '', '{}', '{}', '{}')"
        )
    with Workspace.open(tmp_path / "lab") as workspace:
        assert workspace.db.execute("SELECT name FROM recordings").fetchall() == [("a",)]


def test_a_home_folder_may_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with Workspace.open("~/lab") as workspace:
        assert workspace.folder == tmp_path / "lab"


def test_the_connection_has_the_promised_pragmas(workspace: Workspace) -> None:
    found = {
        name: workspace.db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
    }
    assert found == {"journal_mode": "wal", "busy_timeout": 15000, "foreign_keys": 1, "synchronous": 1}


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(Unavailable, match="holds other things and is no workspace"):
        Workspace.open(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["photo.jpg"]


def test_what_a_file_manager_leaves_behind_does_not_count(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"x")
    Workspace.open(tmp_path).close()


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("x")
    with pytest.raises(Unavailable, match="is a file; a workspace is a folder"):
        Workspace.open(tmp_path / "lab")


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Unavailable, match=r"cannot be used: Not a directory\."):
        Workspace.open(tmp_path / "file" / "lab")


def test_a_newer_schema_is_refused_and_not_changed(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "lab") as workspace:
        workspace.db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(Unavailable, match="written by a newer Labbox Local") as caught:
        Workspace.open(tmp_path / "lab")
    assert caught.value.hint == "Update Labbox Local, or open another workspace."


def test_a_database_of_another_program_is_refused_and_not_changed(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "workspace.sqlite") as theirs:
        theirs.execute("CREATE TABLE cats (name TEXT)")
    theirs.close()
    with pytest.raises(Unavailable, match="belongs to another program"):
        Workspace.open(tmp_path)
    with sqlite3.connect(tmp_path / "workspace.sqlite") as theirs:
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("cats",)]
    theirs.close()


def test_an_older_schema_is_brought_up_to_date_with_its_rows(tmp_path: Path) -> None:
    db = connect(tmp_path / "workspace.sqlite")
    first = (("CREATE TABLE old (a INTEGER) STRICT", "INSERT INTO old VALUES (1)"),)
    migrate(db, first)
    migrate(db, (*first, ("ALTER TABLE old ADD COLUMN b INTEGER NOT NULL DEFAULT 2",)))
    assert db.execute("SELECT a, b FROM old").fetchall() == [(1, 2)]
    assert db.execute("PRAGMA user_version").fetchone() == (2,)
    db.close()


def test_a_step_that_fails_leaves_no_half_of_it(tmp_path: Path) -> None:
    db = connect(tmp_path / "workspace.sqlite")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        migrate(db, (("CREATE TABLE fine (a INTEGER)", "INSERT INTO missing VALUES (1)"),))
    assert db.table_names() == []
    assert db.execute("PRAGMA user_version").fetchone() == (0,)
    db.close()


def test_many_processes_may_make_the_same_workspace_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_AND_TELL, str(tmp_path / "lab")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate(timeout=60) for process in running]
    assert answers == [(f"{len(MIGRATIONS)}\n", "")] * 4


def test_each_thread_has_its_own_connection_and_keeps_it(workspace: Workspace) -> None:
    seen = []

    def look() -> None:
        seen.extend([workspace.db, workspace.db])

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen[0] is seen[1]
    assert seen[0] is not workspace.db


def test_connections_of_ended_threads_are_closed_when_another_begins(workspace: Workspace) -> None:
    seen = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: seen.append(workspace.db))
        thread.start()
        thread.join()
    for ended in seen[:2]:
        with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
            ended.execute("SELECT 1")


def test_close_closes_the_connections_of_all_threads(workspace: Workspace) -> None:
    opened, leave = threading.Event(), threading.Event()
    seen = []

    def hold() -> None:
        seen.append(workspace.db)
        opened.set()
        leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert opened.wait(10)
    workspace.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        seen[0].execute("SELECT 1")
    leave.set()
    thread.join()


def test_after_close_there_is_a_sentence(workspace: Workspace) -> None:
    workspace.close()
    workspace.close()
    with pytest.raises(Unavailable, match="is closed"):
        _ = workspace.db
