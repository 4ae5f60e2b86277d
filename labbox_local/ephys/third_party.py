"""The border to readers written by others: whatever they raise becomes a sentence, whatever they warn is kept."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from labbox_local.errors import Invalid, LabError, Unavailable

LONGEST_REASON = 300


@contextmanager
def reading(what: str, field: str = "path") -> Iterator[list[str]]:
    """Runs a foreign reader; yields the list that its warnings are added to.

    Parameters
    ----------
    what : str
        Start of the sentence, such as ``"SpikeGLX cannot be read from /data/a"``.
    field : str
        Field of the form that an error belongs to.

    Raises
    ------
    Invalid
        When the reader failed.
    Unavailable
        When it lacks a Python package.
    """
    heard: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield heard
        except LabError:
            raise
        except ImportError as error:
            raise Unavailable(
                f"{what}: a Python package is missing ({one_line(error)}).", _package_hint(error)
            ) from error
        # Readers raise whatever a damaged file leads them to (AssertionError, struct.error, bare Exception):
        # this is the one border where all of that is turned into a sentence.
        except Exception as error:
            raise Invalid({field: f"{what}: {one_line(error)}."}) from error
        finally:
            heard.extend(dict.fromkeys(one_line(w.message) for w in caught if _matters(w)))


def one_line(error: object) -> str:
    """The message on one line, without the final stop; the kind of error when it has no message."""
    text = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, KeyError):
        text = f"{text} is missing in it"
    if not text:
        text = f"the reader failed ({type(error).__name__})"
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"


def _matters(warning: warnings.WarningMessage) -> bool:
    return not issubclass(
        warning.category, DeprecationWarning | PendingDeprecationWarning | FutureWarning | ResourceWarning
    )


def _package_hint(error: ImportError) -> str:
    return f"pip install {error.name.partition('.')[0]}" if error.name else ""
