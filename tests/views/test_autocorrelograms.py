"""The autocorrelograms that are drawn."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from spikeinterface.postprocessing import compute_correlograms

from labbox_local.ephys.sortings import to_spikeinterface
from labbox_local.errors import Invalid
from labbox_local.views import base
from labbox_local.views.autocorrelograms import MOST_UNITS, Autocorrelograms
from labbox_local.views.base import ViewData
from tests.ephys.samples import random_sorting


def draw(data: ViewData, units: tuple[Any, ...] = (), **settings: Any) -> dict[str, Any]:
    figure: dict[str, Any] = json.loads(base.draw(Autocorrelograms(), data, {"units": units}, settings))
    return figure


def equal_to_spikeinterface(data: ViewData, window_ms: float, bin_ms: float) -> None:
    expected, edges_ms = compute_correlograms(
        to_spikeinterface(data.sorting), window_ms=window_ms, bin_ms=bin_ms, method="numba", fast_mode="off"
    )
    figure = draw(data, window_ms=window_ms, bin_ms=bin_ms)
    assert len(figure["data"]) == min(data.sorting.unit_count, MOST_UNITS)
    for unit, bars in enumerate(figure["data"]):
        assert bars["y"] == expected[unit, unit].tolist()
        np.testing.assert_allclose(bars["x"], (edges_ms[:-1] + edges_ms[1:]) / 2, atol=1e-9)
        assert figure["table"][f"unit {data.sorting.unit_ids[unit]}"] == bars["y"]
    assert figure["table"]["from (ms)"] == edges_ms[:-1].tolist()


@pytest.mark.parametrize(("window_ms", "bin_ms"), [(50, 1), (30, 0.5)])
def test_bars_equal_spikeinterfaces_counts(bare: ViewData, window_ms: float, bin_ms: float) -> None:
    equal_to_spikeinterface(bare, window_ms, bin_ms)


def test_bars_of_real_spikes_equal_spikeinterfaces_counts(tetrode: ViewData) -> None:
    equal_to_spikeinterface(tetrode, 50, 1)


def test_each_unit_has_its_panel_its_colour_and_its_name() -> None:
    data = ViewData(random_sorting(("a", "b", "c"), durations_s=(2.0,)))
    figure = draw(data, ("c", "a"))
    assert [bars["name"] for bars in figure["data"]] == ["Unit c", "Unit a"]
    assert [bars["marker"]["color"] for bars in figure["data"]] == [base.unit_colour(2), base.unit_colour(0)]
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["c", "a"]
    assert [(bars["xaxis"], bars["yaxis"]) for bars in figure["data"]] == [("x", "y"), ("x2", "y2")]
    assert figure["note"] == ""


def test_panels_do_not_overlap_and_axes_bear_titles_with_units() -> None:
    figure = draw(ViewData(random_sorting(tuple(range(11)), durations_s=(1.0,))))
    layout = figure["layout"]
    boxes = []
    for bars in figure["data"]:
        left, right = layout[bars["xaxis"].replace("x", "xaxis")]["domain"]
        low, high = layout[bars["yaxis"].replace("y", "yaxis")]["domain"]
        assert 0 <= left < right <= 1
        assert 0 <= low < high <= 1
        assert all(left >= r or right <= l or low >= h or high <= b for l, r, b, h in boxes)  # noqa: E741
        boxes.append((left, right, low, high))
    titles = {axis["title"]["text"] for name, axis in layout.items() if "axis" in name and "title" in axis}
    assert titles == {"Time difference (ms)", "Pairs"}
    assert "template" not in layout


def test_more_units_than_fit_are_told() -> None:
    figure = draw(ViewData(random_sorting(tuple(range(50)), durations_s=(0.5,))))
    assert len(figure["data"]) == MOST_UNITS
    assert figure["note"] == "The first 36 of 50 units; choose others in the table."


def test_rates_are_counts_by_spikes_and_bin() -> None:
    data = ViewData(random_sorting((1, 2), silent=(1,)))
    counts, rates = draw(data)["data"], draw(data, scale="rate")["data"]
    spikes = int(data.sorting.spike_counts()[0])
    np.testing.assert_allclose(rates[0]["y"], np.array(counts[0]["y"]) / spikes / 0.001)
    assert set(rates[1]["y"]) == {0.0}


@pytest.mark.parametrize(
    ("settings", "field"),
    [({"bin_ms": 0.011, "window_ms": 900}, "bin_ms"), ({"window_ms": 3, "bin_ms": 4}, "window_ms")],
)
def test_bins_that_cannot_be_drawn_are_refused(settings: dict[str, float], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        draw(ViewData(random_sorting((1,), durations_s=(1.0,))), **settings)
    assert list(caught.value.fields) == [field]
