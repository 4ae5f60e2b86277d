"""The settings: defaults, then the settings file, then the environment, then what the command line says."""

from __future__ import annotations

import dataclasses
import getpass
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import platformdirs

from labbox_local.errors import Invalid, Unavailable

APP = "labbox-local"
PREFIX = "LABBOX_"
RECENT_KEPT = 20


def _about(kind: str, help: str, **more: Any) -> dict[str, Any]:
    """What a form and a check need to know of a setting."""
    return {"kind": kind, "help": help, **more}


def _config_folder() -> Path:
    return platformdirs.user_config_path(APP, appauthor=False)


def _default_workspace() -> Path:
    return platformdirs.user_data_path(APP, appauthor=False) / "default"


def _core_count() -> int:
    """The cores that this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name, as containers have
        return ""


@dataclass(frozen=True)
class Settings:
    """All that can be set. Each field is ``LABBOX_<NAME>`` in the environment."""

    workspace: Path = field(
        default_factory=_default_workspace,
        metadata=_about("path", "The folder that holds the library, its results and its logs."),
    )
    port: int = field(
        default=0, metadata=_about("int", "The port on 127.0.0.1; 0 takes any free one.", minimum=0, maximum=65535)
    )
    show: str = field(
        default="window",
        metadata=_about(
            "choice",
            "What opens at the start: the program's own window, the default browser, or nothing but a printed address.",
            choices=("window", "browser", "none"),
        ),
    )
    batch_slots: int = field(
        default_factory=lambda: max(1, _core_count() // 2),
        metadata=_about(
            "int", "How many long jobs, such as sorter runs, go on at the same time.", minimum=1, maximum=64
        ),
    )
    interactive_slots: int = field(
        default=1,
        metadata=_about("int", "How many worker processes draw views and read traces.", minimum=1, maximum=16),
    )
    cores_per_job: int = field(
        default_factory=_core_count,
        metadata=_about(
            "int", "How many cores one job may use, where its task can use several.", minimum=1, maximum=1024
        ),
    )
    recycle_after: int = field(
        default=20,
        metadata=_about(
            "int", "After how many jobs a worker gives back its memory by a restart.", minimum=1, maximum=10000
        ),
    )
    cache_mb: int = field(
        default=512,
        metadata=_about(
            "int",
            "Memory for recordings and sortings that a drawing worker keeps open.",
            unit="MB",
            minimum=0,
            maximum=1_000_000,
        ),
    )
    theme: str = field(
        default="system",
        metadata=_about("choice", "Dark or light pages, or as the system has it.", choices=("system", "light", "dark")),
    )
    default_sorter: str = field(
        default="tridesclous2", metadata=_about("text", "The sorter that is chosen when none is named.", required=True)
    )
    author: str = field(
        default_factory=_user_name, metadata=_about("text", "Who stands as the maker in the provenance of results.")
    )
    file: Path = field(default_factory=lambda: _config_folder() / "settings.json", repr=False, compare=False)

    @classmethod
    def load(cls, path: Path | None = None, environ: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
        """The settings in force; an override of None counts as not given.

        Raises
        ------
        Invalid
            With a sentence for every value that cannot be, by its name.
        Unavailable
            When the settings file cannot be read or is no settings file.
        """
        file = path or _config_folder() / "settings.json"
        from_environ = {name: environ[PREFIX + name.upper()] for name in _FIELDS if environ.get(PREFIX + name.upper())}
        given = {name: value for name, value in overrides.items() if value is not None}
        return cls(**_checked({**_read(file), **from_environ, **given}), file=file)

    def save(self, changes: Mapping[str, Any]) -> Settings:
        """Writes the changes into the settings file and gives these settings with them; None goes back to the default.

        Raises
        ------
        Invalid
            With a sentence for every value that cannot be. Nothing is written then.
        Unavailable
            When the file cannot be written.
        """
        values = _checked({name: value for name, value in changes.items() if value is not None})
        reset = {name: _default(_known(name)) for name, value in changes.items() if value is None}
        kept = {name: value for name, value in _read(self.file).items() if name not in changes}
        _write(self.file, {**kept, **{name: _plain(value) for name, value in values.items()}})
        return dataclasses.replace(self, **values, **reset)

    def described(self) -> list[dict[str, Any]]:
        """Every setting as data for a form: name, kind, help, default, value, bounds and choices."""
        keys = ("kind", "help", "unit", "minimum", "maximum", "required")
        return [
            {key: item.metadata[key] for key in keys if key in item.metadata}
            | {"kind": "text" if item.metadata["kind"] == "path" else item.metadata["kind"]}
            | {"choices": list(item.metadata.get("choices", ()))}
            | {"name": name, "default": _plain(_default(item)), "value": _plain(getattr(self, name))}
            for name, item in _FIELDS.items()
        ]


def remember_workspace(folder: Path, config_folder: Path | None = None) -> None:
    """Puts a workspace first in the list of recent ones."""
    folder = folder.expanduser().absolute()
    others = [known for known in recent_workspaces(config_folder) if known != folder]
    _write(_recent_file(config_folder), [str(known) for known in [folder, *others][:RECENT_KEPT]])


def recent_workspaces(config_folder: Path | None = None) -> list[Path]:
    """The workspaces opened last, the newest first; those on a disk that is away now among them."""
    try:
        known = json.loads(_recent_file(config_folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []  # a convenience that starts anew, no reason to refuse to open
    return [Path(item) for item in known if isinstance(item, str)] if isinstance(known, list) else []


def _recent_file(config_folder: Path | None) -> Path:
    return (config_folder or _config_folder()) / "recent.json"


def _known(name: str) -> dataclasses.Field[Any]:
    if name not in _FIELDS:
        raise Invalid({name: _unknown(name)})
    return _FIELDS[name]


def _unknown(name: str) -> str:
    return f"There is no setting of this name; known are {', '.join(_FIELDS)}."


def _default(item: dataclasses.Field[Any]) -> Any:
    return item.default if item.default_factory is dataclasses.MISSING else item.default_factory()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _checked(entered: Mapping[str, Any]) -> dict[str, Any]:
    """The values meant, or Invalid with every one that is wrong."""
    values, errors = {}, {}
    for name, value in entered.items():
        try:
            values[name] = _parsed(_FIELDS[name].metadata, value)
        except KeyError:
            errors[name] = _unknown(name)
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise Invalid(errors)
    return values


def _parsed(about: Mapping[str, Any], value: Any) -> Any:
    kind = about["kind"]
    if kind == "int":
        return _whole_number(about, value)
    if not isinstance(value, str | Path) or (kind != "path" and not isinstance(value, str)):
        raise ValueError(f"Must be text; {value!r} is not.")
    text = str(value).strip()
    if kind == "path":
        return _folder(text)
    if kind == "choice" and text not in about["choices"]:
        raise ValueError(f"Must be one of {', '.join(about['choices'])}; “{text}” is not.")
    if about.get("required") and not text:
        raise ValueError("A value is needed here.")
    return text


def _whole_number(about: Mapping[str, Any], value: Any) -> int:
    try:
        number = int(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None:
        raise ValueError(f"Must be a whole number; “{value}” is not.")
    if not about["minimum"] <= number <= about["maximum"]:
        raise ValueError(f"Must be from {about['minimum']} to {about['maximum']}; {number} is not.")
    return number


def _folder(text: str) -> Path:
    if not text or "\0" in text:
        raise ValueError("Must be the path of a folder.")
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise ValueError(f"The home folder in “{text}” is not known; write the path in full.") from None


def _read(file: Path) -> dict[str, Any]:
    """What the settings file says; nothing when there is none."""
    hint = f"Mend or delete {file}; without it the defaults hold."
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Unavailable(f"The settings file {file} cannot be read: {error.strerror}.", hint) from error
    except ValueError as error:
        raise Unavailable(f"The settings file {file} is not valid JSON: {error}.", hint) from error
    if not isinstance(values, dict):
        raise Unavailable(f'The settings file {file} must hold one JSON object, such as {{"theme": "dark"}}.', hint)
    return cast(dict[str, Any], values)


def _write(file: Path, content: Any) -> None:
    beside = file.with_name(f".{file.name}-{uuid4().hex}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(
            f"The settings file {file} cannot be written: {error.strerror}.", f"Make {file.parent} writable."
        ) from error


_FIELDS = {item.name: item for item in dataclasses.fields(Settings) if item.metadata}
