"""A spec opens the same recording again, with the probe that it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from probeinterface import ProbeGroup, generate_linear_probe

from labbox_local.ephys import recordings
from labbox_local.errors import Invalid


def spec_of(folder: Path, channels: int = 4, samples: int = 100, **more: Any) -> dict[str, Any]:
    path = folder / "a.raw"
    np.zeros(channels * samples, dtype="int16").tofile(path)
    options = {"sampling_frequency": 1000, "num_channels": channels}
    return {"format": "binary", "path": str(path), "options": options, **more}


def linear(contacts: int, wiring: list[int] | None = None) -> dict[str, Any]:
    probe = generate_linear_probe(contacts)
    probe.set_device_channel_indices(range(contacts) if wiring is None else wiring)
    group = ProbeGroup()
    group.add_probe(probe)
    return group.to_dict(array_as_list=True)


def test_the_probe_of_the_spec_is_set(tmp_path: Path) -> None:
    recording = recordings.open_recording(spec_of(tmp_path, probe=linear(4, [3, 2, 1, 0])))
    assert recording.get_channel_locations()[:, 1].tolist() == [60, 40, 20, 0]


def test_no_probe_in_the_spec_is_none_though_the_file_has_one(data: Path) -> None:
    spec = {"format": "biocam", "path": str(data / "biocam-brw16"), "options": {}}
    assert recordings.open_recording(spec).has_probe()
    assert not recordings.open_recording({**spec, "probe": None}).has_probe()


@pytest.mark.parametrize(
    ("probe", "sentence"),
    [
        (linear(5), "The probe has 5 wired contacts, the recording 4 channels."),
        (linear(4, [0, 1, 2, -1]), "The probe has 3 wired contacts, the recording 4 channels."),
        (linear(4, [1, 2, 3, 8]), "wired to the channels 1 to 3, 8, the recording has the channels 0 to 3"),
    ],
)
def test_a_probe_that_does_not_fit_names_both_numbers(tmp_path: Path, probe: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        recordings.open_recording(spec_of(tmp_path, probe=probe))
    assert sentence in caught.value.fields["probe"]


def test_facts_are_plain_and_right(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, samples=50, probe=linear(4))
    spec["options"]["gain_to_uv"] = 0.5
    facts = recordings.facts(recordings.open_recording(spec), spec)
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert facts["sample_counts"] == [50]
    assert facts["duration_s"] == pytest.approx(0.05)
    assert (facts["dtype"], facts["unit"], facts["has_gains"]) == ("int16", "µV", True)
    assert (facts["has_probe"], facts["shanks"], facts["groups"]) == (True, 1, [0, 0, 0, 0])
    assert facts["size_bytes"] == 400


def test_without_gains_the_unit_is_arbitrary(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    facts = recordings.facts(recordings.open_recording(spec), spec)
    assert (facts["unit"], facts["has_gains"], facts["has_probe"], facts["probe_name"]) == ("a.u.", False, False, "")


def test_shanks_of_a_probe_become_groups(data: Path) -> None:
    spec = {"format": "spikeglx", "path": str(data / "spikeglx-np1-nidq"), "options": {"stream_id": "imec0.ap"}}
    facts = recordings.facts(recordings.open_recording(spec), spec)
    assert facts["shanks"] == 1
    assert "imec" in facts["probe_name"]


@pytest.mark.parametrize("format", ["binary", "spikeinterface"])
def test_a_path_that_is_gone(format: str) -> None:
    with pytest.raises(Invalid) as caught:
        recordings.open_recording({"format": format, "path": "/nowhere/at/all", "options": {}})
    assert list(caught.value.fields) == ["path"]
