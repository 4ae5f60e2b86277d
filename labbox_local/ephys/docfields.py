"""Fields from a foreign function: names and defaults from its signature, help and choices from its numpydoc text."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection
from typing import Any

from labbox_local.fields import Field, Kind

LONGEST_HELP = 400


def fields_of(function: Callable[..., Any], leave_out: Collection[str] = ()) -> tuple[Field, ...]:
    """A field for every named argument of a function or class, in order, but those left out."""
    described = documented(inspect.getdoc(function) or "")
    if isinstance(function, type) and not described:
        described = documented(inspect.getdoc(vars(function).get("__init__")) or "")
    return tuple(
        _field(parameter, *described.get(name, ("", "")))
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in leave_out and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    )


def documented(doc: str) -> dict[str, tuple[str, str]]:
    """Type text and description of each entry of the Parameters section of a numpydoc text."""
    lines = inspect.cleandoc(doc).splitlines()
    entries: dict[str, tuple[str, list[str]]] = {}
    inside, current = False, ""
    for number, line in enumerate(lines):
        underlined = number + 1 < len(lines) and re.fullmatch(r"\s*-{3,}\s*", lines[number + 1]) is not None
        if underlined:
            inside = line.strip().lower() == "parameters"
        elif inside and line[:1].strip() and (match := re.match(r"([\w, ]+?)\s*:\s*(.*)", line)):
            current = match[1].split(",")[0].strip()
            entries[current] = (match[2], [])
        elif inside and current and line[:1].isspace():
            entries[current][1].append(line.strip())
    return {name: (kind, _shortened(" ".join(text).strip())) for name, (kind, text) in entries.items()}


def _field(parameter: inspect.Parameter, kind_text: str, help_text: str) -> Field:
    required = parameter.default is parameter.empty
    default = None if required else parameter.default
    choices = _choices(kind_text)
    if default is not None and choices and str(default) not in choices:
        choices = ()
    kind = _kind(parameter, kind_text, default, choices)
    return Field(
        name=parameter.name,
        kind=kind,
        default=default,
        help=help_text,
        choices=choices if kind == "choice" else (),
        optional=default is None and not required,
        required=required,
        advanced=kind == "json" or parameter.name in ADVANCED,
    )


ADVANCED = {
    "all_annotations",
    "use_names_as_ids",
    "block_index",
    "samples_for_rate_estimation",
    "ignore_integrity_checks",
}


def _kind(parameter: inspect.Parameter, text: str, default: Any, choices: tuple[str, ...]) -> Kind:
    # A default says more than the text; bool comes before int, for True is an int.
    by_default: tuple[tuple[type, Kind], ...] = ((bool, "bool"), (int, "int"), (float, "float"))
    for known, kind in by_default:
        if isinstance(default, known):
            return kind
    if choices:
        return "choice"
    words = f"{parameter.annotation if parameter.annotation is not parameter.empty else ''} {text}".lower()
    if "list" in words or "array" in words or "dict" in words:
        return "json"
    by_word: tuple[tuple[str, Kind], ...] = (("str", "text"), ("bool", "bool"), ("float", "float"), ("int", "int"))
    return next((kind for word, kind in by_word if re.search(rf"\b{word}", words)), "text")


def _choices(text: str) -> tuple[str, ...]:
    listed = re.split(r",\s*default", text)[0]
    quoted = re.findall(r"[\"']([^\"']+)[\"']", listed)
    alone = re.fullmatch(
        r"[\s{}|,]*(None|or|str)?[\s{}|,]*", re.sub(r"[\"'][^\"']+[\"']", "", listed).replace(" or ", "|")
    )
    return tuple(quoted) if len(quoted) > 1 and alone else ()


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_HELP else text[: LONGEST_HELP - 1].rsplit(" ", 1)[0] + "…"
