"""Logs as a terminal would show them, read in pieces while they grow."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbox_local.store.logs import CHUNK_BYTES, LogChunk, last_lines, tail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "7.log"


def slow_terminal(text: str) -> str:
    """One character at a time onto a line of a screen."""
    cells: list[str] = []
    column = 0
    for character in text:
        if character == "\r":
            column = 0
        else:
            cells[column : column + 1] = [character]
            column += 1
    return "".join(cells)


def read_all(path: Path, limit_bytes: int) -> str:
    offset, text = 0, ""
    while True:
        chunk = tail(path, offset, limit_bytes)
        text += chunk.text
        if not chunk.more:
            return text + chunk.partial
        assert chunk.next_offset > offset
        offset = chunk.next_offset


def test_a_log_that_is_not_there_yet_is_empty(log: Path) -> None:
    assert tail(log) == LogChunk("", "", 0, False)
    assert last_lines(log, 3) == []


def test_complete_lines_and_the_one_being_written_are_told_apart(log: Path) -> None:
    log.write_text("one\ntwo\nthr")
    assert tail(log) == LogChunk("one\ntwo\n", "thr", 8, False)
    with log.open("a") as handle:
        handle.write("ee\nfour")
    assert tail(log, 8) == LogChunk("three\n", "four", 14, False)


def test_reading_at_the_end_gives_nothing_and_stays(log: Path) -> None:
    log.write_text("one\n")
    assert tail(log, 4) == LogChunk("", "", 4, False)
    assert tail(log, 400) == LogChunk("", "", 400, False)
    assert tail(log, -5) == LogChunk("one\n", "", 4, False)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("  0%\r 50%\r100%\n", "100%\n"),
        ("longer line\rshort\n", "shortr line\n"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("10 %|#   |\r          \rdone\n", "done\n"),
        ("\x1b[32mgreen\x1b[0m\n", "green\n"),
        ("50 % of it\r\x1b[Kdone\n", "done\n"),
        ("half\x1b[A\x1b[2K\n", "half\n"),
        ("\x1b]0;title\x07text\n", "text\n"),
        ("a\n\n\nb\n", "a\n\n\nb\n"),
        ("\r\r\r\n", "\n"),
    ],
)
def test_a_line_shows_what_a_terminal_leaves(log: Path, written: str, shown: str) -> None:
    log.write_bytes(written.encode())
    assert tail(log) == LogChunk(shown, "", len(written.encode()), False)


def test_a_running_progress_bar_is_the_unfinished_line(log: Path) -> None:
    log.write_bytes(b"start\n  0%|    | 0/9\r 11%|#   | 1/9\r")
    assert tail(log) == LogChunk("start\n", " 11%|#   | 1/9", 6, False)


def test_bytes_that_are_no_utf8_are_replaced(log: Path) -> None:
    log.write_bytes(b"caf\xe9 \xff\n")
    assert tail(log).text == "caf\ufffd \ufffd\n"


def test_a_character_half_written_is_left_out_until_it_is_whole(log: Path) -> None:
    log.write_bytes("5 µ".encode()[:-1])
    assert tail(log).partial == "5 "
    log.write_bytes("5 µV".encode())
    assert tail(log).partial == "5 µV"


def test_one_call_gives_a_bounded_piece_and_says_that_there_is_more(log: Path) -> None:
    log.write_bytes(b"x" * 99 + b"\n" + b"y" * 99 + b"\n")
    first = tail(log, 0, 150)
    assert (first.text, first.next_offset, first.more) == ("x" * 99 + "\n", 100, True)
    second = tail(log, first.next_offset, 150)
    assert (second.text, second.next_offset, second.more) == ("y" * 99 + "\n", 200, False)


def test_a_long_log_is_read_in_pieces_of_the_default_size(log: Path) -> None:
    line = "x" * 79 + "\n"
    log.write_text(line * 10_000)
    chunk = tail(log)
    assert CHUNK_BYTES - 80 < chunk.next_offset <= CHUNK_BYTES
    assert read_all(log, CHUNK_BYTES) == line * 10_000


def test_a_progress_bar_longer_than_a_piece_shows_its_newest_state(log: Path) -> None:
    log.write_bytes(b"".join(b"\r%3d%%" % number for number in range(101)) + b"\nnext\n")
    assert read_all(log, 32) == "100%\nnext\n"


def test_a_line_longer_than_a_piece_is_broken_between_characters(log: Path) -> None:
    log.write_text("µ" * 20 + "\nnext\n")
    assert read_all(log, 15).replace("\n", "") == "µ" * 20 + "next"
    assert tail(log, 0, 15) == LogChunk("µ" * 7 + "\n", "", 14, True)


def test_the_last_lines_are_the_last_and_the_unfinished_one_counts(log: Path) -> None:
    log.write_text("one\ntwo\r2\nthree\nfour")
    assert last_lines(log, 2) == ["three", "four"]
    assert last_lines(log, 3) == ["2wo", "three", "four"]
    assert last_lines(log, 99) == ["one", "2wo", "three", "four"]
    assert last_lines(log, 0) == []
    log.write_text("one\ntwo\n")
    assert last_lines(log, 1) == ["two"]


def test_the_last_lines_of_a_long_log_begin_with_a_whole_one(log: Path) -> None:
    log.write_text("".join(f"line {number}\n" for number in range(100)))
    assert last_lines(log, 99, limit_bytes=30) == ["line 97", "line 98", "line 99"]


words = st.text(alphabet="ab µ\r", max_size=12)


@given(st.lists(words, max_size=8), words)
def test_pieces_of_any_size_together_show_what_a_slow_terminal_shows(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], last: str
) -> None:
    log = tmp_path_factory.mktemp("logs") / "7.log"
    log.write_bytes("".join(f"{line}\n" for line in lines).encode() + last.encode())
    # 64 bytes hold every line, so that only the places of the cuts differ
    shown = [line.rstrip() for line in read_all(log, 64).split("\n")]
    assert shown == [slow_terminal(line).rstrip() for line in (*lines, last)]
