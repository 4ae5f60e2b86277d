"""Forms: what came in as text, and every input of a form with its value, its error and whether it was changed.

Nothing is checked here beyond the shape of the request; the services check values, all at once, and their `Invalid`
finds its way back to the inputs by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from labbox_local.fields import Field

COMMON_TOPIC = ""
EXACT = 1e15


class Form:
    """The text fields of a posted form, urlencoded or multipart; files are not taken."""

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            if isinstance(value, str):
                self._values.setdefault(name, []).append(value)

    def text(self, name: str, default: str = "") -> str:
        """The last value of this name: a ticked box comes after the hidden “false” that stands before it."""
        return self._values[name][-1] if name in self._values else default

    def every(self, name: str) -> list[str]:
        """All values of this name, in the order of the page."""
        return list(self._values.get(name, ()))

    def under(self, prefix: str) -> dict[str, str]:
        """The fields whose name begins with `prefix`, named without it."""
        return {name.removeprefix(prefix): self.text(name) for name in self._values if name.startswith(prefix)}

    def names(self) -> set[str]:
        """The names that came in."""
        return set(self._values)


async def provide_form(request: Request[Any, Any, Any]) -> Form:
    """The form of a request; a request without one has an empty form."""
    posted: FormMultiDict = await request.form()
    return Form(posted.multi_items())


FormGiven = NamedDependency[SkipValidation[Form]]


@dataclass(frozen=True)
class Input:
    """One input of a form as it is drawn: ``value`` and ``default`` are the texts that stand in it."""

    field: Field
    name: str
    value: str
    default: str
    error: str

    @property
    def id(self) -> str:
        """The element's id, safe in selectors."""
        return "f-" + "".join(letter if letter.isalnum() else "-" for letter in self.name)

    @property
    def changed(self) -> bool:
        """Whether the value differs from the default, as the dot beside the label says."""
        return self.value != self.default


@dataclass(frozen=True)
class Topic:
    """Inputs that fold together, the common ones without a title.

    The first stay open, as do those with an error or a change.
    """

    title: str
    inputs: Sequence[Input]
    first: bool

    @property
    def open(self) -> bool:
        """Whether the topic is drawn unfolded."""
        return self.first or any(each.error or each.changed for each in self.inputs)


def inputs(
    fields: Iterable[Field], entered: Mapping[str, Any], errors: Mapping[str, str], prefix: str = ""
) -> list[Input]:
    """The fields with what was entered, or their defaults, and what was wrong with it.

    `entered` and `errors` name fields with or without `prefix`, which the names on the page bear.
    """
    return [_input(field, entered, errors, prefix) for field in fields]


def topics(made: Iterable[Input]) -> list[Topic]:
    """The inputs folded by topic, those without topic first; advanced ones without topic fold under “Advanced”."""
    groups: dict[str, list[Input]] = {COMMON_TOPIC: []}
    for each in made:
        groups.setdefault(each.field.topic or ("Advanced" if each.field.advanced else COMMON_TOPIC), []).append(each)
    filled = [(title, members) for title, members in groups.items() if members]
    return [Topic(title, members, first=position == 0) for position, (title, members) in enumerate(filled)]


def leftover(errors: Mapping[str, str], drawn: Iterable[str]) -> list[str]:
    """The sentences about names that the page draws no input for: they belong at the top of the form."""
    known = set(drawn)
    return [f"{name}: {text}" if name else text for name, text in errors.items() if name not in known]


def shown(field: Field, value: Any) -> str:
    """A value as text; a whole number among floats without its “.0”."""
    if field.kind == "float" and isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return field.text(value)


def _input(field: Field, entered: Mapping[str, Any], errors: Mapping[str, str], prefix: str) -> Input:
    name = prefix + field.name
    default = shown(field, field.default)
    given = entered.get(name, entered.get(field.name))
    missing = name not in entered and field.name not in entered
    value = default if missing else given if isinstance(given, str) else shown(field, given)
    return Input(field, name, value, default, errors.get(name, errors.get(field.name, "")))
