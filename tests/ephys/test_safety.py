"""Nothing in somebody's folder is executed or unpickled: each hostile file would create a marker."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest
import zarr
from spikeinterface.core import generate_recording, generate_sorting

from labbox_local.ephys import readers, safety, sorting_import
from labbox_local.errors import Invalid


class Touch:
    """Unpickled, it creates a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "ran"


@pytest.fixture
def recording_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "recording"
    generate_recording(num_channels=2, durations=[0.1], seed=0).save(folder=folder, verbose=False)
    return folder


def described(function: str, **kwargs: object) -> dict[str, object]:
    return {"class": function, "module": "x", "version": "1", "kwargs": kwargs, "annotations": {}, "properties": {}}


def refuse(path: Path, marker: Path) -> str:
    with pytest.raises(Invalid) as caught:
        readers.open_path("spikeinterface", path, {})
    assert not marker.exists()
    return caught.value.fields["path"]


def test_a_folder_of_spikeinterface_is_loaded(recording_folder: Path) -> None:
    recording, _ = readers.open_path("spikeinterface", recording_folder, {})
    assert recording.get_num_channels() == 2


def test_a_description_may_not_name_a_function_outside(tmp_path: Path, marker: Path) -> None:
    file = tmp_path / "evil.json"
    file.write_text(json.dumps(described("subprocess.Popen", args=["touch", str(marker)])))
    assert "subprocess.Popen" in refuse(file, marker)


@pytest.mark.parametrize(
    "name",
    [
        "spikeinterface.core.core_tools.read_python",
        "spikeinterface.core.base.pickle.loads",
        "spikeinterface.extractors.phykilosortextractors.PhySortingExtractor",
        "spikeinterface.extractors.extractor_classes.KlustaSortingExtractor",
        "spikeinterface.nothing.of.the.kind",
        "spikeinterfacex.core.Evil",
        "",
    ],
)
def test_only_harmless_extractor_classes_may_be_named(name: str) -> None:
    with pytest.raises(Invalid, match="not loaded from files of unknown origin"):
        safety.check_class(name)


def test_recordings_and_preprocessors_of_spikeinterface_may_be_named() -> None:
    assert safety.check_class("spikeinterface.core.binaryfolder.BinaryFolderRecording")
    assert safety.check_class("spikeinterface.preprocessing.filter.BandpassFilterRecording")


def test_a_nested_description_is_looked_at_too(tmp_path: Path, marker: Path) -> None:
    inner = described("subprocess.Popen", args=["touch", str(marker)])
    outer = described("spikeinterface.preprocessing.filter.BandpassFilterRecording", recording=inner)
    file = tmp_path / "evil.json"
    file.write_text(json.dumps(outer))
    refuse(file, marker)


def test_a_folders_description_is_looked_at(recording_folder: Path, marker: Path) -> None:
    evil = described("subprocess.Popen", args=["touch", str(marker)])
    (recording_folder / "si_folder.json").write_text(json.dumps(evil))
    refuse(recording_folder, marker)


def test_pickled_properties_are_refused(recording_folder: Path, marker: Path) -> None:
    evil = np.empty(2, dtype=object)
    evil[:] = [Touch(marker), Touch(marker)]
    np.save(recording_folder / "properties" / "evil.npy", evil, allow_pickle=True)
    assert "pickled" in refuse(recording_folder, marker)


def test_pickled_properties_behind_a_description_are_refused(
    recording_folder: Path, tmp_path: Path, marker: Path
) -> None:
    evil = np.empty(2, dtype=object)
    evil[:] = [Touch(marker), Touch(marker)]
    np.save(recording_folder / "properties" / "evil.npy", evil, allow_pickle=True)
    file = tmp_path / "outside.json"
    name = "spikeinterface.core.binaryfolder.BinaryFolderRecording"
    file.write_text(json.dumps(described(name, folder_path=str(recording_folder))))
    assert "pickled" in refuse(file, marker)


@pytest.mark.parametrize("name", ["cached.pkl", "cached.pickle", "provenance.pkl"])
def test_a_folder_of_pickles_is_refused(tmp_path: Path, marker: Path, name: str) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / name).write_bytes(pickle.dumps(Touch(marker)))
    assert "unpickling" in refuse(folder, marker)


