"""A sorting keeps its spikes, units and labels through the disk and through SpikeInterface."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spikeinterface.core import generate_sorting

from labbox_local.ephys import sortings
from labbox_local.ephys.sortings import SortingData
from labbox_local.errors import Unavailable


def small() -> SortingData:
    return sortings.build(
        [5, 7, 9],
        [(np.array([30, 10, 10]), np.array([0, 2, 1])), (np.array([4]), np.array([0]))],
        1000.0,
        amplitude=np.array([3.0, 1.0, 2.0, 4.0]),
        depth_um=np.array([30.0, 10.0, 20.0, 40.0]),
        segment_sample_counts=(100, 50),
        properties={"group": ["good", None, "mua"], "score": [1, 2.5, None], "ok": [True, False, True]},
    )


def test_spikes_are_put_in_order_of_sample_and_unit_and_carry_their_values_along() -> None:
    sorting = small()
    assert sorting.sample_index.tolist() == [10, 10, 30, 4]
    assert sorting.unit_index.tolist() == [1, 2, 0, 0]
    assert sorting.segment_starts.tolist() == [0, 3, 4]
    assert sorting.amplitude is not None
    assert sorting.amplitude.tolist() == [2.0, 1.0, 3.0, 4.0]
    assert sorting.depth_um is not None
    assert sorting.depth_um.tolist() == [20.0, 10.0, 30.0, 40.0]


def test_counts_and_durations() -> None:
    sorting = small()
    assert (sorting.unit_count, sorting.spike_count, sorting.segment_count) == (3, 4, 2)
    assert sorting.spike_counts().tolist() == [2, 1, 1]
    assert sorting.duration_s == pytest.approx(0.15)


def test_duration_without_a_recording_ends_with_the_last_spike_of_each_segment() -> None:
    sorting = sortings.build(["a"], [(np.array([9]), np.array([0])), (np.zeros(0), np.zeros(0))], 10.0)
    assert sorting.duration_s == pytest.approx(1.0)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4)), max_size=60), st.integers(0, 60))
@settings(deadline=None)
def test_spike_trains_equal_the_slow_search(spikes: list[tuple[int, int]], cut: int) -> None:
    parts = [np.array(part, dtype=np.int64).reshape(-1, 2) for part in (spikes[:cut], spikes[cut:])]
    sorting = sortings.build(range(5), [(part[:, 0], part[:, 1]) for part in parts], 1.0)
    for segment, part in enumerate(parts):
        for unit in range(5):
            expected = sorted(int(sample) for sample, of in part if of == unit)
            assert sorting.spike_train(unit, segment).tolist() == expected
            where = sorting.spike_positions(unit, segment)
            assert sorting.sample_index[where].tolist() == expected
            assert set(sorting.unit_index[where].tolist()) <= {unit}


def test_a_spike_train_is_a_view_and_not_a_copy() -> None:
    sorting = small()
    assert sorting.spike_train(0, 0).base is not None


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    sorting = small()
    sortings.save(sorting, tmp_path / "sorting")
    again = sortings.load(tmp_path / "sorting")
    for name in ("sample_index", "unit_index", "segment_starts", "amplitude", "depth_um"):
        assert np.array_equal(getattr(again, name), getattr(sorting, name))
    for name in ("unit_ids", "sampling_rate_hz", "segment_sample_counts", "properties", "templates", "source"):
        assert getattr(again, name) == getattr(sorting, name)
    assert isinstance(again.sample_index, np.memmap)
    assert json.loads((tmp_path / "sorting" / "sorting.json").read_text())["spike_counts"] == [2, 1, 1]


def test_a_sorting_without_spikes_survives_the_disk(tmp_path: Path) -> None:
    sortings.save(sortings.build(["a", "b"], [], 1000.0), tmp_path)
    again = sortings.load(tmp_path)
    assert again.unit_ids == ("a", "b")
    assert again.spike_counts().tolist() == [0, 0]
    assert again.segment_count == 0


@pytest.mark.parametrize("damage", ["sorting.json", "unit_index.npy"])
def test_a_damaged_folder_answers_with_a_sentence(tmp_path: Path, damage: str) -> None:
    sortings.save(small(), tmp_path)
    (tmp_path / damage).write_text("no longer")
    with pytest.raises(Unavailable, match="cannot be read"):
        sortings.load(tmp_path)


def test_a_missing_folder_answers_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        sortings.load(tmp_path / "gone")


def test_spikeinterface_gets_the_same_spikes_in_the_same_order() -> None:
    sorting = small()
    given_back = sortings.to_spikeinterface(sorting)
    vector = given_back.to_spike_vector()
    assert vector["sample_index"].tolist() == sorting.sample_index.tolist()
    assert vector["unit_index"].tolist() == sorting.unit_index.tolist()
    assert vector["segment_index"].tolist() == [0, 0, 0, 1]
    assert given_back.get_property("ok").tolist() == [True, False, True]
    assert given_back.get_property("group").tolist() == ["good", "", "mua"]


def test_silent_segments_at_the_end_are_kept_for_spikeinterface() -> None:
    sorting = sortings.build([1], [(np.array([3]), np.array([0])), ([], []), ([], [])], 10.0)
    given_back = sortings.to_spikeinterface(sorting)
    assert given_back.get_num_segments() == 3
    assert given_back.get_unit_spike_train(1, segment_index=2).size == 0


def test_the_way_through_spikeinterface_and_back_changes_nothing() -> None:
    original = generate_sorting(num_units=6, durations=[2.0, 3.0], seed=3)
    original.set_property("quality", np.array(["good", "mua", "noise", "good", "mua", "noise"]))
    sorting = sortings.from_spikeinterface(original, source={"kind": "test"})
    assert np.array_equal(sortings.to_spikeinterface(sorting).to_spike_vector(), original.to_spike_vector())
    assert sorting.properties["quality"] == ["good", "mua", "noise", "good", "mua", "noise"]
    for position, unit_id in enumerate(original.unit_ids):
        for segment in range(2):
            expected = original.get_unit_spike_train(unit_id, segment_index=segment)
            assert np.array_equal(sorting.spike_train(position, segment), expected)


def test_mixed_unit_ids_become_text() -> None:
    assert sortings.unit_id_array([1, "2"]).tolist() == ["1", "2"]
    assert sortings.unit_id_array([1, 2]).dtype == np.int64


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(1.5), 1.5),
        (np.int8(3), 3),
        (float("nan"), None),
        (np.array([1.0, np.inf]), [1.0, None]),
        (b"\xc2\xb5V", "µV"),
        ({1: np.array(["a"])}, {"1": ["a"]}),
        (np.bool_(True), True),
        (Path("x"), "x"),
        (None, None),
    ],
)
def test_plain_values_fit_strict_json(value: object, expected: object) -> None:
    assert sortings.plain(value) == expected
    json.dumps(sortings.plain(value), allow_nan=False)
