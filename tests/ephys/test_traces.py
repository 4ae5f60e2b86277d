"""Envelopes equal a slow search for the smallest and largest value of every pixel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spikeinterface.core import BaseRecording, NumpyRecording

from labbox_local.ephys import preprocessing, traces
from labbox_local.errors import Invalid

RATE = 1000.0


def recording(samples: int = 500, channels: int = 3, dtype: str = "int16") -> BaseRecording:
    values = np.random.default_rng(1).integers(-1000, 1000, (samples, channels))
    return NumpyRecording(values.astype(dtype), RATE)


def look(made: BaseRecording, start_s: float = 0.0, duration_s: float = 0.5, **more: Any) -> dict[str, Any]:
    given_options = {"segment": 0, "channels": None, "chain": [], "max_points": 100, **more}
    found = traces.envelope_of(made, start_s, duration_s, **given_options)
    json.dumps(found, allow_nan=False)
    return found


@given(st.integers(1, 5000), st.integers(1, 300))
def test_pixels_cover_every_sample_once_and_are_equally_wide(count: int, most: int) -> None:
    edges = traces.pixel_edges(count, most)
    widths = np.diff(edges)
    assert (edges[0], edges[-1]) == (0, count)
    assert len(widths) == min(count, most)
    assert widths.min() >= 1
    assert widths.max() - widths.min() <= 1


@given(st.data())
@settings(deadline=None)
def test_extremes_equal_the_slow_twin(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 60))
    channels = data.draw(st.integers(1, 3))
    if data.draw(st.booleans()):
        element = st.one_of(st.floats(-1e6, 1e6), st.just(float("nan")))
        values = np.array(data.draw(st.lists(element, min_size=count * channels, max_size=count * channels)))
    else:
        element_int = st.integers(-32768, 32767)
        values = np.array(
            data.draw(st.lists(element_int, min_size=count * channels, max_size=count * channels)), "int16"
        )
    values = values.reshape(count, channels)
    edges = traces.pixel_edges(count, data.draw(st.integers(1, 60)))
    low, high = traces.min_max(values, edges)
    for pixel in range(len(edges) - 1):
        for channel in range(channels):
            inside = [v for v in values[edges[pixel] : edges[pixel + 1], channel].tolist() if v == v]
            if inside:
                assert (low[pixel, channel], high[pixel, channel]) == (min(inside), max(inside))
            else:
                assert np.isnan(low[pixel, channel])
                assert np.isnan(high[pixel, channel])


@given(st.integers(0, 499), st.integers(1, 600))
@settings(deadline=None, max_examples=40)
def test_a_window_shows_the_samples_it_names(first: int, length: int) -> None:
    made = recording()
    found = look(made, first / RATE, length / RATE)
    values = made.get_traces()
    last = min(first + length, 500)
    assert (found["start_sample"], found["sample_count"]) == (first, last - first)
    for channel in range(3):
        pieces = [
            values[first + a : first + b, channel] for a, b in zip(found["edges"], found["edges"][1:], strict=False)
        ]
        assert found["minimum"][channel] == [int(piece.min()) for piece in pieces]
        assert found["maximum"][channel] == [int(piece.max()) for piece in pieces]


def test_an_hour_does_not_drift() -> None:
    rate = 29999.954
    total = round(3600 * rate)
    assert traces.window(3599.0, 1.0, rate, total) == (round(3599 * rate), total)


def test_pieces_join_to_the_same_envelope(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = look(recording())
    monkeypatch.setattr(traces, "CHUNK_SAMPLES", 40)
    assert look(recording()) == whole


def test_few_samples_are_given_one_by_one() -> None:
    made = recording()
    found = look(made, 0.1, 0.005)
    assert found["edges"] == [0, 1, 2, 3, 4, 5]
    assert found["minimum"] == found["maximum"] == made.get_traces()[100:105].T.tolist()


def test_chosen_channels_in_the_order_asked() -> None:
    made = recording()
    found = look(made, channels=[2, 0])
    everything = look(made)
    assert found["channel_ids"] == [2, 0]
    assert found["minimum"] == [everything["minimum"][2], everything["minimum"][0]]


def test_gains_make_microvolts() -> None:
    made = recording()
    made.set_channel_gains(0.5)
    made.set_channel_offsets(10.0)
    found = look(made)
    assert found["unit"] == "µV"
    assert found["minimum"][0][0] == made.get_traces()[0:5, 0].min() * 0.5 + 10
    assert look(recording())["unit"] == "a.u."


def test_a_filtered_window_equals_the_same_part_of_the_whole_filtered_recording() -> None:
    made = recording(20000, 4, "float32")
    chain = [{"step": "bandpass_filter", "params": {"freq_min": 100.0, "freq_max": 400.0}}]
    found = look(made, 5.0, 0.05, chain=chain)
    whole = preprocessing.apply(made, chain).get_traces()
    assert np.allclose(found["minimum"], whole[5000:5050].T, atol=0.5)
    assert found["preprocessing"] == "band-pass 100–400 Hz"


def test_a_reference_uses_all_channels_though_one_is_shown() -> None:
    made = recording(500, 4, "float32")
    chain = [{"step": "common_reference", "params": {"operator": "average"}}]
    found = look(made, 0, 0.01, channels=[1], chain=chain)
    values = made.get_traces()[:10]
    assert np.allclose(found["minimum"][0], values[:, 1] - values.mean(axis=1), atol=1e-3)


def test_numbers_that_are_none_leave_gaps() -> None:
    values = np.arange(20, dtype="float32").reshape(10, 2)
    values[3:5, 0] = np.nan
    values[6, 1] = np.inf
    found = look(NumpyRecording(values, RATE), 0, 0.01)
    assert found["minimum"][0][3] is None
    assert found["maximum"][1][6] is None


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"start_s": -1.0}, "start_s"),
        ({"start_s": 0.5}, "start_s"),
        ({"start_s": float("nan")}, "start_s"),
        ({"duration_s": 0.0}, "duration_s"),
        ({"duration_s": float("nan")}, "duration_s"),
        ({"segment": 1}, "segment"),
        ({"segment": -1}, "segment"),
        ({"channels": [3]}, "channels"),
        ({"channels": []}, "channels"),
        ({"channels": [-1]}, "channels"),
        ({"max_points": 0}, "max_points"),
        ({"max_points": 10**6}, "max_points"),
        ({"chain": [{"step": "bandpass_filter", "params": {"freq_min": 1, "freq_max": 500}}]}, "freq_max"),
    ],
)
def test_what_is_out_of_range_is_said_at_its_field(asked: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        look(recording(), **asked)
    assert list(caught.value.fields) == [field]


def test_a_window_too_long_for_the_samples_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "MOST_SAMPLES", 100)
    with pytest.raises(Invalid, match="shorter"):
        look(recording())


def test_the_second_segment_of_a_real_recording(data: Path) -> None:
    spec = {"format": "neuralynx", "path": str(data / "neuralynx-tetrode"), "options": {}}
    found = traces.envelope(spec, 1.0, 2.0, segment=1, max_points=500)
    assert (found["segment"], found["segment_sample_count"], len(found["minimum"][0])) == (1, 427008, 500)
    assert found["unit"] == "µV"


@pytest.mark.parametrize("entry", ["biocam-brw16", "intan-rhd-64ch"])
def test_unsigned_recordings_are_filtered(data: Path, entry: str) -> None:
    spec = {"format": entry.split("-")[0], "path": str(data / entry), "options": {}}
    if entry.startswith("intan"):
        spec["options"] = {"stream_id": "0"}
    raw = traces.envelope(spec, 0, 0.1)
    chain = [{"step": "bandpass_filter", "params": {"freq_min": 300.0, "freq_max": 6000.0}}]
    filtered = traces.envelope(spec, 0, 0.1, preprocessing=chain)
    assert raw["unit"] == filtered["unit"] == "µV"
    assert abs(np.mean(filtered["minimum"]) + np.mean(filtered["maximum"])) < 200
