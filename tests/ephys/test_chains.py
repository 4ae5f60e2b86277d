"""Chains: windows equal the whole filtered trace, every step has a form, and what does not fit is a sentence."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import spikeinterface.core as si

from labbox_local.ephys import chain_steps, chains
from labbox_local.ephys.sources import TracesSource
from labbox_local.errors import Invalid

RATE = 30000.0


def noise(seconds: float = 1.0, channels: int = 4, dtype: str = "int16", probe: bool = True) -> Any:
    """Noise on a slow drift, as int16 with gains and a probe."""
    random = np.random.default_rng(5)
    count = int(seconds * RATE)
    drift = 3000 * np.sin(np.arange(count) / 9000)[:, None]
    traces = (random.normal(0, 300, size=(count, channels)) + drift).astype(dtype)
    recording = si.NumpyRecording([traces], RATE, channel_ids=[f"c{n}" for n in range(channels)])
    recording.set_channel_gains(np.linspace(0.1, 0.4, channels))
    recording.set_channel_offsets(0)
    recording.set_property("inter_sample_shift", np.linspace(0, 0.9, channels))
    if probe:
        recording.set_dummy_probe_from_locations(np.column_stack([np.zeros(channels), 40.0 * np.arange(channels)]))
    return recording


CHAINS = {
    "band-pass": [{"step": "bandpass_filter", "params": {}}],
    "low band-pass": [{"step": "bandpass_filter", "params": {"freq_min": 20.0, "freq_max": 300.0}}],
    "high-pass": [{"step": "highpass_filter", "params": {"freq_min": 150.0}}],
    "notch": [{"step": "notch_filter", "params": {"freq": 50.0, "q": 5.0}}],
    "gaussian": [{"step": "gaussian_filter", "params": {}}],
    "reference": [{"step": "bandpass_filter", "params": {}}, {"step": "common_reference", "params": {}}],
    "phase": [{"step": "bandpass_filter", "params": {}}, {"step": "phase_shift", "params": {}}],
    "white": [{"step": "highpass_filter", "params": {}}, {"step": "whiten", "params": {}}],
    "causal": [{"step": "filter", "params": {"direction": "forward"}}],
}


@pytest.mark.parametrize("name", CHAINS)
def test_every_chunk_equals_the_whole_filtered_trace_up_to_its_edges(name: str) -> None:
    recording = chains.apply(noise(2.0), CHAINS[name])
    whole = recording.get_traces()
    source = TracesSource(recording, margin=chains.margin_samples(recording))
    source.chunk = 7001
    # the phase shift of the whole errs at its ends by more than that of a window inside it
    tolerance = (5e-5 if name == "phase" else 1e-6) * np.abs(whole).max(axis=0)
    seen = 0
    for first, rows in source.pieces(0, 0, len(whole)):
        worst = np.abs(rows - whole[first : first + len(rows)]).max(axis=0)
        assert (worst <= tolerance).all(), (first, worst / tolerance)
        seen += len(rows)
    assert seen == len(whole)


def test_spikeinterface_alone_does_not_reach_it() -> None:
    recording = chains.apply(noise(), CHAINS["band-pass"])
    whole = recording.get_traces()
    part = recording.get_traces(start_frame=10000, end_frame=12000)
    assert np.abs(part - whole[10000:12000]).max() > 1e-6 * np.abs(whole).max()


def test_a_chain_reaches_the_window_as_float32_in_microvolts() -> None:
    raw = noise()
    recording = chains.apply(raw, CHAINS["band-pass"])
    assert recording.get_dtype() == "float32"
    np.testing.assert_allclose(recording.get_channel_gains(), raw.get_channel_gains())
    assert chains.is_voltage(recording, CHAINS["band-pass"])
    assert not chains.is_voltage(chains.apply(raw, CHAINS["white"]), CHAINS["white"])


def test_unsigned_samples_lose_their_offset_first() -> None:
    signed = noise(dtype="int16")
    unsigned = si.NumpyRecording([(signed.get_traces().astype(int) + 32768).astype("uint16")], RATE)
    unsigned.set_channel_gains(signed.get_channel_gains())
    unsigned.set_channel_offsets(-32768 * signed.get_channel_gains())
    centred = [{"step": "common_reference", "params": {}}]
    one, two = (chains.apply(recording, centred) for recording in (signed, unsigned))
    np.testing.assert_allclose(one.get_traces(return_in_uV=True), two.get_traces(return_in_uV=True), rtol=0, atol=1e-2)
    bare = chains.apply(si.NumpyRecording([unsigned.get_traces()], RATE), centred)
    assert abs(float(bare.get_traces().mean())) < 1000


def test_random_parts_of_a_step_are_the_same_every_time() -> None:
    one, two = (chains.apply(noise(), CHAINS["white"]).get_traces(end_frame=100) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_steps_that_are_off_are_skipped() -> None:
    raw = noise()
    assert chains.apply(raw, [{"step": "bandpass_filter", "on": False}]) is raw


def test_the_title_says_what_is_done() -> None:
    chain = [{"step": "bandpass_filter", "params": {"freq_max": 5000.0}}, {"step": "common_reference", "params": {}}]
    assert chains.title(chain) == "Band-pass filter 300–5000 Hz, common reference"
    assert chains.title([]) == "raw"


NEEDED: dict[str, dict[str, Any]] = {
    "clip": {"a_min": -100.0, "a_max": 100.0},
    "blank_saturation": {"abs_threshold": 500.0},
    "silence_periods": {"periods": [[0, 100, 300]]},
    "remove_artifacts": {"list_triggers": [[1000, 2000]]},
    "interpolate_bad_channels": {"bad_channel_ids": ["c1"]},
    "detect_and_interpolate_bad_channels": {"method": "std"},
    "detect_and_remove_bad_channels": {"method": "mad"},
    "highpass_spatial_filter": {"n_channel_pad": 8},
}


@pytest.mark.parametrize("name", sorted(chain_steps.steps()))
def test_every_step_applies_with_what_its_form_gives(name: str) -> None:
    recording = chains.apply(noise(1.0, channels=16), [{"step": name, "params": NEEDED.get(name, {})}])
    assert recording.get_traces(end_frame=500).shape[0] == 500


def test_every_preprocessor_is_a_form_or_left_out_with_a_reason() -> None:
    catalog = chain_steps.catalog()
    json.dumps(catalog, allow_nan=False)
    named = {step["name"] for step in catalog["steps"]} | {step["name"] for step in catalog["left_out"]}
    assert named == set(chain_steps._classes())
    assert all(step["reason"].endswith(".") for step in catalog["left_out"])
    assert all(step["title"] and step["group"] != "Other" for step in catalog["steps"])


@pytest.mark.parametrize(
    ("chain", "field", "words"),
    [
        ("bandpass", "chain", "list of steps"),
        ([{"step": "sharpen"}], "chain", "“sharpen”"),
        ([{"step": "resample", "params": {"resample_rate": 1000}}], "chain", "changes the sampling rate"),
        ([{"step": "bandpass_filter", "params": {"freq_min": "low"}}], "0.freq_min", "must be a number"),
        ([{"step": "bandpass_filter", "params": {"frequency": 3}}], "0.frequency", "no option of this name"),
        ([{"step": "bandpass_filter", "params": {"freq_max": 20000.0}}], "chain", "Band-pass filter cannot be applied"),
    ],
)
def test_what_does_not_fit_is_a_sentence_at_its_place(chain: Any, field: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        chains.apply(noise(0.1), chain)
    assert words.lower() in refused.value.fields[field].lower()


def test_a_step_that_needs_a_probe_says_so_without_one() -> None:
    with pytest.raises(Invalid, match="cannot be applied"):
        chains.apply(noise(0.1, probe=False), [{"step": "highpass_spatial_filter", "params": {}}])
