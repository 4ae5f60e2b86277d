"""Correlograms, violations and rates equal SpikeInterface's to the count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from spikeinterface.metrics.quality.misc_metrics import isi_violations
from spikeinterface.postprocessing import compute_correlograms

from labbox_local.ephys import correlograms
from labbox_local.ephys.sortings import SortingData, build, to_spikeinterface
from labbox_local.errors import Invalid
from tests.ephys.samples import RATE_HZ, detected, locust, random_sorting

CASES: dict[str, Callable[[], SortingData]] = {
    "one segment": lambda: random_sorting((0, 1, 2)),
    "two segments": lambda: random_sorting((5, 3), durations_s=(12.0, 7.0)),
    "silent last segment": lambda: build([1], [(np.array([5, 70, 80]), np.zeros(3)), (np.array([]), np.array([]))],
                                         RATE_HZ, segment_sample_counts=(1000, 500)),
    "one unit": lambda: random_sorting((7,)),
    "empty unit": lambda: random_sorting((0, 1, 2, 3), silent=(2,)),
    "text ids": lambda: random_sorting(("b", "a", "#10")),
    "many units": lambda: random_sorting(tuple(range(60)), durations_s=(4.0,)),
}  # fmt: skip


@pytest.fixture(params=CASES)
def sorting(request: pytest.FixtureRequest) -> SortingData:
    return CASES[request.param]()


@pytest.mark.parametrize(("window_ms", "bin_ms"), [(50, 1), (100, 1), (20, 0.5), (7, 2), (2, 1 / 30)])
def test_all_pairs_equal_spikeinterface(sorting: SortingData, window_ms: float, bin_ms: float) -> None:
    expected, edges_ms = compute_correlograms(
        to_spikeinterface(sorting), window_ms=window_ms, bin_ms=bin_ms, method="numba", fast_mode="off"
    )
    chosen = correlograms.bins(sorting.sampling_rate_hz, window_ms, bin_ms)
    units = range(sorting.unit_count)
    assert chosen.count == expected.shape[2]
    np.testing.assert_array_equal(chosen.edges_ms, edges_ms)
    np.testing.assert_array_equal(correlograms.crosscorrelograms(sorting, units, chosen), expected)
    np.testing.assert_array_equal(
        correlograms.autocorrelograms(sorting, units, chosen), np.stack([expected[unit, unit] for unit in units])
    )


def test_real_spikes_equal_spikeinterface(data: Path) -> None:
    sorting = detected(locust(data, trials=2))
    expected, _ = compute_correlograms(to_spikeinterface(sorting), method="numba", fast_mode="off")
    chosen = correlograms.bins(sorting.sampling_rate_hz)
    assert sorting.spike_count > 1000
    np.testing.assert_array_equal(correlograms.crosscorrelograms(sorting, range(4), chosen), expected)


def test_chosen_units_come_in_the_order_asked_for() -> None:
    sorting = random_sorting((0, 1, 2, 3))
    chosen = correlograms.bins(RATE_HZ)
    everything = correlograms.crosscorrelograms(sorting, range(4), chosen)
    two = correlograms.crosscorrelograms(sorting, [3, 1], chosen)
    np.testing.assert_array_equal(two, everything[[3, 1]][:, [3, 1]])
    np.testing.assert_array_equal(correlograms.autocorrelograms(sorting, [3, 1], chosen), everything[[3, 1], [3, 1]])


def test_default_bins_are_fifty_of_one_millisecond() -> None:
    chosen = correlograms.bins(RATE_HZ)
    assert (chosen.count, chosen.width, chosen.window) == (50, 30, 750)
    assert chosen.edges_ms[[0, 25, -1]].tolist() == [-25.0, 0.0, 25.0]
    assert chosen.centres_ms[[0, -1]].tolist() == [-24.5, 24.5]


@pytest.mark.parametrize(
    ("window_ms", "bin_ms", "field"), [(50, 0.001, "bin_ms"), (1, 3, "window_ms"), (0, 1, "window_ms")]
)
def test_bins_that_cannot_be_are_refused(window_ms: float, bin_ms: float, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        correlograms.bins(RATE_HZ, window_ms, bin_ms)
    assert list(caught.value.fields) == [field]


def test_violations_equal_spikeinterface(sorting: SortingData) -> None:
    counts = correlograms.isi_violation_counts(sorting)
    ratios = correlograms.isi_violation_ratios(sorting)
    for unit in range(sorting.unit_count):
        trains = [sorting.spike_train(unit, segment) / RATE_HZ for segment in range(sorting.segment_count)]
        trains = [train for train in trains if len(train)]
        ratio, _, count = isi_violations(trains, sorting.duration_s, 0.0015, 0)
        if trains:
            assert counts[unit] == count
        np.testing.assert_array_equal(ratios[unit], ratio)


def test_rates_are_spikes_by_duration() -> None:
    sorting = random_sorting((0, 1), durations_s=(12.0, 8.0), silent=(1,))
    expected = sorting.spike_counts() / 20.0
    np.testing.assert_array_equal(correlograms.firing_rates_hz(sorting), expected)
    assert expected[1] == 0


def test_a_sorting_without_spikes_has_no_rates_and_no_ratios() -> None:
    empty = build([1, 2], [(np.array([]), np.array([]))], RATE_HZ)
    assert np.isnan(correlograms.firing_rates_hz(empty)).all()
    assert np.isnan(correlograms.isi_violation_ratios(empty)).all()
    assert correlograms.isi_violation_counts(empty).tolist() == [0, 0]
    assert correlograms.autocorrelograms(empty, [0, 1], correlograms.bins(RATE_HZ)).sum() == 0
