"""The chain fits the recording, and means the same in µV whatever the samples are stored as."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from spikeinterface.core import BaseRecording, NumpyRecording
from spikeinterface.preprocessing import bandpass_filter, common_reference

from labbox_local.ephys import preprocessing
from labbox_local.errors import Invalid


def facts(rate: float = 30000.0, channels: int = 32) -> dict[str, Any]:
    return {"sampling_rate_hz": rate, "channel_count": channels}


def noise(dtype: str = "float32", channels: int = 4, rate: float = 20000.0) -> BaseRecording:
    values = np.random.default_rng(0).normal(0, 100, (4000, channels))
    if dtype == "uint16":
        values = values + 32768
    recording = NumpyRecording(values.astype(dtype), rate)
    recording.set_channel_gains(0.5)
    recording.set_channel_offsets(-16384.0 if dtype == "uint16" else 0.0)
    return recording


BAND = {"step": "bandpass_filter", "params": {"freq_min": 300.0, "freq_max": 6000.0}}
MEDIAN = {"step": "common_reference", "params": {"operator": "median"}}


@pytest.mark.parametrize(
    ("rate", "channels", "band", "reference"),
    [
        (30000, 32, (300, 6000), True),
        (30000, 15, (300, 6000), False),
        (30000, 16, (300, 6000), True),
        (10000, 4, (300, 4750), False),
        (2500, 384, (300, 1187), True),
        (600, 1, None, False),
    ],
)
def test_the_default_fits_rate_and_channels(
    rate: float, channels: int, band: tuple[float, float] | None, reference: bool
) -> None:
    chain = {step["step"]: step["params"] for step in preprocessing.default_chain(facts(rate, channels))}
    found = chain.get("bandpass_filter")
    assert (found and (found["freq_min"], found["freq_max"])) == band
    assert ("common_reference" in chain) == reference
    preprocessing.check_chain(preprocessing.default_chain(facts(rate, channels)), facts(rate, channels))


@pytest.mark.parametrize("rate", [100.0, 600.0, 1000.0, 15000.0, 30000.0])
@pytest.mark.parametrize("channels", [1, 4, 16, 384])
def test_an_untouched_form_means_the_default(rate: float, channels: int) -> None:
    entered = {field.name: field.text(field.default) for field in preprocessing.fields(facts(rate, channels))}
    assert preprocessing.chain_of(facts(rate, channels), entered) == preprocessing.default_chain(facts(rate, channels))


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        ({"bandpass": "true", "freq_max": "15000"}, "freq_max"),
        ({"bandpass": "true", "freq_max": "20000"}, "freq_max"),
        ({"bandpass": "true", "freq_min": "0"}, "freq_min"),
        ({"bandpass": "true", "freq_min": "5000", "freq_max": "4000"}, "freq_min"),
        ({"operator": "mode"}, "operator"),
        ({"freq_min": "low"}, "freq_min"),
    ],
)
def test_mistakes_are_said_at_their_field(entered: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        preprocessing.chain_of(facts(), entered)
    assert list(caught.value.fields) == [field]


@pytest.mark.parametrize(
    ("chain", "field"),
    [
        ([{"step": "deblur"}], "preprocessing"),
        ([{"step": "bandpass_filter", "params": {"freq_min": 300, "freq_max": 6000, "order": 2}}], "order"),
        ([{"step": "bandpass_filter", "params": {"freq_min": 300}}], "freq_min"),
    ],
)
def test_unknown_steps_and_parameters_are_refused(chain: list[dict[str, Any]], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        preprocessing.apply(noise(), chain)
    assert list(caught.value.fields) == [field]


def test_a_reference_of_one_channel_is_refused() -> None:
    with pytest.raises(Invalid, match="nothing would be left"):
        preprocessing.apply(noise(channels=1), [MEDIAN])


def test_the_chain_is_spikeinterfaces() -> None:
    recording = noise()
    expected = common_reference(bandpass_filter(recording, freq_min=300.0, freq_max=6000.0), operator="median")
    found = preprocessing.apply(recording, [BAND, MEDIAN])
    assert np.array_equal(found.get_traces(), expected.get_traces())


def test_an_empty_chain_leaves_the_recording_alone() -> None:
    recording = noise("uint16")
    assert preprocessing.apply(recording, []) is recording


@pytest.mark.parametrize("chain", [[BAND], [MEDIAN], [BAND, MEDIAN]])
def test_unsigned_samples_give_the_same_microvolts_as_signed_ones(chain: list[dict[str, Any]]) -> None:
    signed = preprocessing.apply(noise("int16"), chain).get_traces(return_in_uV=True)
    unsigned = preprocessing.apply(noise("uint16"), chain).get_traces(return_in_uV=True)
    assert np.abs(signed - unsigned).max() <= 1.0


def test_signed_keeps_the_microvolts() -> None:
    recording = noise("uint16")
    raw = recording.get_traces(return_in_uV=True)
    assert np.allclose(preprocessing.signed(recording).get_traces(return_in_uV=True), raw)


def test_the_chain_in_words() -> None:
    assert preprocessing.in_words([]) == "raw"
    assert preprocessing.in_words([BAND, MEDIAN]) == "band-pass 300–6000 Hz, median reference"
