"""Noise is SpikeInterface's, and bad channels are those that are bad."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spikeinterface.core import NumpyRecording, get_noise_levels

from labbox_local.ephys import measure, recordings
from labbox_local.ephys.measure import saturated_share

RATE = 20000.0


def flat(folder: Path, values: np.ndarray, rate: float = RATE, **options: Any) -> dict[str, Any]:
    values.tofile(folder / "a.raw")
    given = {"sampling_frequency": rate, "num_channels": values.shape[1], "dtype": str(values.dtype), **options}
    return {"format": "binary", "path": str(folder / "a.raw"), "options": given}


def noise(samples: int, channels: int, scale: float = 50.0) -> np.ndarray:
    return np.random.default_rng(0).normal(0, scale, (samples, channels)).astype("int16")


def measured(spec: dict[str, Any]) -> dict[str, Any]:
    found = measure.measure(spec)
    json.dumps(found, allow_nan=False)
    return found


def test_noise_is_that_of_the_signal_in_microvolts(tmp_path: Path) -> None:
    found = measured(flat(tmp_path, noise(40000, 3), gain_to_uv=0.5))
    assert found["noise_unit"] == "µV"
    assert found["noise"] == pytest.approx([25.0] * 3, rel=0.05)
    assert 0 < found["noise_band"][0] < 25


def test_without_gains_noise_is_in_steps(tmp_path: Path) -> None:
    found = measured(flat(tmp_path, noise(40000, 3)))
    assert found["noise_unit"] == "a.u."
    assert found["noise"] == pytest.approx([50.0] * 3, rel=0.05)


def test_noise_equals_spikeinterfaces_and_is_the_same_every_time(tmp_path: Path) -> None:
    spec = flat(tmp_path, noise(60000, 4))
    slices = {"num_chunks_per_segment": 20, "chunk_duration": None, "chunk_size": 10000, "seed": 0}
    expected = get_noise_levels(recordings.open_recording(spec), return_in_uV=False, random_slices_kwargs=slices)
    assert measured(spec)["noise"] == expected.tolist()
    assert measured(spec) == measured(spec)


@pytest.mark.parametrize("samples", [1, 2, 100, 1000])
def test_recordings_shorter_than_a_chunk_are_measured(tmp_path: Path, samples: int) -> None:
    found = measured(flat(tmp_path, noise(samples, 2)))
    assert len(found["noise"]) == 2
    assert found["bad_method"] == ""


def test_dead_and_saturated_channels_are_told(tmp_path: Path) -> None:
    values = noise(40000, 4)
    values[:, 1] = 7
    values[::50, 2] = 32767
    found = measured(flat(tmp_path, values))
    assert [(bad["id"], bad["label"]) for bad in found["bad_channels"]] == [(1, "dead"), (2, "saturated")]
    assert found["saturated_share"][2] == pytest.approx(0.02, rel=0.2)
    assert found["peak"][2] == 32767


def test_a_noisy_channel_among_many_is_told(tmp_path: Path) -> None:
    values = noise(60000, 12, 20.0)
    values[:, 5] *= 40
    found = measured(flat(tmp_path, values))
    assert found["bad_method"] == "mad"
    assert [(bad["channel_index"], bad["label"]) for bad in found["bad_channels"]] == [(5, "noise")]


def test_samples_that_are_no_numbers_are_told_and_harm_nothing(tmp_path: Path) -> None:
    values = noise(40000, 10).astype("float32")
    values[::400, 3] = np.nan
    found = measured(flat(tmp_path, values))
    assert [(bad["channel_index"], bad["label"]) for bad in found["bad_channels"]] == [(3, "broken")]
    assert found["noise"][2] == pytest.approx(50, rel=0.05)


def test_a_slow_recording_has_no_spike_band(tmp_path: Path) -> None:
    assert measured(flat(tmp_path, noise(4000, 2), rate=500.0))["noise_band"] is None


def test_labels_for_most_channels_are_left_out(data: Path) -> None:
    found = measured({"format": "nwb", "path": str(data / "nwb-neuropixels-lf"), "options": {}})
    assert found["bad_method"] == "coherence+psd"
    assert "more than it can tell apart" in found["notes"][0]
    assert len(found["bad_channels"]) < 10


def test_progress_goes_forward(tmp_path: Path) -> None:
    told: list[float] = []
    measure.measure(flat(tmp_path, noise(1000, 2)), lambda stage, fraction: told.append(fraction or 0.0))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_usual_value_of_a_quiet_channel_is_no_rail() -> None:
    quiet = np.random.default_rng(0).integers(-1, 2, (10000, 1)).astype(float)
    assert saturated_share(quiet, 20.0).tolist() == [0.0]


def test_one_large_spike_is_no_rail() -> None:
    values = np.random.default_rng(0).normal(0, 10, (10000, 1)).round()
    values[5] = 1000
    assert saturated_share(values, 20.0).tolist() == [0.0]


def test_segments_are_all_sampled() -> None:
    first, second = np.zeros((100, 1), "int16"), np.full((50, 1), 9, "int16")
    found = measure.sample(NumpyRecording([first, second], RATE))
    assert (found.spread.tolist(), found.largest.tolist()) == ([9.0], [9.0])
