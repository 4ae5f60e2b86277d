"""Each compiled loop against a slow twin that says the same with plain NumPy, one column and channel at a time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from labbox_local.ephys import extremes
from labbox_local.ephys import pyramid_kernels as kernels

DTYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64")


def rows_of(dtype: str, count: int, channels: int, seed: int = 0) -> NDArray[Any]:
    """Random rows over the whole range of their type; floating-point ones with some NaN and infinities."""
    random = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind.kind == "f":
        rows = random.normal(size=(count, channels)).astype(kind)
        rows[random.random(rows.shape) < 0.05] = np.nan
        rows[random.random(rows.shape) < 0.02] = np.inf
        rows[random.random(rows.shape) < 0.02] = -np.inf
        return rows
    limits = np.iinfo(kind)
    return random.integers(limits.min, limits.max, size=(count, channels), dtype=kind, endpoint=True)


def slow_extremes(rows: NDArray[Any], edges: list[int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Pairs, (columns, 2, channels), and counts of invalid samples, (columns, channels)."""
    pairs, invalid = [], []
    for start, stop in pairwise(edges):
        low, high, bad = [], [], []
        for channel in range(rows.shape[1]):
            values = rows[start:stop, channel]
            valid = values[np.isfinite(values)]
            low.append(valid.min() if len(valid) else np.nan)
            high.append(valid.max() if len(valid) else np.nan)
            bad.append(len(values) - len(valid))
        pairs.append([low, high])
        invalid.append(bad)
    # object: the largest 64-bit integers are no floating-point numbers
    return np.array(pairs, dtype=object).astype(rows.dtype), np.array(invalid)


def edges_of(count: int, before: int, width: int) -> list[int]:
    return [0, *range(width - before % width, count, width), count]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("places", [[0, 1, 2, 3, 4], [1, 2, 3], [4], [3, 0, 4], [2, 2]])
@pytest.mark.parametrize(("before", "width"), [(0, 1), (0, 7), (5, 7), (3, 64), (0, 1000)])
def test_columns_hold_the_extremes_of_their_rows(dtype: str, places: list[int], before: int, width: int) -> None:
    rows = rows_of(dtype, 203, 5)
    edges = edges_of(len(rows), before, width)
    pairs = extremes.untouched(rows.dtype, len(edges) - 1, len(places))
    invalid = extremes.no_counts(rows.dtype, len(edges) - 1, len(places))

    extremes.widen(rows, np.array(places, dtype=np.int64), before, width, pairs, invalid)

    expected, bad = slow_extremes(rows[:, places], edges)
    np.testing.assert_array_equal(extremes.finished(pairs), expected)
    if rows.dtype.kind == "f":
        np.testing.assert_array_equal(invalid, bad)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("places", [[0, 1, 2], [1, 2], [2, 0]])
def test_merging_blocks_gives_the_extremes_of_their_samples(dtype: str, places: list[int]) -> None:
    rows = rows_of(dtype, 240, 3, seed=1)
    blocks, _ = slow_extremes(rows, list(range(0, 241, 4)))
    pairs = extremes.untouched(rows.dtype, 12, 2 if len(places) == 2 else 3)

    extremes.merge(blocks, np.array(places, dtype=np.int64), 0, 5, pairs)

    np.testing.assert_array_equal(extremes.finished(pairs), slow_extremes(rows[:, places], list(range(0, 241, 20)))[0])


def test_a_column_of_nothing_valid_is_nan_in_both() -> None:
    rows = np.full((4, 2), np.nan, dtype=np.float32)
    rows[:, 1] = np.inf
    pairs, invalid = extremes.untouched(rows.dtype, 1, 2), extremes.no_counts(rows.dtype, 1, 2)
    extremes.widen(rows, np.arange(2), 0, 4, pairs, invalid)
    assert np.isnan(extremes.finished(pairs)).all()
    assert invalid.tolist() == [[4, 4]]


def test_an_untouched_column_of_integers_has_its_smallest_above_its_largest() -> None:
    pairs = extremes.finished(extremes.untouched(np.dtype("int16"), 2, 1))
    assert (pairs[:, 0] > pairs[:, 1]).all()


def test_counts_are_added_to_their_columns() -> None:
    counts = np.arange(21, dtype=np.uint32).reshape(7, 3)
    totals = np.zeros((3, 2), dtype=np.uint32)
    kernels.add_counts(counts, np.array([2, 0]), 1, 3, totals)
    assert totals.tolist() == [[2 + 5, 0 + 3], [8 + 11 + 14, 6 + 9 + 12], [17 + 20, 15 + 18]]


def test_templates_are_subtracted_at_their_spikes_and_cut_at_the_ends() -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=(50, 3)).astype(np.float32)
    templates = random.normal(size=(2, 9, 3)).astype(np.float32)
    samples, units = np.array([98, 101, 120, 121, 149, 155]), np.array([0, 1, 1, 0, 0, 1])
    expected = rows.copy()
    for sample, unit in zip(samples, units, strict=True):
        for k in range(9):
            if 0 <= sample - 4 + k - 100 < 50:
                expected[sample - 4 + k - 100] -= templates[unit, k]

    kernels.subtract_templates(rows, 100, samples, units, templates, 4)

    np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-6)
