"""The mechanism that all views share."""

from __future__ import annotations

import json
import math
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from labbox_local.ephys import sortings
from labbox_local.errors import Invalid, NotFound, Unavailable
from labbox_local.views import base, colours
from labbox_local.views.base import Selection, View, ViewData, setting
from tests.ephys.samples import RATE_HZ, random_sorting

LIGHT, DARK = "#fdfdfe", "#181c22"


@dataclass(frozen=True)
class Settings:
    """Of a view for these tests."""

    span_ms: float = setting(2.5, "span", "How far.", unit="ms", minimum=0.5, maximum=10)
    count: int = setting(3)
    shaded: bool = setting(True)
    mode: str = setting("fast", choices=("fast", "slow"))
    word: str = setting("")


class Echo(View):
    """Shows what it was given."""

    id, title, help = "echo", "Echo", "Two\n   lines."
    needs = ("templates",)
    Settings = Settings

    def compute(self, data: ViewData, selection: Selection, settings: Settings) -> dict[str, Any]:
        return {"units": list(selection.units), "span": settings.span_ms, "text": "µV"}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class TestSettings:
    def test_a_form_follows_from_the_dataclass(self) -> None:
        fields = {field.name: field for field in base.settings_fields(Settings)}
        span = fields["span_ms"]
        assert (span.kind, span.default, span.title, span.unit, span.minimum, span.maximum) == (
            "float", 2.5, "span", "ms", 0.5, 10,
        )  # fmt: skip
        assert [field.kind for field in fields.values()] == ["float", "int", "bool", "choice", "text"]
        assert fields["mode"].choices == ("fast", "slow")

    def test_a_view_without_settings_has_no_form(self) -> None:
        assert base.settings_fields(base.NoSettings) == []

    def test_a_declaration_is_plain_data(self) -> None:
        plain = Echo().plain()
        assert json.loads(json.dumps(plain)) == plain
        said = (plain["id"], plain["help"], plain["kind"], plain["needs"])
        assert said == ("echo", "Two lines.", "figure", ["templates"])


class TestDraw:
    data = ViewData(random_sorting(("x", "y", "z"), durations_s=(1.0,)))

    def test_gives_json_of_what_the_view_computes(self) -> None:
        drawn = base.draw(Echo(), self.data, {"units": ["z", "x"]}, {"span_ms": "4"})
        assert json.loads(drawn) == {"units": [2, 0], "span": 4.0, "text": "µV"}

    def test_a_wrong_setting_is_refused_at_its_field(self) -> None:
        with pytest.raises(Invalid) as caught:
            base.draw(Echo(), self.data, {}, {"span_ms": "99", "mode": "medium"})
        assert set(caught.value.fields) == {"span_ms", "mode"}

    def test_an_unknown_unit_is_named(self) -> None:
        with pytest.raises(NotFound, match="no unit q"):
            base.draw(Echo(), self.data, {"units": ["q"]}, {})


class TestSelection:
    sorting = random_sorting((4, 8, 15), durations_s=(1.0,))

    def test_ids_become_positions_in_the_order_chosen_and_once_each(self) -> None:
        chosen = Selection.of(self.sorting, {"units": ["15", 4, "15"], "electrodes": [3], "time_range_s": [1, 2.5]})
        assert chosen == Selection((2, 0), (1.0, 2.5), None, ("3",))

    @pytest.mark.parametrize("empty", [{}, {"units": None, "electrodes": None, "time_range_s": None, "cursor_s": None}])
    def test_nothing_chosen_is_nothing(self, empty: dict[str, Any]) -> None:
        assert Selection.of(self.sorting, empty) == Selection()

    def test_all_units_are_shown_up_to_a_number_that_is_told(self) -> None:
        data = ViewData(self.sorting)
        assert base.choose(data, Selection(), 5) == ((0, 1, 2), "")
        assert base.choose(data, Selection(), 2) == ((0, 1), "The first 2 of 3 units; choose others in the table.")
        assert base.choose(data, Selection(units=(2, 1)), 5) == ((2, 1), "")
        assert base.choose(data, Selection(units=(2, 1, 0)), 2) == ((2, 1), "2 of 3 chosen units.")

    def test_a_sorting_without_units_says_so(self) -> None:
        nothing = sortings.build([], [(np.array([]), np.array([]))], RATE_HZ)
        with pytest.raises(Unavailable, match="has no units"):
            base.choose(ViewData(nothing), Selection(), 5)


class TestMissing:
    sorting = random_sorting((1,), durations_s=(1.0,))

    def test_without_a_recording(self) -> None:
        error = ViewData(self.sorting, has_recording=False).missing("Waveforms")
        assert str(error) == "Waveforms need the recording: this sorting was imported without one."
        assert pickle.loads(pickle.dumps(error)).hint == error.hint  # it travels between processes

    def test_before_post_processing(self) -> None:
        assert str(ViewData(self.sorting).missing("Waveforms")) == "Waveforms have not been computed yet."

    def test_without_spikes(self) -> None:
        empty = sortings.build([1], [(np.array([]), np.array([]))], RATE_HZ)
        assert "this sorting has none" in str(ViewData(empty).missing("Waveforms"))


class TestPlain:
    def test_floats_keep_every_bit(self) -> None:
        rng = np.random.default_rng(0)
        doubles = rng.normal(size=100) * 10.0 ** rng.integers(-20, 20, 100)
        np.testing.assert_array_equal(json.loads(json.dumps(base.plain(doubles))), doubles)
        singles = doubles.astype(np.float32)
        listed = base.plain(singles)
        np.testing.assert_array_equal(np.array(listed, np.float32), singles)
        assert len(json.dumps(listed)) < 0.75 * len(json.dumps(singles.tolist()))

    def test_what_is_no_number_becomes_a_gap(self) -> None:
        assert base.plain(np.array([1.0, math.nan, math.inf])) == [1.0, None, None]
        assert base.plain(np.array([[1, math.nan]], np.float32)) == [[1.0, None]]

    def test_no_numpy_type_is_left(self) -> None:
        listed = base.plain(np.array([1, 2], np.int16)) + base.plain(np.array([True])) + base.plain([np.float32(1)])
        assert {type(value) for value in listed} == {int, bool, float}


class TestColours:
    def test_each_stands_out_on_the_light_and_on_the_dark_panel(self) -> None:
        for position in range(300):
            colour = base.unit_colour(position)
            assert min(contrast(colour, LIGHT), contrast(colour, DARK)) >= 3.0, (position, colour)

    def test_the_first_hundred_differ(self) -> None:
        assert len({base.unit_colour(position) for position in range(100)}) == 100

    def test_later_ones_are_equally_light(self) -> None:
        seen = [luminance(base.unit_colour(position)) for position in range(8, 200)]
        assert max(seen) - min(seen) < 0.09

    @pytest.mark.parametrize(
        ("lightness", "chroma", "hue", "expected"),
        [(1.0, 0.0, 0.0, "#ffffff"), (0.0, 0.0, 0.0, "#000000"), (0.6279554, 0.2576833, 0.5102289, "#ff0000"),
         (0.4520137, 0.3132144, 4.6087, "#0000ff")],
    )  # fmt: skip
    def test_oklch_is_converted_as_css_does(self, lightness: float, chroma: float, hue: float, expected: str) -> None:
        assert colours.oklch(lightness, chroma, hue) == expected


@pytest.mark.parametrize(("count", "text"), [(1, "1 unit"), (0, "0 units"), (83500, "83\u202f500 units")])
def test_counts_are_said_with_narrow_spaces(count: int, text: str) -> None:
    assert base.plural(count, "unit") == text
