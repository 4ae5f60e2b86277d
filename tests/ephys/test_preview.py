"""A preview holds all that an import keeps, as plain data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spikeinterface.core import load

from labbox_local.ephys import preview, recordings
from labbox_local.errors import Invalid


def flat(folder: Path, values: np.ndarray, **options: Any) -> dict[str, Any]:
    values.tofile(folder / "a.raw")
    given = {"sampling_frequency": 1000, "num_channels": values.shape[1], "dtype": str(values.dtype), **options}
    return {"format": "binary", "path": str(folder / "a.raw"), "options": given}


def test_the_spec_of_a_preview_opens_the_same_recording(tmp_path: Path) -> None:
    spec = flat(tmp_path, np.arange(400, dtype="int16").reshape(100, 4))
    seen = preview.preview(spec, {"source": "generated", "layout": "linear", "params": {"pitch_um": 10}})
    again = json.loads(json.dumps(seen, allow_nan=False))
    recording = recordings.open_recording(again["spec"])
    assert recording.get_channel_locations()[:, 1].tolist() == [0, 10, 20, 30]
    assert recordings.facts(recording, again["spec"]) == again["facts"]


def test_the_provenance_opens_the_same_recording(tmp_path: Path) -> None:
    spec = flat(tmp_path, np.arange(400, dtype="int16").reshape(100, 4), gain_to_uv=0.5)
    seen = preview.preview(spec, {"source": "generated", "layout": "tetrode", "params": {}})
    recording = load(json.loads(json.dumps(seen["provenance"])))
    opened = recordings.open_recording(seen["spec"])
    assert np.array_equal(recording.get_traces(return_in_uV=True), opened.get_traces(return_in_uV=True))
    assert np.array_equal(recording.get_channel_locations(), opened.get_channel_locations())
    assert str(tmp_path) in json.dumps(seen["provenance"])


def test_the_probe_of_the_file_is_taken_unless_told_otherwise(data: Path) -> None:
    spec = {"format": "biocam", "path": str(data / "biocam-brw16"), "options": {}}
    assert len(preview.preview(spec)["probe"]["contacts"]) == 36
    without = preview.preview(spec, {"source": "none"})
    assert (without["probe"], without["spec"]["probe"], without["facts"]["has_probe"]) == (None, None, False)


def test_traces_are_the_first_second_of_at_most_64_channels(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(-100, 100, (5000, 100)).astype("int16")
    seen = preview.preview(flat(tmp_path, values, sampling_frequency=4500))["traces"]
    assert (len(seen["channel_ids"]), seen["channel_count"], seen["step"]) == (64, 100, 3)
    assert len(seen["times_s"]) == len(seen["values"][0]) == 1500
    assert seen["values"][0][:3] == values[[0, 3, 6], 0].tolist()
    assert seen["times_s"][1] == pytest.approx(3 / 4500)
    assert (seen["channel_ids"][0], seen["channel_ids"][-1]) == (0, 99)


@pytest.mark.parametrize("samples", [1, 2, 10])
def test_a_recording_shorter_than_anything_is_shown(tmp_path: Path, samples: int) -> None:
    seen = preview.preview(flat(tmp_path, np.ones((samples, 2), dtype="int16")))
    assert seen["traces"]["values"] == [[1.0] * samples] * 2


def test_numbers_that_are_none_are_blank_and_said(tmp_path: Path) -> None:
    values = np.ones((10, 2), dtype="float32")
    values[2, 0], values[3, 1] = np.nan, np.inf
    seen = preview.preview(flat(tmp_path, values))
    json.dumps(seen, allow_nan=False)
    assert seen["traces"]["values"][0][2] is None
    assert seen["traces"]["values"][1][3] is None
    assert any("not numbers" in warning for warning in seen["warnings"])


def test_the_fingerprint_changes_with_the_file(tmp_path: Path) -> None:
    values = np.zeros((100, 4), dtype="int16")
    spec = flat(tmp_path, values)
    before = preview.preview(spec)["fingerprint"]
    assert preview.preview(spec)["fingerprint"] == before
    values[50] = 1
    values.tofile(tmp_path / "a.raw")
    after = preview.preview(spec)["fingerprint"]
    assert after["sha256"] != before["sha256"]
    assert after["files"][0]["size_bytes"] == 800


def test_further_segments_are_in_the_fingerprint(tmp_path: Path) -> None:
    np.zeros(8, dtype="int16").tofile(tmp_path / "b.raw")
    spec = flat(tmp_path, np.zeros((100, 4), dtype="int16"), more_paths=[str(tmp_path / "b.raw")])
    files = preview.preview(spec)["fingerprint"]["files"]
    assert [Path(file["path"]).name for file in files] == ["a.raw", "b.raw"]


def test_wrong_options_and_probes_are_said_at_their_fields(tmp_path: Path) -> None:
    spec = flat(tmp_path, np.zeros((100, 4), dtype="int16"))
    with pytest.raises(Invalid) as caught:
        preview.preview({**spec, "options": {**spec["options"], "dtype": "int17"}})
    assert list(caught.value.fields) == ["dtype"]
    with pytest.raises(Invalid) as caught:
        preview.preview(spec, {"source": "probe_file", "path": ""})
    assert list(caught.value.fields) == ["probe"]


def test_a_probe_in_the_spec_given_is_not_looked_at(tmp_path: Path) -> None:
    spec = flat(tmp_path, np.zeros((100, 4), dtype="int16"))
    assert preview.preview({**spec, "probe": {"nonsense": 1}})["spec"]["probe"] is None
