"""Reading the log files of jobs while they grow, as a terminal would show them."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 256 * 1024
# Colours, cursor moves and titles. Erasing to the end of the line ("\x1b[K") is kept: progress bars rely on it.
_ESCAPE = re.compile(r"\x1b(?:\[(?!0?K)[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_ERASE = re.compile(r"\x1b\[0?K")


@dataclass(frozen=True)
class LogChunk:
    """A piece of a log: complete lines, the line that is still being written, and where to read on."""

    text: str
    partial: str
    next_offset: int
    more: bool


def tail(path: Path, offset: int = 0, limit_bytes: int = CHUNK_BYTES) -> LogChunk:
    """What stands in the log from `offset` on, at most `limit_bytes` of it; ``more`` when there is more already.

    ``text`` ends with a newline or is empty and is to be appended to what was read before. ``partial`` is to be shown
    after it and will be given again. ``next_offset`` is the start of a line, except inside one longer than the limit.
    """
    start = max(0, offset)
    raw, more = _read(path, start, limit_bytes)
    if length := raw.rfind(b"\n") + 1:
        return LogChunk(_collapsed(_decoded(raw[:length])), _partial(raw[length:]), start + length, more)
    if not more:
        return LogChunk("", _partial(raw), start, more)
    # A line outgrows the limit. If it is a progress bar, all but its newest state is overwritten; the last byte may be
    # the "\r" of a "\r\n", which overwrites nothing. Else it is broken.
    if length := raw.rfind(b"\r", 0, -1) + 1:
        return LogChunk("", _partial(raw[length:]), start + length, more)
    length = _whole_characters(raw)
    return LogChunk(_collapsed_line(_decoded(raw[:length])) + "\n", "", start + length, more)


def last_lines(path: Path, count: int, limit_bytes: int = CHUNK_BYTES) -> list[str]:
    """The last `count` lines of a log, the unfinished one among them, from its last `limit_bytes`."""
    size = path.stat().st_size if path.exists() else 0
    raw, _ = _read(path, max(0, size - limit_bytes), limit_bytes)
    if size > limit_bytes:
        raw = raw[raw.find(b"\n") + 1 :]
    lines = _collapsed(_decoded(raw)).split("\n")
    return (lines[:-1] if lines[-1] == "" else lines)[-count:] if count > 0 else []


def _read(path: Path, start: int, limit_bytes: int) -> tuple[bytes, bool]:
    try:
        with path.open("rb") as handle:
            handle.seek(start)
            raw = handle.read(limit_bytes + 1)
    except FileNotFoundError:
        return b"", False
    return raw[:limit_bytes], len(raw) > limit_bytes


def _whole_characters(raw: bytes) -> int:
    """The length without a character whose last bytes are missing."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(raw)
    return len(raw) - len(decoder.getstate()[0])


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _partial(raw: bytes) -> str:
    return _collapsed_line(_decoded(raw[: _whole_characters(raw)]))


def _collapsed(text: str) -> str:
    return "\n".join(map(_collapsed_line, text.split("\n")))


def _collapsed_line(line: str) -> str:
    """What stays visible of a line in which carriage returns go back to its start."""
    line = _ESCAPE.sub("", line)
    if "\r" not in line and "\x1b" not in line:
        return line
    shown = ""
    for written in line.split("\r"):
        pieces = _ERASE.split(written)
        over = "".join(pieces)
        kept = "" if len(pieces) > 1 else shown[len(over) :]
        shown = over + kept
    return shown.rstrip()
