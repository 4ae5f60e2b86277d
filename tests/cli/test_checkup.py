"""The check-up: what it looks at, what it says of a lack, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from labbox_local import cli_checkup
from labbox_local.cli_checkup import Check, find_chromium, grouped
from labbox_local.cli_doctor import line, verdict
from labbox_local.store.workspace import Workspace

ROOT = Path(__file__).parents[2]


def test_an_installed_package_shows_its_version() -> None:
    assert cli_checkup._package(Requirement("click>=8"), "") == Check("packages", "click", "good", version("click"))


@pytest.mark.parametrize(("extra", "state"), [("", "bad"), ("sorters", "optional")])
def test_a_package_that_is_absent_says_the_line_that_installs_it(extra: str, state: str) -> None:
    with pytest.raises(PackageNotFoundError):
        version("surely-not-there")
    check = cli_checkup._package(Requirement("surely-not-there~=1.0"), extra)
    assert (check.state, check.says, check.mend) == (state, "not installed", "pip install 'surely-not-there~=1.0'")


def test_a_package_of_another_version_says_both() -> None:
    check = cli_checkup._package(Requirement("click<1"), "")
    assert check.state == "bad"
    assert check.says == f"{version('click')} is installed, <1 is needed"


def test_an_extra_is_read_from_the_marker() -> None:
    assert cli_checkup._extra(Requirement('pynwb; extra == "nwb"')) == "nwb"
    assert cli_checkup._extra(Requirement("pywebview; sys_platform == 'linux'")) == ""


def test_a_workspace_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    checks = list(cli_checkup._workspace(tmp_path / "new"))
    assert [check.state for check in checks] == ["good"]
    assert "will be made" in checks[0].says
    assert not (tmp_path / "new").exists()


def test_a_workspace_that_is_there_is_opened(tmp_path: Path) -> None:
    Workspace.open(tmp_path / "workspace").close()
    assert [check.says for check in cli_checkup._workspace(tmp_path / "workspace")] == [str(tmp_path / "workspace")]


def test_a_folder_of_others_is_to_be_mended(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    (check,) = cli_checkup._workspace(tmp_path)
    assert check.state == "bad"
    assert check.mend


def test_a_full_disk_is_to_be_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli_checkup._disk(tmp_path / "not" / "yet").says.endswith(f"at {tmp_path}")
    monkeypatch.setattr(cli_checkup, "LEAST_FREE_BYTES", 10**18)
    assert cli_checkup._disk(tmp_path).state == "bad"


def test_a_program_that_is_absent_says_what_it_is_for() -> None:
    check = cli_checkup._program("surely-not-there", "for the tests", "pip install it")
    assert (check.state, check.says, check.mend) == (
        "optional",
        "not found; it is used for the tests",
        "pip install it",
    )


def test_the_named_chromium_comes_first(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert find_chromium({"CHROME_PATH": sys.executable, "PATH": str(tmp_path)}) == sys.executable
    assert find_chromium({"PATH": str(tmp_path)}) == str(program)


def test_a_chromium_that_is_named_and_not_there_is_not_replaced_by_another(tmp_path: Path) -> None:
    assert find_chromium({"CHROME_PATH": str(tmp_path / "gone"), "PATH": os.environ["PATH"]}) is None


@pytest.mark.parametrize(
    ("installed", "state", "mend"), [(True, "good", ""), (False, "optional", "pip install mountainsort5")]
)
def test_a_sorter_that_is_absent_says_how_to_get_it(installed: bool, state: str, mend: str) -> None:
    entry = {"name": "x", "installed": installed, "version": "1", "how_to_get": "pip install mountainsort5"}
    check = cli_checkup._sorter(entry)
    assert (check.state, check.mend) == (state, mend)


def test_checks_stand_under_their_topics_and_the_last_line_counts() -> None:
    checks = [
        Check("a", "one", "good", "fine"),
        Check("b", "two", "bad", "gone", "get it"),
        Check("a", "three", "optional", "no"),
    ]
    assert grouped(checks, line) == "A\n  ok one: fine\n  -- three: no\n\nB\n  !! two: gone\n       to mend it: get it"
    assert verdict(1) == "1 to mend (marked !!)."
    assert verdict(0).startswith("All that")


@pytest.mark.slow
def test_the_whole_check_up_asks_a_real_worker_and_its_status_tells(tmp_path: Path) -> None:
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path / "config")}
    command = [sys.executable, "-m", "labbox_local", "doctor", "--json", "--workspace", str(tmp_path / "workspace")]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=180)
    told = json.loads(done.stdout)
    states = {(check["topic"], check["name"]): check["state"] for check in told["checks"]}
    assert states["window", "window"] == "good"
    assert states["sorters", "tridesclous2"] == states["sorters", "spykingcircus2"] == "good"
    assert states["sorters", "kilosort4"] in ("good", "optional")
    assert done.returncode == (0 if told["ok"] else 1)
    assert told["ok"] == ("bad" not in states.values())
    assert all(check["mend"] for check in told["checks"] if check["state"] != "good")
    assert not (tmp_path / "workspace").exists()
