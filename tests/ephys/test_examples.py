"""The same parameters make the same example, and its true units are those of its samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labbox_local.ephys import examples, recordings, sortings
from labbox_local.errors import Invalid

SMALL: dict[str, Any] = {"duration_s": 2.0, "channel_count": 8, "unit_count": 3, "sampling_rate_hz": 20000.0}


def made(folder: Path, **changed: Any) -> tuple[dict[str, Any], Any, sortings.SortingData]:
    folder.mkdir()
    summary = examples.make(folder, **{**SMALL, **changed})
    recording = recordings.open_recording({**summary["spec"], "path": str(folder / summary["spec"]["path"])})
    return summary, recording, sortings.load(folder / "sorting")


def test_an_example_is_a_recording_in_microvolts_with_its_true_units(tmp_path: Path) -> None:
    summary, recording, truth = made(tmp_path / "a")
    json.dumps(summary, allow_nan=False)
    assert (summary["facts"]["channel_count"], summary["facts"]["dtype"], summary["facts"]["unit"]) == (
        8,
        "int16",
        "µV",
    )
    assert (summary["unit_count"], summary["spike_count"]) == (truth.unit_count, truth.spike_count)
    assert truth.segment_sample_counts == (40000,)
    assert recording.get_num_samples() == 40000
    assert recording.has_probe()
    assert len(summary["probe"]["contacts"]) == 8
    assert summary["preprocessing"][0]["step"] == "bandpass_filter"
    assert summary["provenance"]["parameters"]["seed"] == 0


def test_the_seed_decides(tmp_path: Path) -> None:
    _, first, truth = made(tmp_path / "a", seed=5)
    _, again, truth_again = made(tmp_path / "b", seed=5)
    _, other, _ = made(tmp_path / "c", seed=6)
    assert np.array_equal(first.get_traces(), again.get_traces())
    assert np.array_equal(truth.sample_index, truth_again.sample_index)
    assert not np.array_equal(first.get_traces(), other.get_traces())


def test_true_spikes_stand_out_of_the_noise(tmp_path: Path) -> None:
    _, recording, truth = made(tmp_path / "a")
    samples = recording.get_traces(return_in_uV=True)
    inner = truth.sample_index[(truth.sample_index > 50) & (truth.sample_index < 39950)]
    depth = np.array([samples[s - 10 : s + 10].min() for s in inner])
    assert np.median(depth) < -6 * examples.NOISE_UV


def test_progress_goes_to_its_end(tmp_path: Path) -> None:
    told: list[tuple[str, float | None]] = []
    examples.make(tmp_path, **SMALL, progress=lambda stage, fraction: told.append((stage, fraction)))
    assert told[-1] == ("done", 1.0)
    assert len({stage for stage, _ in told}) >= 3


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"duration_s": 0}, "duration_s"), ({"unit_count": 0}, "unit_count"), ({"channel_count": 5000}, "channel_count")],
)
def test_parameters_out_of_range_are_said_at_their_field(tmp_path: Path, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        examples.make(tmp_path, **{**SMALL, **changed})
    assert list(caught.value.fields) == [field]
    assert not any(tmp_path.iterdir())


def test_a_single_channel_and_unit(tmp_path: Path) -> None:
    summary, _, _ = made(tmp_path / "a", channel_count=1, unit_count=1)
    assert (summary["facts"]["channel_count"], summary["unit_count"]) == (1, 1)
