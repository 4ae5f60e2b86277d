"""phy and Kilosort folders are read whole, with their labels, and nothing in them is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labbox_local.ephys import phy
from labbox_local.errors import Invalid

PARAMS = (
    "dat_path = 'rec.dat'\nn_channels_dat = 4\ndtype = 'int16'\noffset = 0\nsample_rate = 20000.\nhp_filtered = False"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "params.py").write_text(PARAMS)
    np.save(tmp_path / "spike_times.npy", np.array([[5], [9], [7], [20]], dtype="uint64"))
    np.save(tmp_path / "spike_templates.npy", np.array([0, 0, 1, 1], dtype="uint32"))
    np.save(tmp_path / "spike_clusters.npy", np.array([3, 3, 1, 7], dtype="int32"))
    return tmp_path


def save(folder: Path, **arrays: Any) -> None:
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


def test_ids_are_those_of_the_spikes_and_times_are_in_order(folder: Path) -> None:
    sorting, _ = phy.read(folder)
    assert sorting.unit_ids == (1, 3, 7)
    assert sorting.sample_index.tolist() == [5, 7, 9, 20]
    assert sorting.unit_index.tolist() == [1, 0, 1, 2]
    assert sorting.sampling_rate_hz == 20000


def test_without_clusters_the_templates_are_the_units(folder: Path) -> None:
    (folder / "spike_clusters.npy").unlink()
    assert phy.read(folder)[0].unit_ids == (0, 1)


def test_values_of_spikes_stay_with_their_spikes(folder: Path) -> None:
    save(
        folder, amplitudes=np.array([[1.0], [2.0], [3.0], [4.0]]), spike_positions=np.c_[np.zeros(4), [10, 20, 30, 40]]
    )
    sorting, _ = phy.read(folder)
    assert sorting.amplitude is not None
    assert sorting.amplitude.tolist() == [1, 3, 2, 4]
    assert sorting.depth_um is not None
    assert sorting.depth_um.tolist() == [10, 30, 20, 40]


def test_tables_become_properties_with_numbers_and_words(folder: Path) -> None:
    (folder / "cluster_group.tsv").write_text("cluster_id\tgroup\n3\tgood\n99\tnoise\n")
    (folder / "cluster_ContamPct.tsv").write_text("cluster_id\tContamPct\n1\t0.5\n3\t12\n7\tnan\n")
    (folder / "cluster_note.csv").write_text("cluster_id,note\n7,12 ms\n1,3\n")
    (folder / "cluster_bad.tsv").write_text("unit\tx\n1\t2\n")
    sorting, warnings = phy.read(folder)
    assert sorting.properties["group"] == ["unsorted", "good", "unsorted"]
    assert sorting.properties["note"] == ["3", None, "12 ms"]
    assert sorting.properties["ContamPct"][:2] == ["0.5", "12"] or sorting.properties["ContamPct"][:2] == [0.5, 12]
    assert any("cluster_bad.tsv" in warning for warning in warnings)


def test_sparse_templates_become_dense_and_follow_their_units(folder: Path) -> None:
    templates = np.arange(2 * 3 * 2, dtype="float32").reshape(2, 3, 2)
    save(folder, templates=templates, template_ind=np.array([[0, 3], [2, -1]]), channel_map=np.arange(4))
    sorting, _ = phy.read(folder)
    assert sorting.templates is not None
    assert sorting.templates.shape == (3, 3, 4)
    assert np.array_equal(sorting.templates[1][:, [0, 3]], templates[0])
    assert np.array_equal(sorting.templates[0][:, 2], templates[1][:, 0])
    assert not sorting.templates[0][:, [0, 1, 3]].any()
    assert np.array_equal(sorting.templates[2], sorting.templates[0])


def test_whitened_templates_are_unwhitened(folder: Path) -> None:
    templates = np.ones((2, 3, 4), dtype="float32")
    save(folder, templates=templates, whitening_mat_inv=np.diag([1.0, 2.0, 3.0, 4.0]))
    sorting, _ = phy.read(folder)
    assert sorting.templates is not None
    assert sorting.templates[0, 0].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"amplitudes": np.zeros(3)}, "amplitudes.npy has 3 values"),
        ({"spike_positions": np.zeros((3, 2))}, "spike_positions.npy has the shape"),
        ({"templates": np.zeros((2, 3))}, "templates.npy has the shape"),
        ({"templates": np.zeros((1, 3, 4))}, "templates.npy has the shape"),
        ({"templates": np.zeros((2, 3, 4)), "template_ind": np.full((2, 4), 9)}, "make no sense"),
    ],
)
def test_arrays_that_do_not_fit_are_left_out_and_said(folder: Path, arrays: dict[str, Any], words: str) -> None:
    save(folder, **arrays)
    sorting, warnings = phy.read(folder)
    assert sorting.spike_count == 4
    assert any(words in warning for warning in warnings)


def test_hostile_params_are_not_run(folder: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    (folder / "params.py").write_text(f"{PARAMS}\nopen({str(marker)!r}, 'w')")
    with pytest.raises(Invalid, match="not executed"):
        phy.read(folder)
    assert not marker.exists()


def test_without_params_the_rate_is_asked_for(folder: Path) -> None:
    (folder / "params.py").unlink()
    with pytest.raises(Invalid) as caught:
        phy.read(folder)
    assert list(caught.value.fields) == ["sampling_frequency"]
    assert phy.read(folder, 1000.0)[0].sampling_rate_hz == 1000


@pytest.mark.parametrize("rate", ["0", "-1", "'fast'", "True"])
def test_a_rate_that_is_none_is_asked_for(folder: Path, rate: str) -> None:
    (folder / "params.py").write_text(f"sample_rate = {rate}")
    with pytest.raises(Invalid, match="no sample_rate above 0"):
        phy.read(folder)


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("spike_clusters", np.zeros(3, int), "they must agree"),
        ("spike_times", np.array([0.5, 1, 2, 3]), "fractions"),
        ("spike_times", np.zeros((2, 2)), "one number per spike"),
        ("spike_times", np.array(["a"] * 4), "no numbers"),
    ],
)
def test_damaged_spikes_answer_with_a_sentence(folder: Path, name: str, array: np.ndarray, words: str) -> None:
    save(folder, **{name: array})
    with pytest.raises(Invalid, match=words):
        phy.read(folder)


def test_pickled_arrays_are_refused(folder: Path) -> None:
    np.save(folder / "spike_times.npy", np.array([{}] * 4, dtype=object), allow_pickle=True)
    with pytest.raises(Invalid, match="cannot be read"):
        phy.read(folder)


def test_whole_times_stored_as_floats_are_taken(folder: Path) -> None:
    save(folder, spike_times=np.array([5.0, 9.0, 7.0, 20.0]))
    assert phy.read(folder)[0].sample_index.dtype == np.int64


def test_a_folder_without_spikes_is_a_sorting_without_spikes(folder: Path) -> None:
    save(folder, spike_times=np.zeros(0, int), spike_clusters=np.zeros(0, int), spike_templates=np.zeros(0, int))
    assert phy.read(folder)[0].unit_count == 0


def test_phy_template_has_all_its_clusters(data: Path) -> None:
    sorting, _ = phy.read(data / "phy-template")
    assert (sorting.unit_count, sorting.spike_count) == (62, 314)
    assert sorting.unit_ids == tuple(np.unique(np.load(data / "phy-template" / "spike_clusters.npy")).tolist())
    assert sorting.properties["group"][sorting.unit_ids.index(4)] == "good"
    assert sorting.templates is not None
    assert sorting.templates.shape == (62, 82, 32)
    peaks = np.ptp(sorting.templates, axis=1).max(axis=1)
    assert (peaks > 0).all()


def test_kilosort4_has_labels_contamination_amplitudes_and_depths(data: Path) -> None:
    folder = data / "kilosort4-neuropixels"
    sorting, warnings = phy.read(folder)
    assert (sorting.unit_count, sorting.spike_count) == (403, 290360)
    assert set(sorting.properties["KSLabel"]) == {"good", "mua"}
    assert all(isinstance(value, int | float) for value in sorting.properties["ContamPct"])
    assert sorting.depth_um is not None
    assert sorting.amplitude is not None
    order = np.lexsort((np.load(folder / "spike_clusters.npy"), np.load(folder / "spike_times.npy")))
    assert np.array_equal(sorting.depth_um, np.load(folder / "spike_positions.npy")[order, 1])
    assert np.array_equal(sorting.amplitude, np.load(folder / "amplitudes.npy")[order])
    assert any("no templates.npy" in warning for warning in warnings)
