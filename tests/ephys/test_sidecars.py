"""Small files beside a flat binary file say what it is, or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labbox_local.ephys import sidecars


@pytest.mark.parametrize("name", ["info.json", "params.json", "a.json", "a.raw.json"])
def test_every_usual_name_is_looked_at(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps({"samplerate": 10, "num_channels": 3}))
    assert sidecars.beside(tmp_path / "a.raw") == ({"sampling_frequency": 10, "num_channels": 3}, name)


@pytest.mark.parametrize(
    "content", ["[]", '{"samplerate": 10}', '{"samplerate": true, "channels": 2}', '{"fs": -1, "channels": 2}']
)
def test_too_little_is_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "info.json").write_text(content)
    assert sidecars.beside(tmp_path / "a.raw") == ({}, "")


def test_params_of_another_recording_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "params.py").write_text("dat_path = 'b.raw'\nn_channels_dat = 4\nsample_rate = 10.")
    assert sidecars.beside(tmp_path / "a.raw") == ({}, "")
    assert sidecars.beside(tmp_path / "b.raw")[0] == {"sampling_frequency": 10, "num_channels": 4}


def test_the_locust_recordings_are_described(data: Path) -> None:
    found, by = sidecars.beside(data / "raw-locust" / "locust_trial_01.raw")
    assert (found, by) == ({"sampling_frequency": 15000, "num_channels": 4, "dtype": "int16"}, "info.json")
