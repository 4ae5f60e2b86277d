"""Errors as data and back."""

from __future__ import annotations

import errno
import json
from dataclasses import asdict
from typing import Any

import pytest

from labbox_local.errors import Conflict, Invalid, LabError, NotFound, Unavailable
from labbox_local.jobs.failures import (
    DISK_FULL,
    NOT_LET_BEGIN,
    SENTENCE_LENGTH,
    Failure,
    Superseded,
    TaskFailed,
    describe,
    shortened,
    vanished,
)

SORTER_ERROR = """Spike sorting error trace:
Traceback (most recent call last):
  File "basesorter.py", line 270, in run_from_folder
    SorterClass._run_from_folder(sorter_output_folder, sorter_params, verbose)
ValueError: n_components=5 must be between
 0 and 3

Spike sorting failed. You can inspect the runtime trace in /x/spikeinterface_log.json."""


@pytest.mark.parametrize(
    "error",
    [
        NotFound("a"),
        Conflict("b"),
        LabError("c"),
        Unavailable("d", "hint"),
        Invalid({"x": "bad", "": "all"}),
        TaskFailed("e"),
        Superseded("f"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_domains_errors_come_back_as_they_were(error: LabError) -> None:
    failure = Failure(**json.loads(json.dumps(asdict(describe(error)))))
    back = failure.error()
    assert (type(back), str(back), vars(back)) == (type(error), str(error), vars(error))
    assert failure.traceback == ""


def test_a_plug_ins_own_kind_comes_back_as_the_kind_it_refines() -> None:
    class Missing(NotFound):
        """An error of somebody else's."""

    assert type(describe(Missing("gone")).error()) is NotFound


def raised(error: BaseException) -> BaseException:
    """The error with the traceback of having been raised."""
    try:
        raise error
    except BaseException as caught:
        return caught


def test_other_errors_keep_their_traceback_and_get_a_sentence() -> None:
    failure = describe(raised(KeyError("channel")))
    assert (failure.sentence, failure.kind) == ("KeyError: 'channel'", "TaskFailed")
    assert "in raised" in failure.traceback


def test_a_sentence_is_one_line_of_bounded_length() -> None:
    assert shortened("a\n  b\tc") == "a b c"
    assert len(shortened("x" * 10_000)) == SENTENCE_LENGTH


def test_of_a_quoted_traceback_only_its_error_is_said() -> None:
    assert shortened(SORTER_ERROR) == "ValueError: n_components=5 must be between"


def wrapped() -> Exception:
    """A full disk inside another error."""
    try:
        raise OSError(errno.ENOSPC, "No space left on device")
    except OSError as cause:
        error = RuntimeError("could not save")
        error.__cause__ = cause
        return error


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "x"),
        OSError(errno.EDQUOT, "x"),
        wrapped(),
        RuntimeError("a child said: OSError: [Errno 28] No space left on device"),
    ],
    ids=["disk", "quota", "wrapped", "quoted"],
)
def test_a_full_disk_is_known_in_every_dress(error: Exception) -> None:
    assert describe(error).sentence == DISK_FULL
    assert isinstance(describe(error).error(), Unavailable)


def test_too_little_memory_is_said_in_words() -> None:
    assert describe(MemoryError()).sentence == "There was not enough memory for this."


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-9, "killed by signal 9 (often: out of memory)"),
        (-6, "killed by signal 6 (a crash in compiled code)"),
        (-1, "killed by signal 1 (SIGHUP)"),
        (-99, "killed by signal 99 (unknown here)"),
        (0, "ended by itself with exit status 0"),
        (None, "left no exit status"),
    ],
)
def test_exit_codes_are_read(code: int | None, words: str) -> None:
    assert words in vanished(code).sentence


def test_a_worker_that_never_began_points_at_the_script_that_started_it() -> None:
    assert vanished(1, begun=False).hint == NOT_LET_BEGIN
    assert vanished(1).hint != NOT_LET_BEGIN


def test_a_failure_of_unknown_kind_is_still_an_error() -> None:
    made: Any = Failure("x", "FromTheFuture").error()
    assert type(made) is LabError
