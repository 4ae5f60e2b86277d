"""What is not in the test data: odd, broken and foreign paths."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import h5py
import numpy as np
import pytest
from spikeinterface.core import generate_recording

from labbox_local.ephys import detection
from labbox_local.errors import Invalid, LabError


def refused(path: Path) -> str:
    with pytest.raises(LabError) as caught:
        detection.detect(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def samples(path: Path, count: int = 400) -> Path:
    np.arange(count, dtype="int16").tofile(path)
    return path


def test_a_flat_file_says_what_has_to_be_said(tmp_path: Path) -> None:
    (candidate,) = detection.detect(samples(tmp_path / "a.dat"))["candidates"]
    assert candidate["format"] == "binary"
    assert candidate["needs"] == ["sampling_frequency", "num_channels"]
    assert "say its sampling rate, number of channels and sample type" in candidate["reason"]


@pytest.mark.parametrize("name", ["a.raw", "a.bin", "a.unheard", "a"])
def test_flat_files_of_any_name(tmp_path: Path, name: str) -> None:
    assert detection.detect(samples(tmp_path / name))["candidates"][0]["format"] == "binary"


def test_a_description_beside_a_flat_file_fills_the_form(tmp_path: Path) -> None:
    samples(tmp_path / "a.raw")
    (tmp_path / "a.json").write_text(json.dumps({"fs": 1000, "n_channels": 4, "dtype": "int16"}))
    (candidate,) = detection.detect(tmp_path / "a.raw")["candidates"]
    assert candidate["needs"] == []
    assert candidate["options"] == {"sampling_frequency": 1000, "num_channels": 4, "dtype": "int16"}
    assert "a.json" in candidate["reason"]


def test_params_of_phy_describe_the_recording_beside_them(tmp_path: Path) -> None:
    samples(tmp_path / "rec.dat")
    marker = tmp_path / "ran"
    good = "dat_path = r'C:\\data\\rec.dat'\nn_channels_dat = 4\ndtype = 'int16'\noffset = 0\nsample_rate = 2000.\n"
    (tmp_path / "params.py").write_text(good)
    (candidate,) = detection.detect(tmp_path / "rec.dat")["candidates"]
    assert candidate["options"]["sampling_frequency"] == 2000
    (tmp_path / "params.py").write_text(good + f"open({str(marker)!r}, 'w')\n")
    (candidate,) = detection.detect(tmp_path / "rec.dat")["candidates"]
    assert candidate["needs"]
    assert not marker.exists()


def test_a_wrong_description_answers_at_its_field(tmp_path: Path) -> None:
    samples(tmp_path / "a.raw")
    (tmp_path / "info.json").write_text(json.dumps({"sample_rate": 1000, "shape": [-1, 7], "dtype": "int16"}))
    with pytest.raises(Invalid) as caught:
        detection.detect(tmp_path / "a.raw")
    assert list(caught.value.fields) == ["num_channels"]


def test_files_of_one_folder_are_offered_as_segments_and_alone(tmp_path: Path) -> None:
    for name in ("a.raw", "b.raw"):
        samples(tmp_path / name)
    together, *alone = detection.detect(tmp_path)["candidates"]
    assert together["options"] == {"file": "a.raw", "more_paths": [str(tmp_path / "b.raw")]}
    assert [candidate["options"] for candidate in alone] == [{"file": "a.raw"}, {"file": "b.raw"}]


def test_missing_and_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.rhd").touch()
    (tmp_path / "folder").mkdir()
    assert "nothing at" in refused(tmp_path / "gone")
    assert "0 bytes" in refused(tmp_path / "empty.rhd")
    assert "empty folder" in refused(tmp_path / "folder")


@pytest.mark.parametrize("name", ["a.nwb", "a.h5", "a.brw"])
def test_text_renamed_to_hdf5_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Dear diary, today I recorded nothing.")
    assert "named like an HDF5 file but is none" in refused(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "words"), [("a.txt", "text file"), ("notes", "text file"), ("a.json", "no recording|text")]
)
def test_text_is_no_recording(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_text("{}")
    assert re.search(words, refused(tmp_path / name))


@pytest.mark.parametrize("name", ["a.rhd", "a.plx", "a.ns5", "a.edf", "a.abf"])
def test_text_renamed_to_a_format_with_a_signature_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Dear diary")
    assert "text file" in refused(tmp_path / name)


def test_a_foreign_hdf5_file_is_told(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = 1
    assert "no layout that is known" in refused(tmp_path / "a.h5")


def test_an_nwb_file_without_series_is_told(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.nwb", "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
    assert "no layout that is known" in refused(tmp_path / "a.nwb")


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"class": "x"}))
    assert "pickle" in refused(tmp_path / "a.pkl")


def test_a_probe_file_is_told(data: Path) -> None:
    for name in ("1x32_buzsaki.prb", "ASSY-1-E-1.json", "Linear16x1_kilosortChanMap.mat", "phase3a.imec.ap.meta"):
        assert "choose it as its probe" in refused(data / "probes" / name)


def test_a_format_known_by_its_start_but_broken_after_it_is_told(data: Path, tmp_path: Path) -> None:
    whole = (data / "plexon-plx-lfp-units" / "File_plexon_3.plx").read_bytes()
    (tmp_path / "a.plx").write_bytes(whole[:3000])
    found = detection.detect(tmp_path / "a.plx")
    assert found["candidates"] == []
    assert "Plexon" in found["note"]


def test_saved_by_spikeinterface_as_folder_zarr_and_json(tmp_path: Path) -> None:
    recording = generate_recording(num_channels=2, durations=[0.1], seed=0)
    recording.save(folder=tmp_path / "folder", verbose=False)
    recording.save(folder=tmp_path / "group.zarr", format="zarr", verbose=False)
    recording.dump_to_json(tmp_path / "made.json")
    for name in ("folder", "group.zarr", "made.json"):
        (candidate,) = detection.detect(tmp_path / name)["candidates"]
        assert candidate["format"] == "spikeinterface"


def test_a_folder_of_recordings_names_them(tmp_path: Path) -> None:
    for name in ("monday", "tuesday"):
        (tmp_path / name).mkdir()
        samples(tmp_path / name / "a.raw")
    assert "monday, tuesday" in refused(tmp_path)


def test_hidden_files_are_no_data(tmp_path: Path) -> None:
    samples(tmp_path / ".a.raw")
    assert "Nothing in" in refused(tmp_path)


def test_names_with_quotes_and_brackets(tmp_path: Path) -> None:
    path = samples(tmp_path / '<b>"it\'s" & more</b>.raw'.replace("/", "∕"))
    assert detection.detect(path)["candidates"]
