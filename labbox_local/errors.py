"""The domain's own errors: each is a sentence a person can act on, and knows nothing of HTTP."""

from __future__ import annotations

from collections.abc import Mapping


class LabError(Exception):
    """Something a person can understand and mend. ``str(error)`` is one full sentence."""


class NotFound(LabError):
    """What was asked for does not exist (any more)."""


class Invalid(LabError):
    """What a person gave cannot be used.

    Parameters
    ----------
    fields : mapping of str to str
        Name of the field (or ``""`` for the whole form) to a sentence that says what was wrong and what would do.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(" ".join(f"{name}: {text}" if name else text for name, text in self.fields.items()))

    def __reduce__(self) -> tuple[type[Invalid], tuple[dict[str, str]]]:
        return type(self), (self.fields,)


class Conflict(LabError):
    """What was asked for does not fit the present state; asking again after a look may work."""


class Unavailable(LabError):
    """Something outside is missing or does not answer; ``hint`` is the one line that would mend it."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(sentence)

    def __reduce__(self) -> tuple[type[Unavailable], tuple[str, str]]:
        return type(self), (str(self), self.hint)