def test_a_pickle_file_is_refused(tmp_path: Path, marker: Path) -> None:
    file = tmp_path / "recording.pkl"
    file.write_bytes(pickle.dumps(Touch(marker)))
    refuse(file, marker)


def test_a_pickle_named_in_a_description_is_refused(tmp_path: Path, marker: Path) -> None:
    (tmp_path / "other.pkl").write_bytes(pickle.dumps(Touch(marker)))
    with pytest.raises(Invalid, match="is a pickle"):
        safety.check_description({"a": ["other.pkl"]}, tmp_path)
    assert not marker.exists()


def test_a_pickle_beside_a_good_folder_is_left_alone(recording_folder: Path, marker: Path) -> None:
    (recording_folder / "provenance.pkl").write_bytes(pickle.dumps(Touch(marker)))
    readers.open_path("spikeinterface", recording_folder, {})
    assert not marker.exists()


def test_zarr_with_pickled_properties_is_refused(tmp_path: Path, marker: Path) -> None:
    folder = tmp_path / "recording.zarr"
    generate_recording(num_channels=2, durations=[0.1], seed=0).save(folder=folder, format="zarr", verbose=False)
    readers.open_path("spikeinterface", folder, {})
    root = zarr.open(str(folder), mode="a")
    evil = np.empty(2, dtype=object)
    evil[:] = [Touch(marker), Touch(marker)]
    root["properties"].create_dataset("evil", data=evil, object_codec=numcodecs.Pickle())
    zarr.consolidate_metadata(str(folder))
    assert "pickled" in refuse(folder, marker)


def test_an_npz_with_pickles_is_refused(tmp_path: Path, marker: Path) -> None:
    evil = np.empty(1, dtype=object)
    evil[:] = [Touch(marker)]
    np.savez(tmp_path / "a.npz", unit_ids=evil, num_segment=[1], sampling_frequency=[1.0])
    with pytest.raises(Invalid, match="allow_pickle"):
        sorting_import.preview(str(tmp_path / "a.npz"))
    assert not marker.exists()


def test_a_sorting_folder_with_pickled_properties_is_refused(tmp_path: Path, marker: Path) -> None:
    folder = tmp_path / "sorting"
    with pytest.warns(UserWarning, match="provenance"):
        generate_sorting(num_units=2, durations=[1.0], seed=0).save(folder=folder)
    evil = np.empty(2, dtype=object)
    evil[:] = [Touch(marker), Touch(marker)]
    np.save(folder / "properties" / "evil.npy", evil, allow_pickle=True)
    with pytest.raises(Invalid, match="pickled"):
        sorting_import.preview(str(folder))
    assert not marker.exists()


def test_a_klusta_script_that_does_more_than_assign_is_refused(tmp_path: Path, marker: Path) -> None:
    (tmp_path / "a.kwik").write_bytes(b"")
    (tmp_path / "a.prm").write_text(f"open({str(marker)!r}, 'w')\ntraces = dict(sample_rate=20000)")
    with pytest.raises(Invalid, match="would execute"):
        sorting_import.preview(str(tmp_path), "klusta")
    assert not marker.exists()


def test_plain_arrays_are_told_from_pickled_ones(tmp_path: Path) -> None:
    np.save(tmp_path / "plain.npy", np.arange(3))
    np.save(tmp_path / "evil.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "text.npy").write_text("none")
    assert not safety.needs_pickle(tmp_path / "plain.npy")
    assert safety.needs_pickle(tmp_path / "evil.npy")
    assert safety.needs_pickle(tmp_path / "text.npy")


def test_a_folder_that_names_itself_is_looked_at_once(recording_folder: Path) -> None:
    description = json.loads((recording_folder / "si_folder.json").read_text())
    assert description["kwargs"]["folder_path"] in (".", str(recording_folder))
    safety.check_folder(recording_folder)


def test_broken_json_answers_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(Invalid, match="not a readable JSON"):
        safety.read_json(tmp_path / "a.json")
