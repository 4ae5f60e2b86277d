"""The average waveforms that are drawn."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from labbox_local.errors import Unavailable
from labbox_local.views import base
from labbox_local.views.base import ViewData
from labbox_local.views.waveforms import MOST_UNITS, Waveforms, _round_down
from tests.ephys.samples import random_sorting


def draw(data: ViewData, selection: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    figure: dict[str, Any] = json.loads(base.draw(Waveforms(), data, selection or {}, settings))
    return figure


def lines(figure: dict[str, Any]) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if "customdata" in trace]


def channels_of(trace: dict[str, Any]) -> list[Any]:
    return list(dict.fromkeys(str(point[0]) for point in trace["customdata"] if point))


@pytest.mark.parametrize("which", ["sparse", "tetrode"])
def test_numbers_equal_spikeinterfaces_templates(which: str, request: pytest.FixtureRequest) -> None:
    data: ViewData = request.getfixturevalue(which)
    templates = data.analyzer.get_extension("templates")
    average, spread = (templates.get_data(operator=name) for name in ("average", "std"))
    unit_text = "µV" if which == "sparse" else "a.u."
    table = draw(data, channels=4)["table"]
    compared = 0
    for unit, unit_id in enumerate(data.sorting.unit_ids):
        for channel, channel_id in enumerate(data.analyzer.channel_ids):
            name = f"unit {unit_id} channel {channel_id}"
            if f"{name} ({unit_text})" in table:
                np.testing.assert_allclose(table[f"{name} ({unit_text})"], average[unit, :, channel], atol=1e-6)
                np.testing.assert_allclose(table[f"{name} SD ({unit_text})"], spread[unit, :, channel], atol=1e-6)
                compared += 1
    assert compared == 4 * data.sorting.unit_count
    assert table["time (ms)"][templates.nbefore] == 0.0


def test_each_unit_shows_the_channels_around_its_peak(sparse: ViewData) -> None:
    average = sparse.analyzer.get_extension("templates").get_data()
    places = sparse.analyzer.get_channel_locations()
    for unit, trace in enumerate(lines(draw(sparse, channels=6))):
        if sparse.sorting.spike_counts()[unit]:
            shown = [list(map(str, sparse.analyzer.channel_ids)).index(name) for name in channels_of(trace)]
            peak = int(np.argmax(np.ptp(average[unit], axis=0)))
            assert shown[0] == peak
            far = np.linalg.norm(places - places[peak], axis=1)
            assert sorted(far[shown]) == sorted(np.sort(far)[:6])


def test_drawn_lines_are_places_plus_scaled_numbers(sparse: ViewData) -> None:
    figure = draw(sparse, {"units": ["a"]}, channels=1)
    (trace,) = lines(figure)
    values = np.array([point[2] for point in trace["customdata"] if point])
    y = np.array([value for value in trace["y"] if value is not None])
    channel = list(map(str, sparse.analyzer.channel_ids)).index(channels_of(trace)[0])
    place = sparse.analyzer.get_channel_locations()[channel]
    slope, offset = np.polyfit(values, y, 1)
    assert slope > 0
    assert offset == pytest.approx(place[1], abs=0.01)
    assert trace["x"][-1] is None
    bar = next(shape for shape in figure["layout"]["shapes"] if shape["x0"] == shape["x1"])
    label = figure["layout"]["annotations"][1]["text"]
    assert (bar["y1"] - bar["y0"]) / slope == pytest.approx(float(label.removesuffix(" µV")), rel=0.01)


def test_all_panels_have_one_scale(sparse: ViewData) -> None:
    layout = draw(sparse)["layout"]
    for axis in ("x", "y"):
        spans = [np.ptp(value["range"]) for name, value in layout.items() if name.startswith(f"{axis}axis")]
        np.testing.assert_allclose(spans, spans[0])


def test_stacked_channels_stand_over_each_other(sparse: ViewData) -> None:
    probe, stacked = (lines(draw(sparse, {"units": ["a"]}, arrangement=name))[0] for name in ("probe", "stacked"))
    assert channels_of(probe) == channels_of(stacked)
    samples = len([point for point in probe["customdata"] if point]) // len(channels_of(probe))
    assert len(set(stacked["x"][:samples])) == samples
    assert stacked["x"][:samples] == stacked["x"][samples + 1 : 2 * samples + 1]


def test_spread_can_be_left_out(sparse: ViewData) -> None:
    whole, bare = draw(sparse), draw(sparse, spread="no")
    assert len(whole["data"]) == 2 * len(bare["data"])
    assert lines(whole) == bare["data"]


def test_only_chosen_electrodes_are_drawn(sparse: ViewData) -> None:
    everything = channels_of(lines(draw(sparse, {"units": ["a"]}))[0])
    two = channels_of(lines(draw(sparse, {"units": ["a"], "electrodes": everything[1:3]}))[0])
    assert sorted(two) == sorted(everything[1:3])
    with pytest.raises(Unavailable, match="no waveform on the chosen electrodes"):
        draw(sparse, {"units": ["a"], "electrodes": ["nowhere"]})


def test_more_units_than_fit_are_told() -> None:
    plain = random_sorting(tuple(range(20)), durations_s=(0.5,))
    data = ViewData(replace(plain, templates=np.ones((20, 30, 4), np.float32)))
    figure = draw(data)
    assert len(lines(figure)) == MOST_UNITS
    assert figure["note"] == "The first 12 of 20 units; choose others in the table."


def test_a_sorters_own_templates_are_shown_in_their_unit(imported: ViewData) -> None:
    figure = draw(imported)
    own = np.asarray(imported.sorting.templates)
    assert set(channels_of(lines(figure)[0])) == {"0", "1", "2", "3"}
    np.testing.assert_array_equal(np.array(figure["table"]["unit 30 channel 2 (whitened)"], np.float32), own[2, :, 2])
    assert figure["layout"]["annotations"][3]["text"].endswith(" whitened")


def test_without_any_templates_it_says_what_is_needed() -> None:
    sorting = random_sorting((1,), durations_s=(1.0,))
    with pytest.raises(Unavailable, match=r"^Waveforms have not been computed yet"):
        draw(ViewData(sorting))
    with pytest.raises(Unavailable, match=r"^Waveforms need the recording: this sorting was imported without one"):
        draw(ViewData(sorting, has_recording=False))


@pytest.mark.parametrize(("value", "rounded"), [(0.9, 0.5), (1.0, 1.0), (199.0, 100.0), (200.0, 200.0), (0.03, 0.02)])
def test_scale_bars_are_round_numbers(value: float, rounded: float) -> None:
    assert _round_down(value) == pytest.approx(rounded)
