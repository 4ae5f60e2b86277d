"""Settings: four sources in order, each value checked, files written whole."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from labbox_local.errors import Invalid, Unavailable
from labbox_local.fields import Field, check
from labbox_local.settings import Settings, recent_workspaces, remember_workspace


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


@pytest.fixture
def written(file: Path) -> Path:
    file.parent.mkdir()
    file.write_text('{"theme": "dark", "port": 8000, "cache_mb": 100}')
    return file


def names() -> list[str]:
    return [item.name for item in dataclasses.fields(Settings) if item.metadata]


def test_without_anything_the_defaults_hold(file: Path) -> None:
    settings = Settings.load(file, {})
    assert settings == Settings()
    assert (settings.port, settings.show, settings.theme, settings.interactive_slots) == (0, "window", "system", 1)
    assert (settings.recycle_after, settings.cache_mb, settings.default_sorter) == (20, 512, "tridesclous2")
    assert settings.workspace.name == "default"
    assert settings.workspace.is_absolute()
    assert 1 <= settings.batch_slots <= settings.cores_per_job
    assert not file.exists()


def test_the_users_folders_are_where_the_system_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOGNAME", "ada")
    settings = Settings.load(environ={})
    if settings.file.is_relative_to(tmp_path):  # the two variables mean something on Linux only
        assert settings.file == tmp_path / "config" / "labbox-local" / "settings.json"
        assert settings.workspace == tmp_path / "data" / "labbox-local" / "default"
    assert settings.author == "ada"


def test_the_command_line_beats_the_environment_beats_the_file_beats_the_default(written: Path) -> None:
    environ = {"LABBOX_PORT": "9000", "LABBOX_CACHE_MB": "200"}
    settings = Settings.load(written, environ, cache_mb=300, theme=None)
    assert (settings.theme, settings.port, settings.cache_mb, settings.show) == ("dark", 9000, 300, "window")


def test_other_variables_and_empty_ones_are_nobodys_business(file: Path) -> None:
    environ = {"LABBOX_TEST_DATA": "/data", "LABBOX_PORT": "", "PORT": "1", "labbox_theme": "dark"}
    assert Settings.load(file, environ) == Settings()


def test_every_setting_can_come_from_the_environment(file: Path) -> None:
    example = {"int": "2", "path": "/tmp/w", "text": "x", "choice": "none"}
    environ = {
        f"LABBOX_{item.name.upper()}": "dark" if item.name == "theme" else example[item.metadata["kind"]]
        for item in dataclasses.fields(Settings)
        if item.metadata
    }
    settings = Settings.load(file, environ)
    assert dataclasses.asdict(settings) | {"file": None} == {
        "workspace": Path("/tmp/w"), "port": 2, "show": "none", "batch_slots": 2, "interactive_slots": 2,
        "cores_per_job": 2, "recycle_after": 2, "cache_mb": 2, "theme": "dark", "default_sorter": "x", "author": "x",
        "file": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("port", 65536, "Must be from 0 to 65535; 65536 is not."),
        ("port", "-1", "Must be from 0 to 65535; -1 is not."),
        ("port", "http", "Must be a whole number; “http” is not."),
        ("port", True, "Must be a whole number; “True” is not."),
        ("port", 1.5, "Must be a whole number; “1.5” is not."),
        ("batch_slots", 0, "Must be from 1 to 64; 0 is not."),
        ("interactive_slots", 17, "Must be from 1 to 16; 17 is not."),
        ("cores_per_job", 0, "Must be from 1 to 1024; 0 is not."),
        ("recycle_after", 0, "Must be from 1 to 10000; 0 is not."),
        ("cache_mb", -1, "Must be from 0 to 1000000; -1 is not."),
        ("theme", "pink", "Must be one of system, light, dark; “pink” is not."),
        ("show", "", "Must be one of window, browser, none; “” is not."),
        ("theme", 3, "Must be text; 3 is not."),
        ("author", ["a"], "Must be text; ['a'] is not."),
        ("default_sorter", "  ", "A value is needed here."),
        ("workspace", "", "Must be the path of a folder."),
        ("workspace", "a\0b", "Must be the path of a folder."),
        ("workspace", 3, "Must be text; 3 is not."),
        ("workspace", "~nobody-of-this-name/w", "The home folder in “~nobody-of-this-name/w” is not known"),
    ],
)
def test_a_value_that_cannot_be_is_said_by_its_name(file: Path, name: str, value: Any, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        Settings.load(file, {}, **{name: value})
    assert list(caught.value.fields) == [name]
    assert caught.value.fields[name].startswith(sentence)
    with pytest.raises(Invalid):
        Settings.load(file, {}).save({name: value})
    assert not file.exists()


def test_all_wrong_values_are_said_at_once(file: Path) -> None:
    with pytest.raises(Invalid) as caught:
        Settings.load(file, {"LABBOX_PORT": "x"}, theme="pink", colour="red")
    assert set(caught.value.fields) == {"port", "theme", "colour"}
    assert caught.value.fields["colour"].startswith("There is no setting of this name; known are workspace, port,")


def test_a_workspace_may_be_relative_or_in_the_home_folder(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert Settings.load(file, {}, workspace="here").workspace == tmp_path / "here"
    assert Settings.load(file, {"LABBOX_WORKSPACE": "~/lab"}).workspace == tmp_path / "home" / "lab"


@pytest.mark.parametrize("content", [b"{", b"", b"\xff\xfe", b"[1]", b'"dark"'])
def test_a_broken_file_is_a_sentence_that_names_it(written: Path, content: bytes) -> None:
    written.write_bytes(content)
    with pytest.raises(Unavailable, match=r"The settings file .*settings\.json") as caught:
        Settings.load(written, {})
    assert caught.value.hint == f"Mend or delete {written}; without it the defaults hold."


def test_a_file_that_cannot_be_read_or_written_is_a_sentence(file: Path) -> None:
    settings = Settings.load(file, {})
    file.mkdir(parents=True)
    with pytest.raises(Unavailable, match="cannot be read: Is a directory"):
        Settings.load(file, {})
    file.rmdir()
    file.parent.rmdir()
    file.parent.write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be"):
        settings.save({"theme": "dark"})


def test_an_unknown_name_in_the_file_is_said(written: Path) -> None:
    written.write_text('{"them": "dark"}')
    with pytest.raises(Invalid, match="them: There is no setting of this name"):
        Settings.load(written, {})


def test_what_is_saved_is_loaded_again(file: Path, tmp_path: Path) -> None:
    saved = Settings.load(file, {}).save({"theme": "dark", "workspace": tmp_path / "w", "port": "8000"})
    assert (saved.theme, saved.workspace, saved.port) == ("dark", tmp_path / "w", 8000)
    assert Settings.load(file, {}) == saved
    assert json.loads(file.read_text()) == {"theme": "dark", "workspace": str(tmp_path / "w"), "port": 8000}
    assert [entry.name for entry in file.parent.iterdir()] == ["settings.json"]


def test_saving_keeps_the_rest_of_the_file_and_nothing_of_the_command_line(written: Path) -> None:
    saved = Settings.load(written, {"LABBOX_AUTHOR": "ada"}, show="none").save({"port": 1})
    assert (saved.port, saved.show, saved.author, saved.theme) == (1, "none", "ada", "dark")
    assert json.loads(written.read_text()) == {"theme": "dark", "port": 1, "cache_mb": 100}


def test_saving_none_goes_back_to_the_default(written: Path) -> None:
    saved = Settings.load(written, {}).save({"theme": None, "cache_mb": None})
    assert (saved.theme, saved.cache_mb, saved.port) == ("system", 512, 8000)
    assert json.loads(written.read_text()) == {"port": 8000}


def test_an_unknown_setting_cannot_be_saved(file: Path) -> None:
    for value in ("red", None):
        with pytest.raises(Invalid, match="colour: There is no setting of this name"):
            Settings.load(file, {}).save({"colour": value})
    assert not file.exists()


def test_every_setting_has_a_help_text_and_describes_itself(file: Path) -> None:
    described = {item["name"]: item for item in Settings.load(file, {}, theme="dark").described()}
    assert list(described) == names()
    for item in described.values():
        assert item["help"].endswith(".")
    assert (described["theme"]["value"], described["theme"]["default"]) == ("dark", "system")
    assert (described["cache_mb"]["unit"], described["port"]["maximum"]) == ("MB", 65535)


def test_the_description_makes_fields_that_accept_every_value_in_force(file: Path) -> None:
    described = Settings.load(file, {}).described()
    values = {item["name"]: item.pop("value") for item in described}
    assert check([Field.of(item) for item in described], values) == values


def test_settings_do_not_change(file: Path) -> None:
    with pytest.raises(AttributeError):
        Settings.load(file, {}).theme = "dark"  # type: ignore[misc]


def test_recent_workspaces_are_listed_newest_first_and_once(tmp_path: Path) -> None:
    assert recent_workspaces(tmp_path) == []
    for name in ("a", "b", "a"):
        remember_workspace(tmp_path / name, tmp_path)
    assert recent_workspaces(tmp_path) == [tmp_path / "a", tmp_path / "b"]


def test_only_the_last_workspaces_are_remembered(tmp_path: Path) -> None:
    for number in range(25):
        remember_workspace(tmp_path / f"{number}", tmp_path)
    assert [place.name for place in recent_workspaces(tmp_path)] == [str(number) for number in range(24, 4, -1)]


@pytest.mark.parametrize("content", ["{", "{}", "[1, null]", ""])
def test_a_broken_list_of_recent_workspaces_starts_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "recent.json").write_text(content)
    assert recent_workspaces(tmp_path) == []
    remember_workspace(tmp_path / "a", tmp_path)
    assert recent_workspaces(tmp_path) == [tmp_path / "a"]
