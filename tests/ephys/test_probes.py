"""Probes of every kind of file, generated ones, and what happens when they do not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
from probeinterface import ProbeGroup
from spikeinterface.core import BaseRecording, NumpyRecording

from labbox_local.ephys import probes, recordings
from labbox_local.errors import Invalid

FILES = {
    "1x32_buzsaki.prb": (32, 1),
    "tetrode_striatum.prb": (4, 1),
    "mea_64.prb": (59, 1),
    "kampff_128.prb": (127, 1),
    "NP2_4_shanks.imec0.ap.meta": (384, 4),
    "phase3a.imec.ap.meta": (384, 1),
    "OE_Neuropix-PXI_settings.xml": (384, 1),
    "ASSY-1-E-1.json": (16, 1),
    "Linear16x1_kilosortChanMap.mat": (16, 1),
}


def silent(channels: int) -> BaseRecording:
    return NumpyRecording(np.zeros((10, channels), dtype="int16"), 1000.0)


def put(choice: dict[str, Any], channels: int) -> BaseRecording:
    recording = silent(channels)
    recordings.set_probe(recording, probes.choose(choice, recording))
    return recording


@pytest.mark.parametrize("name", FILES)
def test_every_probe_file_of_the_data_is_read(data: Path, name: str) -> None:
    group = probes.read(str(data / "probes" / name))
    assert (group.get_contact_count(), recordings.shank_count(group)) == FILES[name]
    json.dumps(probes.as_plain(group), allow_nan=False)


@pytest.mark.parametrize("name", ["1x32_buzsaki.prb", "tetrode_striatum.prb", "mea_64.prb", "kampff_128.prb"])
def test_prb_files_are_read_as_by_running_them(data: Path, name: str) -> None:
    # These four files are known; running them is what the reader must do without.
    values: dict[str, Any] = {}
    exec((data / "probes" / name).read_text(), {}, values)
    expected = [
        (channel, *group["geometry"][channel])
        for group in values["channel_groups"].values()
        for channel in group["channels"]
    ]
    group = probes.read(str(data / "probes" / name))
    indices = group.get_global_device_channel_indices()["device_channel_indices"]
    positions = np.concatenate([probe.contact_positions for probe in group.probes])
    assert [(int(c), x, y) for c, (x, y) in zip(indices, positions.tolist(), strict=True)] == expected


@pytest.mark.parametrize(
    ("name", "channels"),
    [(name, count) for name, (count, _) in FILES.items() if name not in ("mea_64.prb", "kampff_128.prb")],
)
def test_probe_files_fit_a_recording_of_their_size(data: Path, name: str, channels: int) -> None:
    recording = put({"source": "probe_file", "path": str(data / "probes" / name)}, channels)
    drawn = probes.drawing(recording)
    assert drawn is not None
    assert sorted(contact["channel_index"] for contact in drawn["contacts"]) == list(range(channels))
    json.dumps(drawn, allow_nan=False)


def test_a_hostile_prb_is_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    file = tmp_path / "evil.prb"
    file.write_text(
        f"open({str(marker)!r}, 'w')\nchannel_groups = {{0: {{'channels': [0], 'geometry': {{0: (0, 0)}}}}}}"
    )
    with pytest.raises(Invalid) as caught:
        probes.read(str(file))
    assert "line 1" in caught.value.fields["probe"]
    assert not marker.exists()


def test_a_kilosort_map_wires_all_its_channels_and_keeps_which_are_connected(tmp_path: Path) -> None:
    content = {
        "xcoords": [0.0, 0.0, 10.0],
        "ycoords": [0.0, 20.0, 40.0],
        "chanMap": [2, 1, 3],
        "connected": [1, 1, 0],
        "kcoords": [1, 1, 2],
    }
    scipy.io.savemat(tmp_path / "map.mat", content)
    recording = put({"source": "probe_file", "path": str(tmp_path / "map.mat")}, 3)
    assert recording.get_channel_locations().tolist() == [[0, 20], [0, 0], [10, 40]]
    (probe,) = probes.read(str(tmp_path / "map.mat")).probes
    assert probe.contact_annotations["connected"].tolist() == [True, True, False]
    assert probe.get_shank_count() == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.prb", "x = 1", "no channel_groups"),
        ("a.prb", "channel_groups = {0: {'channels': [0]}}", "no geometry"),
        ("a.prb", "channel_groups = {0: {'channels': [0, 1], 'geometry': {0: (0, 0)}}}", "no position for channel 1"),
        ("a.json", "{", "cannot be read as a probe"),
        ("a.json", "{}", "cannot be read as a probe"),
        ("a.meta", "hello", "cannot be read as a probe"),
        ("a.xml", "<a/>", "probe"),
        ("a.mat", "hello", "cannot be read as a probe"),
        ("a.csv", "hello", "no table of numbers"),
        ("a.txt", "hello", "is no probe file; known are .prb"),
        ("a.prb", "", "empty"),
    ],
)
def test_files_that_hold_no_probe_say_so(tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(Invalid) as caught:
        probes.read(str(tmp_path / name))
    assert list(caught.value.fields) == ["probe"]
    assert words in caught.value.fields["probe"]


def test_a_missing_probe_file_is_said_at_the_probe() -> None:
    with pytest.raises(Invalid) as caught:
        probes.choose({"source": "probe_file", "path": "/nowhere.prb"}, silent(4))
    assert list(caught.value.fields) == ["probe"]


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (
            {"source": "probe_file", "path": "1x32_buzsaki.prb"},
            "The probe has 32 wired contacts, the recording 4 channels.",
        ),
        ({"source": "probe_file", "path": "ASSY-1-E-1.json"}, "The probe has 16 contacts, the recording 4 channels."),
        ({"source": "elsewhere"}, "comes from one of"),
        ({"source": "generated", "layout": "ring"}, "“ring” is none of them"),
    ],
)
def test_a_probe_that_does_not_fit_names_both_numbers(data: Path, choice: dict[str, Any], sentence: str) -> None:
    if "path" in choice:
        choice = {**choice, "path": str(data / "probes" / choice["path"])}
    with pytest.raises(Invalid) as caught:
        put(choice, 4)
    assert sentence in caught.value.fields["probe"]


def test_wiring_beyond_the_recording_is_said(data: Path) -> None:
    with pytest.raises(Invalid, match="wired to the channels 4 to 47, 49 to 63"):
        put({"source": "probe_file", "path": str(data / "probes" / "mea_64.prb")}, 59)


def test_a_linear_probe() -> None:
    recording = put({"source": "generated", "layout": "linear", "params": {"pitch_um": 25}}, 3)
    assert recording.get_channel_locations().tolist() == [[0, 0], [0, 25], [0, 50]]


def test_a_grid() -> None:
    params = {"columns": 2, "x_pitch_um": 16, "y_pitch_um": 20}
    recording = put({"source": "generated", "layout": "grid", "params": params}, 4)
    assert recording.get_channel_locations().tolist() == [[0, 0], [16, 0], [0, 20], [16, 20]]


def test_tetrodes_are_groups_of_four() -> None:
    recording = put({"source": "generated", "layout": "tetrode", "params": {}}, 8)
    assert [int(group) for group in recording.get_property("group")] == [0, 0, 0, 0, 1, 1, 1, 1]
    drawn = probes.drawing(recording)
    assert drawn is not None
    assert len(drawn["contour_um"]) == 2
    assert drawn["shape"] == "circle"
    assert drawn["radius_um"] == 5


@pytest.mark.parametrize(
    ("layout", "params", "field"),
    [
        ("tetrode", {}, "probe"),
        ("grid", {"columns": 4}, "probe"),
        ("linear", {"pitch_um": 0}, "pitch_um"),
        ("linear", {"pitch_um": "wide"}, "pitch_um"),
        ("grid", {"columns": 0}, "columns"),
    ],
)
def test_layouts_that_cannot_be_made(layout: str, params: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        probes.generate(layout, params, 6)
    assert list(caught.value.fields) == [field]


def test_one_contact_is_a_probe() -> None:
    for layout in ("linear", "grid"):
        assert probes.generate(layout, {"columns": 1} if layout == "grid" else {}, 1).get_contact_count() == 1


def test_the_plain_probe_is_the_same_probe(data: Path) -> None:
    group = probes.read(str(data / "probes" / "NP2_4_shanks.imec0.ap.meta"))
    again = ProbeGroup.from_dict(json.loads(json.dumps(probes.as_plain(group))))
    assert np.array_equal(again.to_numpy(complete=True), group.to_numpy(complete=True))


def test_shanks_are_kept_for_drawing_and_groups(data: Path) -> None:
    path = str(data / "probes" / "NP2_4_shanks.imec0.ap.meta")
    recording = put({"source": "probe_file", "path": path}, 384)
    drawn = probes.drawing(recording)
    assert drawn is not None
    assert len({contact["shank"] for contact in drawn["contacts"]}) == 4
    assert len(set(recording.get_property("group"))) == 4


def test_no_probe_no_drawing() -> None:
    assert probes.drawing(silent(2)) is None
    assert probes.choose({"source": "none"}, silent(2)) is None
    assert probes.choose({}, silent(2)) is None


def test_a_probe_of_a_spec_is_taken_as_it_is() -> None:
    probe = probes.as_plain(probes.generate("linear", {}, 2))
    assert probes.choose({"source": "spec", "probe": probe}, silent(2)) == probe
