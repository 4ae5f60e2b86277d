"""A sorting arrives with its units, spikes and labels, checked against the recording it belongs to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spikeinterface.core import (
    NpzSortingExtractor,
    NumpySorting,
    create_sorting_analyzer,
    generate_ground_truth_recording,
)

from labbox_local.ephys import sorting_formats, sorting_import, sorting_readers, sortings
from labbox_local.errors import Invalid, Unavailable

RATE = 1000.0


def flat(folder: Path, samples: int = 100, rate: float = RATE, segments: int = 1) -> dict[str, Any]:
    paths = [folder / f"rec{number}.raw" for number in range(segments)]
    for path in paths:
        np.zeros(samples * 2, dtype="int16").tofile(path)
    options = {"sampling_frequency": rate, "num_channels": 2, "more_paths": [str(path) for path in paths[1:]]}
    return {"format": "binary", "path": str(paths[0]), "options": options}


def npz(folder: Path, times: list[int], labels: list[Any], unit_ids: list[Any]) -> Path:
    path = folder / "a.npz"
    arrays = {"spike_indexes_seg0": np.array(times), "spike_labels_seg0": np.array(labels)}
    np.savez(path, unit_ids=np.array(unit_ids), num_segment=[1], sampling_frequency=[RATE], **arrays)
    return path


def test_an_import_is_the_folder_that_sortings_load(tmp_path: Path, data: Path) -> None:
    told: list[str] = []
    summary = sorting_import.run(tmp_path, str(data / "phy-template"), progress=lambda stage, _: told.append(stage))
    json.dumps(summary, allow_nan=False)
    sorting = sortings.load(tmp_path / "sorting")
    assert (sorting.unit_count, sorting.spike_count) == (summary["unit_count"], summary["spike_count"]) == (62, 314)
    assert summary["labels"] == {"4": "good"}
    assert told[-1] == "done"


def test_npz_keeps_ids_of_text_and_silent_units(tmp_path: Path) -> None:
    seen = sorting_import.preview(str(npz(tmp_path, [9, 3, 5], ["b", "a", "b"], ["b", "c", "a"])))
    assert (seen["format"], seen["unit_count"], seen["spike_count"]) == ("npz", 3, 3)
    assert "1 of 3 units have no spikes." in seen["warnings"]
    sorting_import.run(tmp_path, str(tmp_path / "a.npz"))
    sorting = sortings.load(tmp_path / "sorting")
    assert sorting.unit_ids == ("b", "c", "a")
    assert sorting.spike_counts().tolist() == [2, 0, 1]
    assert sorting.spike_train(0, 0).tolist() == [5, 9]


def test_npz_as_spikeinterface_writes_it(tmp_path: Path) -> None:
    original = NumpySorting.from_unit_dict(
        [{1: np.array([4, 2]), 5: np.array([3])}, {1: np.array([7]), 5: np.array([])}], RATE
    )
    NpzSortingExtractor.write_sorting(original, tmp_path / "a.npz")
    seen = sorting_import.preview(str(tmp_path / "a.npz"))
    assert (seen["unit_count"], seen["spike_count"], seen["segment_count"]) == (2, 4, 2)


@pytest.mark.parametrize("arrays", [{"x": [1]}, {"unit_ids": [1], "num_segment": [1]}])
def test_other_npz_files_say_what_is_missing(tmp_path: Path, arrays: dict[str, Any]) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(Invalid, match=r"is no sorting of SpikeInterface: it has no .*sampling_frequency"):
        sorting_import.preview(str(tmp_path / "a.npz"))


def test_spikes_of_unknown_units_are_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="not among its unit_ids"):
        sorting_import.preview(str(npz(tmp_path, [1], [9], [1, 2])))


def test_spikes_outside_the_recording_are_counted_and_left_out(tmp_path: Path) -> None:
    path = npz(tmp_path, [-3, 0, 99, 100, 5000], [1, 1, 1, 2, 2], [1, 2])
    summary = sorting_import.run(tmp_path, str(path), spec=flat(tmp_path))
    assert summary["spike_count"] == 2
    assert summary["warnings"] == [
        "1 of 5 spikes lie before the first sample and were left out.",
        "2 of 5 spikes lie beyond the end of the recording and were left out.",
        "1 of 2 units have no spikes.",
    ]
    sorting = sortings.load(tmp_path / "sorting")
    assert sorting.sample_index.tolist() == [0, 99]
    assert sorting.segment_sample_counts == (100,)


def test_spikes_that_stand_twice_are_counted_and_kept(tmp_path: Path) -> None:
    seen = sorting_import.preview(str(npz(tmp_path, [5, 5, 5, 6], [1, 1, 2, 1], [1, 2])))
    assert seen["spike_count"] == 4
    assert any("1 of 4 spikes stand at the same sample" in warning for warning in seen["warnings"])


def test_another_sampling_rate_is_refused_with_both_numbers(tmp_path: Path) -> None:
    path = npz(tmp_path, [1], [1], [1])
    with pytest.raises(Invalid) as caught:
        sorting_import.preview(str(path), spec=flat(tmp_path, rate=2000.0))
    assert "1000 Hz" in caught.value.fields["recording"]
    assert "2000 Hz" in caught.value.fields["recording"]
    assert sorting_import.preview(str(path), spec=flat(tmp_path, rate=1000.001))["spike_count"] == 1


def test_another_number_of_segments_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="The recording has 2 segments, the sorting only 1"):
        sorting_import.preview(str(npz(tmp_path, [1], [1], [1])), spec=flat(tmp_path, segments=2))


def test_the_rate_of_the_recording_serves_files_without_one(tmp_path: Path, data: Path) -> None:
    spec = flat(tmp_path, samples=30_000_000 // 10, rate=20000.0)
    seen = sorting_import.preview(str(data / "nwb-units"), spec=spec)
    assert seen["sampling_rate_hz"] == 20000
    assert any("beyond the end" in warning for warning in seen["warnings"])


def test_firings_without_params_ask_for_the_rate(tmp_path: Path, data: Path) -> None:
    (tmp_path / "firings.mda").write_bytes((data / "mda-firings" / "firings_true.mda").read_bytes())
    with pytest.raises(Invalid) as caught:
        sorting_import.preview(str(tmp_path))
    assert list(caught.value.fields) == ["sampling_frequency"]
    assert sorting_import.preview(str(tmp_path), "mda", {"sampling_frequency": "24000"})["sampling_rate_hz"] == 24000


@pytest.mark.filterwarnings("ignore:The (extractor|Recording) is not serializable:UserWarning")
def test_saved_by_spikeinterface_in_every_safe_way(tmp_path: Path) -> None:
    recording, truth = generate_ground_truth_recording(durations=[2.0], num_channels=4, num_units=3, seed=0)
    plain = NumpySorting.from_sorting(truth)
    plain.save(folder=tmp_path / "folder")
    create_sorting_analyzer(plain, recording, format="binary_folder", folder=tmp_path / "analyzer", sparse=False)
    plain.save(folder=tmp_path / "group.zarr", format="zarr")
    create_sorting_analyzer(plain, recording, format="zarr", folder=tmp_path / "analyzer.zarr", sparse=False)
    for name in ("folder", "group.zarr", "analyzer", "analyzer.zarr"):
        seen = sorting_import.preview(str(tmp_path / name))
        assert (seen["format"], seen["unit_count"]) == ("spikeinterface", 3)
        assert seen["spike_count"] == truth.to_spike_vector().size


def test_a_sorters_output_folder_leads_to_its_sorting(tmp_path: Path, data: Path) -> None:
    (tmp_path / "sorter_output").symlink_to(data / "phy-template")
    assert sorting_import.preview(str(tmp_path))["unit_count"] == 62


def test_a_file_of_a_phy_folder_opens_it(data: Path) -> None:
    assert sorting_import.preview(str(data / "phy-template" / "params.py"))["unit_count"] == 62


def test_labels_are_words_and_not_shanks() -> None:
    def labels(**properties: list[Any]) -> dict[str, str]:
        return sorting_import.labels_of(sortings.build([1, 2], [], 1.0, properties=properties))

    assert labels(KSLabel=["good", "mua"], group=["unsorted", "noise"]) == {"2": "noise"}
    assert labels(KSLabel=["good", "mua"], group=["shank1", "shank2"]) == {"1": "good", "2": "mua"}
    assert labels(group=[0, 1]) == {}
    assert labels(quality=["good", None]) == {"1": "good"}


@pytest.mark.parametrize(
    ("path", "format", "kind", "field"),
    [
        ("", "", Invalid, "path"),
        ("/nowhere", "", Invalid, "path"),
        (".", "", Invalid, "path"),
        (".", "nonsense", Invalid, "format"),
        (".", "npz", Invalid, "path"),
        (".", "mda", Invalid, "path"),
    ],
)
def test_what_is_no_sorting_says_so(tmp_path: Path, path: str, format: str, kind: type[Invalid], field: str) -> None:
    given = str(tmp_path) if path == "." else path
    with pytest.raises(kind) as caught:
        sorting_import.preview(given, format)
    assert list(caught.value.fields) == [field]


@pytest.mark.parametrize("format", ["tridesclous", "shybrid", "ibl"])
def test_formats_that_would_run_or_fetch_say_so(tmp_path: Path, format: str) -> None:
    with pytest.raises(Unavailable):
        sorting_import.preview(str(tmp_path), format)


def test_unknown_options_are_said(data: Path) -> None:
    with pytest.raises(Invalid) as caught:
        sorting_import.preview(str(data / "phy-template"), "phy", {"keep_good_only": True})
    assert list(caught.value.fields) == ["keep_good_only"]


def test_every_sorting_format_of_spikeinterface_is_offered() -> None:
    known = set(sorting_readers.extractors.sorting_extractor_full_dict) - {"numpy"}
    assert known <= set(sorting_formats.BY_NAME) | set(sorting_formats.ALIASES)
    listed = json.loads(json.dumps(sorting_import.formats()))
    assert {format["format"] for format in listed} == set(sorting_formats.BY_NAME)


@pytest.mark.parametrize("format", sorting_formats.FORMATS, ids=lambda format: format.name)
def test_the_reader_takes_its_path_and_its_options(format: sorting_formats.SortingFormat) -> None:
    if format.refusal or format.name in sorting_readers.OWN:
        return
    inspect = sorting_readers.docfields.inspect
    taken = inspect.signature(sorting_readers.extractor(format.name)).parameters
    assert format.argument in taken
    assert {field.name for field in sorting_readers.fields(format.name)} <= set(taken)


def test_blackrock_counts_in_its_own_clock(data: Path) -> None:
    assert sorting_readers.blackrock_clock_hz(data / "blackrock-ns2-nev" / "l101210-001.nev") == 30000
    assert sorting_readers.blackrock_clock_hz(data / "neuralynx-tetrode" / "Events.nev") is None
