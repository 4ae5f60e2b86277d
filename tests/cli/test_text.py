"""What the command line writes."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbox_local.cli_text import CLEAR_LINE, Progress, bar, cell, fitted, pairs, plain, table


@dataclass(frozen=True)
class Row:
    id: int = 7
    title: str = "Sort it"
    state: str = "running"
    stage: str = "whitening"
    progress: float | None = 0.5
    why_waiting: str | None = None


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_numbers_stand_at_the_right_and_text_at_the_left() -> None:
    rows = [{"id": 1, "name": "a"}, {"id": 12, "name": "long name"}]
    assert table(rows, {"id": "id", "name": "name"}) == "id  name\n 1  a\n12  long name"


def test_an_empty_table_is_a_sentence() -> None:
    assert table([], {"id": "id"}, "There are none.") == "There are none."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        ("", "–"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (0.5, "0.5"),
        (2.0, "2"),
        (1 / 3, "0.333"),
        ({"a": 1, "b": 2}, "a=1 b=2"),
        ({}, "–"),
        (["x", "y"], "x, y"),
        ([], "–"),
        ("text", "text"),
    ],
)
def test_each_kind_of_value_has_its_form(value: object, shown: str) -> None:
    assert cell(value) == shown


@given(st.lists(st.fixed_dictionaries({"a": st.text("ab ", max_size=4), "n": st.integers()}), min_size=1))
def test_a_table_has_a_line_for_each_row_and_its_heading(rows: list[dict[str, object]]) -> None:
    assert len(table(rows, {"a": "a", "n": "n"}).split("\n")) == len(rows) + 1


def test_json_keeps_order_and_letters() -> None:
    assert plain({"b": "µV", "a": 1}) == '{\n  "b": "µV",\n  "a": 1\n}'
    assert json.loads(plain([1.5, None])) == [1.5, None]


def test_a_value_may_hold_equals_signs_and_be_empty() -> None:
    assert pairs(["a=1", "b.c=x=y", " d =", "a=2"]) == {"a": "2", "b.c": "x=y", "d": ""}


@pytest.mark.parametrize("entry", ["a", "=1", "", " =x"])
def test_an_option_without_name_and_value_is_refused_by_its_text(entry: str) -> None:
    with pytest.raises(ValueError, match=f"“{entry}” must have the form name=value"):
        pairs([entry])


def test_a_bar_tells_title_share_stage_and_seconds() -> None:
    assert bar(Row(), 12.4) == "Sort it  [############............]  50%  whitening  12 s"


def test_a_job_of_unknown_length_has_no_bar() -> None:
    assert bar(replace(Row(), progress=None), 3) == "Sort it  whitening  3 s"
    waiting = replace(Row(), progress=None, stage="", state="queued", why_waiting="waiting for a free slot")
    assert bar(waiting, 0) == "Sort it  waiting for a free slot  0 s"


def test_a_line_never_reaches_the_last_column() -> None:
    assert fitted("abc", 4) == "abc"
    assert fitted("abcdef", 5) == "abc…"
    assert all(len(fitted("x" * 50, width)) < width for width in range(2, 60))


def test_a_terminal_sees_a_bar_that_is_overwritten_and_a_last_line() -> None:
    screen, clock = Terminal(), Clock()
    progress = Progress(screen, clock=clock)
    progress(Row())
    clock.now = 2.5
    progress(replace(Row(), progress=1.0))
    progress.end(replace(Row(), state="done"))
    drawn = screen.getvalue().split(CLEAR_LINE)
    assert [part.rstrip() for part in drawn[1:3]] == [
        fitted(bar(Row(), 0), 80),
        fitted(bar(replace(Row(), progress=1.0), 2.5), 80),
    ]
    assert drawn[-1] == "Sort it: done after 2.5 s\n"


def test_a_pipe_sees_one_plain_line_for_each_job() -> None:
    pipe = io.StringIO()
    progress = Progress(pipe)
    for row in (Row(), replace(Row(), progress=0.9), replace(Row(), id=8, title="Post-process it")):
        progress(row)
    progress.end(Row())
    assert pipe.getvalue() == "Sort it (job 7)\nPost-process it (job 8)\n"


def test_quiet_progress_writes_nothing() -> None:
    screen = Terminal()
    progress = Progress(screen, quiet=True)
    progress(Row())
    progress.end(Row())
    assert screen.getvalue() == ""


def test_the_end_of_a_job_that_was_never_seen_takes_no_time() -> None:
    screen = Terminal()
    Progress(screen).end(replace(Row(), state="done"))
    assert screen.getvalue() == f"{CLEAR_LINE}Sort it: done after 0.0 s\n"
