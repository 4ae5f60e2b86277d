"""How numbers, times and sizes are written."""

from __future__ import annotations

import pytest

from labbox_local.web import formats

T = formats.THIN_SPACE


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (999, "999"), (83500, f"83{T}500"), (1234567, f"1{T}234{T}567")]
)
def test_counts_have_thin_spaces(value: int | None, text: str) -> None:
    assert formats.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(30000.0, f"30{T}000"), (11574.1, f"11{T}574.1"), (25000.000000000004, f"25{T}000"), (None, "–")],
)
def test_rates_have_the_decimals_they_need(value: float | None, text: str) -> None:
    assert formats.rate(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (6.67e-05, f"0.0667{T}ms"),
        (0.0385, f"38.5{T}ms"),
        (28.7699, f"28.770{T}s"),
        (60, f"1{T}min 00{T}s"),
        (604.2, f"10{T}min 04{T}s"),
        (7500, f"2{T}h 05{T}min"),
    ],
)
def test_durations_suit_their_length(seconds: float | None, text: str) -> None:
    assert formats.duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, f"0{T}B"),
        (999, f"999{T}B"),
        (1000, f"1{T}kB"),
        (3452384, f"3.45{T}MB"),
        (2.2e9, f"2.2{T}GB"),
        (5e12, f"5{T}TB"),
    ],
)
def test_sizes_have_three_figures(size: float, text: str) -> None:
    assert formats.size(size) == text


def test_numbers_of_a_column_have_equal_decimals() -> None:
    assert [formats.number(value, 2) for value in (1, 2.345, 1234.5, None)] == ["1.00", "2.35", f"1{T}234.50", "–"]


def test_run_times_leave_milliseconds_out() -> None:
    assert formats.took(33.04) == f"33.0{T}s"
    assert formats.took(604) == f"10{T}min 04{T}s"
    assert formats.took(None) == "–"


def test_moments_are_local_and_nothing_is_a_dash() -> None:
    text = formats.moment("2026-11-22T14:05:33+00:00")
    assert len(text) == len("2026-11-22 14:05")
    assert formats.moment_exact("2026-11-22T14:05:33+00:00").endswith(":33")
    assert formats.moment(None) == formats.moment_exact("") == "–"


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(0, "sorting", "no sortings"), (1, "job", "1 job"), (3, "entry", "3 entries"), (2, "day", "2 days")],
)
def test_plurals(number: int, noun: str, text: str) -> None:
    assert formats.plural(number, noun) == text


def test_time_between_two_moments() -> None:
    assert formats.seconds_between("2026-11-22T14:05:00+00:00", "2026-11-22T14:06:30+00:00") == 90
    assert formats.seconds_between(None, "2026-11-22T14:06:30+00:00") is None


def test_parameters_and_lists_as_words() -> None:
    assert formats.words({"threshold": 6, "sign": "neg"}) == "threshold = 6, sign = neg"
    assert formats.words({}) == formats.listed([]) == "–"
    assert formats.listed(["good", 3]) == "good, 3"


def test_labels_are_tallied_the_most_frequent_first() -> None:
    assert formats.tally({"1": "mua", "2": "good", "3": "good"}) == "2 good, 1 mua"


def test_data_is_shown_as_json_a_person_can_read() -> None:
    assert formats.pretty({"unit": "µV"}) == '{\n  "unit": "µV"\n}'
    assert formats.without({"spec": 1, "sorter": "x"}, "spec") == {"sorter": "x"}


def test_a_sentence_begins_with_a_capital_and_keeps_the_rest() -> None:
    assert [formats.sentence(text) for text in ("band-pass", "ISI ms", "")] == ["Band-pass", "ISI ms", ""]
    assert formats.middle([3, 1, 2]) == 2
