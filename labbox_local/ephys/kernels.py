"""Loops over spikes that NumPy cannot say: compiled by numba, cached on disk, each with a slow twin in its test.

They work on plain contiguous arrays and check nothing; `correlograms` does. Counts are 64-bit. A pair of spikes is
visited once and its mirror image added at the same time. Nothing is written by two threads: they run on one, and
release the GIL.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def add_autocorrelogram(train: Any, window: int, bin_width: int, counts: Any) -> None:
    """Adds the autocorrelogram of one spike train to a row of counts.

    Parameters
    ----------
    train : int64 array, (n,)
        Samples in ascending order.
    window, bin_width : int
        Half the window and one bin, in samples; the first a multiple of the second.
    counts : int64 array, (2 * window // bin_width,)
        Bin k holds the differences from ``k * bin_width - window`` up to and without the next bin's, so a difference
        of exactly ``-window`` counts and one of ``window`` does not; a spike with itself never counts.
    """
    half = window // bin_width
    n = len(train)
    for i in range(n):
        for j in range(i + 1, n):
            later = train[j] - train[i]
            if later > window:
                break
            counts[half + (-later) // bin_width] += 1
            if later < window:
                counts[half + later // bin_width] += 1


@numba.njit(cache=True, nogil=True)
def add_crosscorrelograms(samples: Any, units: Any, rows: Any, window: int, bin_width: int, counts: Any) -> None:
    """Adds the correlograms of all pairs of chosen units in one segment to a cube of counts.

    Parameters
    ----------
    samples : int64 array, (n,)
        Samples of all spikes in ascending order.
    units : int32 array, (n,)
        Unit of each spike.
    rows : int64 array, (units,)
        Row of each unit in the cube, −1 for units that are not wanted.
    window, bin_width : int
        As in `add_autocorrelogram`.
    counts : int64 array, (rows, rows, bins)
        ``counts[a, b]`` holds samples of a minus samples of b.
    """
    half = window // bin_width
    n = len(samples)
    for i in range(n):
        first = rows[units[i]]
        if first < 0:
            continue
        for j in range(i + 1, n):
            later = samples[j] - samples[i]
            if later > window:
                break
            second = rows[units[j]]
            if second < 0:
                continue
            counts[first, second, half + (-later) // bin_width] += 1
            if later < window:
                counts[second, first, half + later // bin_width] += 1


@numba.njit(cache=True, nogil=True)
def count_short_intervals(train: Any, sampling_rate_hz: float, threshold_s: float) -> int:
    """Intervals between neighbouring spikes that are shorter than a threshold.

    Parameters
    ----------
    train : int64 array, (n,)
        Samples in ascending order.
    sampling_rate_hz, threshold_s : float

    Returns
    -------
    int
        Compared in seconds, each time rounded on its own: at 30 kHz, 45 samples are in this way sometimes under
        1.5 ms and sometimes not, and this is how SpikeInterface counts.
    """
    count = 0
    for i in range(1, len(train)):
        if train[i] / sampling_rate_hz - train[i - 1] / sampling_rate_hz < threshold_s:
            count += 1
    return count
