"""The amplitudes that are drawn."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from labbox_local.ephys import sortings
from labbox_local.errors import Unavailable
from labbox_local.views import base
from labbox_local.views.amplitudes import Amplitudes
from labbox_local.views.base import ViewData
from tests.ephys.samples import RATE_HZ


def draw(data: ViewData, selection: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    figure: dict[str, Any] = json.loads(base.draw(Amplitudes(), data, selection or {}, settings))
    return figure


def marks(figure: dict[str, Any]) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["mode"] == "markers"]


@pytest.mark.parametrize("which", ["sparse", "tetrode"])
def test_marks_equal_spikeinterfaces_amplitudes(which: str, request: pytest.FixtureRequest) -> None:
    data: ViewData = request.getfixturevalue(which)
    sorting = data.sorting
    by_unit = data.analyzer.get_extension("spike_amplitudes").get_data(outputs="by_unit")
    figure = draw(data)
    assert figure["note"] == ""
    for unit, trace in enumerate(marks(figure)):
        theirs = [by_unit[segment][sorting.unit_ids[unit]] for segment in range(sorting.segment_count)]
        np.testing.assert_allclose(trace["y"], np.concatenate(theirs), rtol=1e-6)
        rate_hz, first = sorting.sampling_rate_hz, sorting.segment_sample_counts[0]
        seconds = [(sorting.spike_train(unit, segment) + segment * first) / rate_hz for segment in (0, 1)]
        np.testing.assert_allclose(trace["x"], np.concatenate(seconds), atol=1e-9)
    unit_text = "µV" if which == "sparse" else "a.u."
    assert figure["layout"]["yaxis"]["title"]["text"] == f"Amplitude ({unit_text})"
    assert figure["layout"]["xaxis"]["title"]["text"] == "Time (s)"


def test_segments_follow_each_other_with_a_line_between(sparse: ViewData) -> None:
    layout = draw(sparse)["layout"]
    assert [shape["x0"] for shape in layout["shapes"]] == [6.0]
    assert layout["xaxis"]["range"] == [0.0, 10.0]


def test_too_many_spikes_are_thinned_out_always_the_same_and_told(tetrode: ViewData) -> None:
    first, again = draw(tetrode, marks=500), draw(tetrode, marks=500)
    assert first == again
    assert sum(len(trace["x"]) for trace in marks(first)) == 500
    total = tetrode.sorting.spike_count
    assert first["note"] == f"500 of {base.thin(total)} spikes."
    everything = {(x, y) for trace in marks(draw(tetrode)) for x, y in zip(trace["x"], trace["y"], strict=True)}
    assert all((x, y) in everything for trace in marks(first) for x, y in zip(trace["x"], trace["y"], strict=True))


def test_the_distribution_counts_all_spikes_even_when_thinned_out(tetrode: ViewData) -> None:
    figure = draw(tetrode, marks=100, bins=30)
    bars = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    assert [sum(trace["x"]) for trace in bars] == tetrode.sorting.spike_counts().tolist()
    assert all(len(trace["y"]) == 30 for trace in bars)
    assert [trace["mode"] for trace in draw(tetrode, histogram="false")["data"]] == ["markers"] * 4


def test_chosen_units_and_times_are_shown_only(sparse: ViewData) -> None:
    figure = draw(sparse, {"units": ["d", "b"], "time_range_s": [5.0, 7.0]})
    assert [trace["name"] for trace in marks(figure)] == ["Unit d", "Unit b"]
    assert [trace["marker"]["color"] for trace in marks(figure)] == [base.unit_colour(4), base.unit_colour(1)]
    seconds = [x for trace in marks(figure) for x in trace["x"]]
    assert min(seconds) >= 5.0
    assert max(seconds) <= 7.0
    assert figure["layout"]["xaxis"]["range"] == [5.0, 7.0]


def test_a_unit_without_spikes_is_an_empty_trace(sparse: ViewData) -> None:
    figure = draw(sparse, {"units": ["none"]})
    assert figure["data"][0]["x"] == []
    assert len(figure["data"]) == 1


def test_webgl_is_never_asked_for(sparse: ViewData) -> None:
    assert {trace["type"] for trace in draw(sparse)["data"]} == {"scatter"}


def test_imported_amplitudes_are_shown_in_their_own_unit(imported: ViewData) -> None:
    figure = draw(imported)
    assert figure["layout"]["yaxis"]["title"]["text"] == "Amplitude (scaled)"
    own = np.asarray(imported.sorting.amplitude)[imported.sorting.unit_index == 0]
    assert marks(figure)[0]["y"] == own.tolist()
    assert figure["table"]["amplitude (scaled)"][: len(own)] == own.tolist()


def test_the_table_holds_what_is_drawn(sparse: ViewData) -> None:
    figure = draw(sparse)
    table = figure["table"]
    assert set(table["unit"]) == {"a", "b", "c", "d"}
    assert table["time (s)"] == [x for trace in marks(figure) for x in trace["x"]]
    assert table["amplitude (µV)"] == [y for trace in marks(figure) for y in trace["y"]]


def test_without_any_amplitudes_it_says_what_is_needed(bare: ViewData) -> None:
    with pytest.raises(Unavailable, match="Spike amplitudes have not been computed yet"):
        draw(bare)
    with pytest.raises(Unavailable, match="Spike amplitudes need the recording"):
        draw(ViewData(bare.sorting, has_recording=False))


def test_a_span_without_a_known_length_ends_at_the_last_spike() -> None:
    sorting = sortings.build([1], [(np.array([0, 30_000]), np.array([0, 0]))], RATE_HZ, amplitude=np.array([1.0, 2.0]))
    assert draw(ViewData(sorting))["layout"]["xaxis"]["range"][1] == pytest.approx(1.0, abs=1e-4)
