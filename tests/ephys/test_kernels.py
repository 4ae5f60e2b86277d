"""Every compiled kernel against a slow twin that says the same in the plainest way."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from labbox_local.ephys import kernels

samples = st.lists(st.integers(0, 400), max_size=40).map(sorted)
bin_widths = st.integers(1, 7)
half_bins = st.integers(1, 9)


def pair_bin(first: int, second: int, window: int, width: int) -> int | None:
    """Bin of the difference first − second, None when it lies outside."""
    difference = first - second
    return (difference + window) // width if -window <= difference < window else None


@given(samples, bin_widths, half_bins)
@settings(deadline=None, max_examples=200)
def test_autocorrelogram_counts_every_ordered_pair_once(train: list[int], width: int, half: int) -> None:
    window = width * half
    slow = np.zeros(2 * half, np.int64)
    for i, first in enumerate(train):
        for j, second in enumerate(train):
            if i != j and (where := pair_bin(first, second, window, width)) is not None:
                slow[where] += 1
    quick = np.zeros(2 * half, np.int64)
    kernels.add_autocorrelogram(np.array(train, np.int64), window, width, quick)
    np.testing.assert_array_equal(quick, slow)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3)), max_size=40), bin_widths, half_bins)
@settings(deadline=None, max_examples=200)
def test_crosscorrelograms_count_pairs_of_wanted_units(spikes: list[tuple[int, int]], width: int, half: int) -> None:
    window, spikes = width * half, sorted(spikes)
    rows = np.array([1, -1, 0, 2], np.int64)
    slow = np.zeros((3, 3, 2 * half), np.int64)
    for i, (first, a) in enumerate(spikes):
        for j, (second, b) in enumerate(spikes):
            where = pair_bin(first, second, window, width)
            if i != j and where is not None and rows[a] >= 0 and rows[b] >= 0:
                slow[rows[a], rows[b], where] += 1
    quick = np.zeros_like(slow)
    times, units = (np.array([spike[k] for spike in spikes], dtype) for k, dtype in ((0, np.int64), (1, np.int32)))
    kernels.add_crosscorrelograms(times, units, rows, window, width, quick)
    np.testing.assert_array_equal(quick, slow)


@given(samples, st.sampled_from([1_000.0, 25_000.0, 29_999.7, 30_000.0]), st.integers(1, 60))
@settings(deadline=None, max_examples=200)
def test_short_intervals_are_compared_in_seconds(train: list[int], rate_hz: float, threshold_samples: int) -> None:
    threshold_s = threshold_samples / rate_hz
    seconds = np.array(train, np.int64) / rate_hz
    expected = int(np.sum(np.diff(seconds) < threshold_s))
    assert kernels.count_short_intervals(np.array(train, np.int64), rate_hz, threshold_s) == expected


def test_counts_are_added_to_what_is_there() -> None:
    counts = np.full(4, 10, np.int64)
    kernels.add_autocorrelogram(np.array([0, 3], np.int64), 10, 5, counts)
    assert counts.tolist() == [10, 11, 11, 10]


def test_kernels_take_read_only_arrays() -> None:
    train = np.array([0, 3, 9], np.int64)
    train.flags.writeable = False
    counts = np.zeros(4, np.int64)
    kernels.add_autocorrelogram(train, 10, 5, counts)
    assert counts.sum() == 6
    assert kernels.count_short_intervals(train, 1000.0, 0.005) == 1
