"""Whatever a foreign reader raises becomes a sentence."""

from __future__ import annotations

import struct
import warnings

import pytest

from labbox_local.ephys.third_party import one_line, reading
from labbox_local.errors import Conflict, Invalid, Unavailable


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (AssertionError(), "X cannot be read: the reader failed (AssertionError)."),
        (KeyError("samplerate"), "X cannot be read: 'samplerate' is missing in it."),
        (ValueError("two\n  lines."), "X cannot be read: two lines."),
        (struct.error("short"), "X cannot be read: short."),
        (Exception("bare"), "X cannot be read: bare."),
    ],
)
def test_errors_become_sentences_at_the_field(error: Exception, sentence: str) -> None:
    with pytest.raises(Invalid) as caught, reading("X cannot be read", "probe"):
        raise error
    assert caught.value.fields == {"probe": sentence}


def test_a_missing_package_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(Unavailable) as caught, reading("X cannot be read"):
        raise ModuleNotFoundError("No module named 'sonpy.lib'", name="sonpy.lib")
    assert "sonpy" in str(caught.value)
    assert caught.value.hint == "pip install sonpy"


def test_sentences_that_are_ready_pass_through() -> None:
    with pytest.raises(Conflict, match="as it is"), reading("X cannot be read"):
        raise Conflict("as it is")


def test_stopping_a_program_is_no_readers_failure() -> None:
    with pytest.raises(KeyboardInterrupt), reading("X cannot be read"):
        raise KeyboardInterrupt


def test_warnings_are_heard_once_and_those_of_programmers_are_not() -> None:
    with reading("X cannot be read") as heard:
        for _ in range(2):
            warnings.warn("gap of 3 s.", UserWarning, stacklevel=1)
        warnings.warn("old name", DeprecationWarning, stacklevel=1)
    assert heard == ["gap of 3 s"]


def test_long_messages_are_cut() -> None:
    assert len(one_line("x" * 1000)) == 300
