"""What went wrong in a worker, as data that crosses a pipe and a table, and as an error again on the other side."""

from __future__ import annotations

import errno
import re
import signal
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field

from labbox_local.errors import Conflict, Invalid, LabError, NotFound, Unavailable

SENTENCE_LENGTH = 400
DISK_FULL = "The disk is full, so the result could not be written."
DISK_FULL_HINT = "Free some space, then retry."
FULL = (errno.ENOSPC, errno.EDQUOT)
FULL_WORDS = ("No space left on device", "database or disk is full", "Disk quota exceeded")
CRASH = "a crash in compiled code"
OFTEN = {"SIGKILL": "often: out of memory", "SIGSEGV": CRASH, "SIGABRT": CRASH, "SIGBUS": CRASH, "SIGFPE": CRASH}
EMBEDDED = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt)\b.*", re.MULTILINE)
NOT_LET_BEGIN = "If this is a script of your own, its work must stand under “if __name__ == '__main__':”."


class TaskFailed(LabError):
    """A task ended with an error that nobody foresaw; the log holds its traceback."""


class Superseded(LabError):
    """A newer question made this one pointless before anyone looked at it."""


KINDS: Mapping[str, type[LabError]] = {
    kind.__name__: kind for kind in (NotFound, Conflict, Unavailable, TaskFailed, Superseded, LabError)
}


@dataclass(frozen=True)
class Failure:
    """An error as plain data; ``kind`` names its class, ``traceback`` is empty for errors that are sentences."""

    sentence: str
    kind: str = "LabError"
    hint: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    traceback: str = ""

    def error(self) -> LabError:
        """The error that was described."""
        if self.kind == "Invalid":
            return Invalid(self.fields)
        if self.kind == "Unavailable":
            return Unavailable(self.sentence, self.hint)
        return KINDS.get(self.kind, LabError)(self.sentence)


def describe(error: BaseException) -> Failure:
    """`error` as data: the domain's own errors as they are, all others as one short sentence and their traceback."""
    if isinstance(error, Invalid):
        return Failure(str(error), "Invalid", fields=error.fields)
    if isinstance(error, LabError):
        kind = next(known.__name__ for known in type(error).__mro__ if known.__name__ in KINDS)
        return Failure(str(error), kind, hint=getattr(error, "hint", ""))
    trace = "".join(traceback.format_exception(error))
    if is_disk_full(error):
        return Failure(DISK_FULL, "Unavailable", DISK_FULL_HINT, traceback=trace)
    if isinstance(error, MemoryError):
        return Failure("There was not enough memory for this.", "Unavailable", "Close other programs.", traceback=trace)
    return Failure(shortened(f"{type(error).__name__}: {error}"), "TaskFailed", traceback=trace)


def is_disk_full(error: BaseException | None) -> bool:
    """Whether a full disk is the reason, also when it is wrapped in other errors or in another process's words."""
    while error is not None:
        if (isinstance(error, OSError) and error.errno in FULL) or any(word in str(error) for word in FULL_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def shortened(text: str) -> str:
    """`text` in one line of bounded length; of a text that quotes a traceback only the error at its end."""
    quoted = EMBEDDED.findall(text) if "Traceback (most recent call last)" in text else []
    line = " ".join((quoted[-1] if quoted else text).split())
    return line if len(line) <= SENTENCE_LENGTH else f"{line[: SENTENCE_LENGTH - 1]}…"


def vanished(exit_code: int | None, begun: bool = True) -> Failure:
    """Why a worker's end came before its job's, as far as the exit code tells; ``begun`` if it ever answered."""
    if exit_code is None:
        return Failure("The worker is gone and left no exit status.", "Unavailable", "Retry.")
    if exit_code < 0:
        sentence = f"The worker was killed by signal {-exit_code} ({_meaning(-exit_code)})."
        return Failure(sentence, "Unavailable", "See the log; then retry.")
    hint = "See the log; then retry." if begun else NOT_LET_BEGIN
    return Failure(f"The worker ended by itself with exit status {exit_code}.", "Unavailable", hint)


def _meaning(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return "unknown here"
    return OFTEN.get(name, name)
