"""Smallest and largest sample of each column of a window: the kernels, fed by a source and spread over threads.

Results are arrays of pairs, (columns, 2, channels): minima at 0, maxima at 1. In a column without a valid sample the
minimum is above the maximum in integers, and both are NaN in floating-point numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbox_local.ephys import pyramid_kernels as kernels
from labbox_local.ephys.sources import Rows, Source

Pairs = NDArray[Any]
Counts = NDArray[np.uint32]
MOST_THREADS = 4
# Below this many bytes a second thread costs more than it saves.
WORTH_A_THREAD_BYTES = 1 << 24


def envelope(
    source: Source, segment: int, start: int, stop: int, width: int, channels: NDArray[np.int64], threads: int = 1
) -> tuple[Pairs, Counts]:
    """Extremes of every column of a window, from all its samples.

    Parameters
    ----------
    source : Source
    segment, start, stop : int
        Samples `start` to `stop`, within the segment.
    width : int
        Column j holds the samples from ``start + j * width`` up to and without the next column's.
    channels : int64 array, (C,)
        Positions of the wanted channels, in the order wanted.
    threads : int
        At most so many are used.

    Returns
    -------
    pairs : array of the source's type, (columns, 2, C)
    invalid : uint32 array, (columns, C)
        NaN and infinities, which count for nothing else; empty for integers.
    """
    columns = -(-(stop - start) // width)
    pairs = untouched(source.dtype, columns, len(channels))
    invalid = no_counts(source.dtype, columns, len(channels))
    places = source.channels[channels]

    def part(first: int, last: int) -> None:
        begin, end = start + first * width, min(stop, start + last * width)
        for sample, rows in source.pieces(segment, begin, end):
            widen(rows, places, sample - start, width, pairs, invalid)

    row_bytes = source.dtype.itemsize * len(source.channels)
    few = threads if source.threads and (stop - start) * row_bytes >= WORTH_A_THREAD_BYTES else 1
    share(part, columns, few)
    return finished(pairs), invalid


def widen(rows: Rows, places: NDArray[np.int64], before: int, width: int, pairs: Pairs, invalid: Counts) -> None:
    """Widens columns by rows of samples; row i belongs to column ``(before + i) // width``."""
    first = neighbours_from(places)
    if rows.dtype.kind == "f":
        if first is None:
            kernels.widen_floats_of(rows, places, before, width, pairs, invalid)
        else:
            kernels.widen_floats(rows, first, before, width, pairs, invalid)
    elif first is None:
        kernels.widen_integers_of(rows, places, before, width, pairs)
    else:
        kernels.widen_integers(rows, first, before, width, pairs)


def merge(blocks: Pairs, places: NDArray[np.int64], before: int, width: int, pairs: Pairs) -> None:
    """Widens columns by blocks that are pairs themselves; block i belongs to column ``(before + i) // width``."""
    first = neighbours_from(places)
    if first is None:
        kernels.merge_of(blocks, places, before, width, pairs)
    else:
        kernels.merge(blocks, first, before, width, pairs)


def untouched(dtype: np.dtype[Any], columns: int, channels: int) -> Pairs:
    """Pairs that anything widens."""
    pairs = np.empty((columns, 2, channels), dtype=dtype)
    floating = dtype.kind == "f"
    pairs[:, 0] = np.inf if floating else np.iinfo(dtype).max
    pairs[:, 1] = -np.inf if floating else np.iinfo(dtype).min
    return pairs


def finished(pairs: Pairs) -> Pairs:
    """`pairs` with NaN, in floating-point numbers, where nothing has widened them."""
    if pairs.dtype.kind == "f":
        empty = pairs[:, 0] > pairs[:, 1]
        if empty.any():
            pairs[np.broadcast_to(empty[:, None], pairs.shape)] = np.nan
    return pairs


def no_counts(dtype: np.dtype[Any], columns: int, channels: int) -> Counts:
    """Counts of invalid samples, all 0; empty for integers, which are all valid."""
    return np.zeros((columns if dtype.kind == "f" else 0, channels), dtype=np.uint32)


def neighbours_from(places: NDArray[np.int64]) -> int | None:
    """The first of places that follow each other, None if they do not."""
    first = int(places[0])
    return first if len(places) == 1 or np.array_equal(places, np.arange(first, first + len(places))) else None


def share(part: Callable[[int, int], None], count: int, threads: int) -> None:
    """Calls `part` with stretches that cover 0 to `count`, each in a thread of its own."""
    threads = max(1, min(threads, count))
    if threads == 1:
        part(0, count)
        return
    edges = [count * number // threads for number in range(threads + 1)]
    for done in [_pool().submit(part, *stretch) for stretch in pairwise(edges)]:
        done.result()


def core_count() -> int:
    """Threads worth using for a window."""
    return min(MOST_THREADS, os.cpu_count() or 1)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="extremes")
