"""Exit statuses, wrong usage and options, asked of the command line in this process."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from labbox_local import cli
from labbox_local.cli_import import COMMANDS, probe_choice
from labbox_local.errors import Invalid, NotFound, Unavailable

EVERY_COMMAND = ("demo", "import", "sort", "ls", "jobs", "delete", "doctor")


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "workspace")


def test_every_command_is_listed_with_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"\n  {name} " in told for name in EVERY_COMMAND)


@pytest.mark.parametrize("name", EVERY_COMMAND)
def test_every_command_explains_itself_and_takes_a_workspace(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([name, "--help"]) == 0
    assert "--workspace" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--port", "70000"],
        ["--browser", "--no-window"],
        ["ls", "units"],
        ["sort"],
        ["sort", "1", "-p", "threshold"],
        ["import", "x", "--layout", "helix"],
        ["import", "x", "--probe", "p.json", "--layout", "linear"],
        ["import", "x", "--no-probe", "--layout", "linear"],
        ["import", "x", "--layout-option", "pitch_um=20"],
        ["import", "x", "--recording", "1"],
        ["import", "x", "--sorting", "--channels", "4"],
        ["import", "x", "-o", "stream"],
        ["jobs", "--cancel"],
        ["jobs", "seven"],
        ["delete", "job", "1"],
        ["demo", "--json"],
    ],
)
def test_wrong_usage_ends_with_2_and_says_what(
    arguments: list[str], folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["--workspace", folder, *arguments]) == cli.USAGE
    told = capsys.readouterr()
    assert "Error: " in told.err
    assert told.out == ""
    assert not Path(folder).exists()


def test_an_empty_library_says_what_to_do_first(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--workspace", folder, "ls"]) == 0
    assert "labbox-local import PATH" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["recordings", "sortings", "jobs"])
def test_an_empty_list_is_an_empty_json_list(what: str, folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ls", what, "--json", "--workspace", folder]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_workspace_named_last_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--workspace", str(tmp_path / "a"), "ls", "--workspace", str(tmp_path / "b")]) == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.name in "ab") == ["b"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["jobs", "12"], "There is no job 12"),
        (["jobs", "12", "--log"], "There is no job 12"),
        (["jobs", "12", "--cancel"], "There is no job 12"),
        (["delete", "recording", "nobody", "--yes"], "There is no recording with the number or name “nobody”"),
        (["delete", "sorting", "4", "--yes"], "There is no sorting with the number or name “4”"),
        (["sort", "nobody", "--detach"], "There is no recording with the number or name “nobody”"),
    ],
)
def test_what_does_not_exist_is_one_sentence_and_1(
    arguments: list[str], sentence: str, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*arguments, "--workspace", folder]) == cli.FAILED
    told = capsys.readouterr()
    assert sentence in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_a_folder_of_others_is_refused_with_what_would_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    assert cli.run(["ls", "--workspace", str(tmp_path)]) == cli.FAILED
    told = capsys.readouterr().err
    assert told.startswith("labbox-local: ")
    assert "\nTo mend it: " in told
    assert (tmp_path / "thesis.docx").read_text() == "mine"


@pytest.mark.parametrize(
    ("raised", "status", "told"),
    [
        (NotFound("It is gone."), 1, "labbox-local: It is gone.\n"),
        (Unavailable("No room.", "Make room."), 1, "labbox-local: No room.\nTo mend it: Make room.\n"),
        (Unavailable("No room."), 1, "labbox-local: No room.\n"),
        (Invalid({"dtype": "Must be a type."}), 1, "labbox-local: dtype: Must be a type.\n"),
        (KeyboardInterrupt(), 130, "labbox-local: ended by the keyboard.\n"),
        (click.Abort(), 130, "labbox-local: ended by the keyboard.\n"),
        (click.UsageError("Wrong."), 2, "\nError: Wrong.\n"),
        (click.exceptions.Exit(1), 1, ""),
    ],
)
def test_every_way_to_end_has_its_status(
    raised: BaseException, status: int, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def failing() -> None:
        raise raised

    monkeypatch.setattr(cli, "command", failing)
    assert cli.run([]) == status
    assert capsys.readouterr().err.endswith(told)


def import_options(*arguments: str) -> dict[str, object]:
    with COMMANDS["import"].make_context("import", ["path", *arguments]) as ctx:
        return dict(ctx.params)


@pytest.mark.parametrize(
    ("arguments", "choice"),
    [
        ([], {"source": "file"}),
        (["--no-probe"], {"source": "none"}),
        (["--probe", "p.json"], {"source": "probe_file", "path": "p.json"}),
        (
            ["--layout", "linear", "--layout-option", "pitch_um=20"],
            {"source": "generated", "layout": "linear", "params": {"pitch_um": "20"}},
        ),
    ],
)
def test_the_probe_is_said_as_the_import_takes_it(arguments: list[str], choice: dict[str, object]) -> None:
    assert probe_choice(import_options(*arguments)) == choice
