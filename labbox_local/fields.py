"""Options described as data: what a form draws, the command line parses and a worker checks, said once.

A reader's options, a sorter's parameters and a view's settings are all lists of `Field`. They travel between
processes and into templates as plain dicts (`Field.plain`, `Field.of`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from labbox_local.errors import Invalid

Kind = Literal["bool", "int", "float", "text", "choice", "json"]
TRUE_WORDS = {"true", "yes", "on", "1"}
FALSE_WORDS = {"false", "no", "off", "0"}
NONE_WORDS = {"", "none", "null"}


@dataclass(frozen=True)
class Field:
    """One option. ``optional`` allows None; ``topic`` folds long forms; ``minimum`` and ``maximum`` are inclusive."""

    name: str
    kind: Kind
    default: Any = None
    label: str = ""
    help: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = False
    required: bool = False
    topic: str = ""
    advanced: bool = False

    @property
    def title(self) -> str:
        """What stands over the input."""
        return self.label or self.name.rpartition(".")[2].replace("_", " ")

    def plain(self) -> dict[str, Any]:
        """The field as JSON-able data."""
        return {**asdict(self), "choices": list(self.choices)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Field:
        """The field that `plain` described."""
        return cls(**{**data, "choices": tuple(data.get("choices", ()))})

    def text(self, value: Any) -> str:
        """`value` as it stands in an input, such that `parse` gives it back."""
        if value is None:
            return ""
        if self.kind == "bool":
            return "true" if value else "false"
        return json.dumps(value) if self.kind == "json" else str(value)

    def parse(self, entered: Any) -> Any:
        """The value meant by `entered` (text, or an already typed value).

        Raises
        ------
        ValueError
            With a sentence for the person who entered it.
        """
        if isinstance(entered, str):
            entered = entered.strip()
        if entered is None or (isinstance(entered, str) and entered.lower() in NONE_WORDS):
            return self._nothing(entered)
        return self._checked(_PARSERS[self.kind](self, entered))

    def _nothing(self, entered: Any) -> Any:
        if self.optional:
            return None
        if self.kind == "text" and not self.required:
            return entered or ""
        if entered == "" and self.default is not None and not self.required:
            return self.default
        raise ValueError("A value is needed here.")

    def _checked(self, value: Any) -> Any:
        low, high = self.minimum, self.maximum
        if self.kind in ("int", "float") and not ((low is None or value >= low) and (high is None or value <= high)):
            raise ValueError(f"Must be {_span(low, high)}{f' {self.unit}' if self.unit else ''}; {value:g} is not.")
        return value


def check(fields: Iterable[Field], entered: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Values for all fields, defaults where nothing was entered.

    Parameters
    ----------
    fields : iterable of Field
    entered : mapping
        Field name to text or typed value; a missing name means the default.
    prefix : str
        Put before the names in the error, as a form does that holds several lists of fields.

    Raises
    ------
    Invalid
        With every field that is wrong, not only the first, and every name that no field has.
    """
    known = {field.name: field for field in fields}
    errors = {
        f"{prefix}{name}": f"There is no option of this name; known are {', '.join(sorted(known)) or 'none'}."
        for name in entered
        if name not in known
    }
    values: dict[str, Any] = {}
    for name, field in known.items():
        try:
            values[name] = (
                field.parse(entered[name]) if name in entered else field.parse("") if field.required else field.default
            )
        except ValueError as error:
            errors[f"{prefix}{name}"] = str(error)
    if errors:
        raise Invalid(errors)
    return values


def changed(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Only the values that differ from their defaults."""
    return {field.name: values[field.name] for field in fields if values.get(field.name) != field.default}


def _span(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"from {low:g} to {high:g}"
    return f"at least {low:g}" if low is not None else f"at most {high:g}"


def _bool(field: Field, entered: Any) -> bool:
    word = str(entered).lower()
    if word in TRUE_WORDS | FALSE_WORDS:
        return word in TRUE_WORDS
    raise ValueError(f"Must be true or false; “{entered}” is neither.")


def _int(field: Field, entered: Any) -> int:
    if isinstance(entered, bool):
        raise ValueError("Must be a whole number, not true or false.")
    try:
        number = float(entered)
        if number.is_integer():
            return int(entered) if isinstance(entered, str) and entered.lstrip("+-").isdigit() else int(number)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"Must be a whole number; “{entered}” is not.")


def _float(field: Field, entered: Any) -> float:
    if isinstance(entered, bool):
        raise ValueError("Must be a number, not true or false.")
    try:
        number = float(entered)
    except (TypeError, ValueError):
        raise ValueError(f"Must be a number; “{entered}” is not.") from None
    if not math.isfinite(number):
        raise ValueError("Must be a finite number.")
    return number


def _text(field: Field, entered: Any) -> str:
    return str(entered)


def _choice(field: Field, entered: Any) -> str:
    if str(entered) in field.choices:
        return str(entered)
    raise ValueError(f"Must be one of {', '.join(field.choices)}; “{entered}” is not.")


def _json(field: Field, entered: Any) -> Any:
    if not isinstance(entered, str):
        return entered
    try:
        return json.loads(entered)
    except ValueError:
        raise ValueError('Must be JSON, such as [1, 2] or {"a": 1}.') from None


_PARSERS = {"bool": _bool, "int": _int, "float": _float, "text": _text, "choice": _choice, "json": _json}
