"""The loops of trace drawing: smallest and largest sample per column, compiled by numba and cached on disk.

Each has a slow twin in its test. They check nothing, release the GIL and run on one thread each, so that callers share
the columns out over threads of their own: numba's threads cost seconds of compilation and are not safe to be called
from two threads at once. Rows hold the samples of all channels, as in the files. The compiler makes vector
instructions of the inner loops only where slices say that channels are neighbours (measured: 2 GB/s without, 13 with
slices, 30 to 50 with four rows at a time).
"""

from __future__ import annotations

from typing import Any

import numba

compiled = numba.njit(cache=True, nogil=True)


@compiled
def widen_integers(rows: Any, first: int, before: int, width: int, pairs: Any) -> None:
    """Widens the columns of `pairs` by rows of integers.

    Parameters
    ----------
    rows : integer array, (n, row channels)
    first : int
        The wanted channels are this one of the rows and those that follow it.
    before : int
        Row i belongs to column ``(before + i) // width``.
    width : int
        Rows per column.
    pairs : array of the same type, (columns, 2, channels)
        Smallest and largest so far; of an untouched column the smallest is above the largest.
    """
    count = pairs.shape[2]
    last = first + count
    column = before // width
    begin = 0
    end = min(rows.shape[0], width - before % width)
    while begin < rows.shape[0]:
        low = pairs[column, 0]
        high = pairs[column, 1]
        i = begin
        while i + 4 <= end:
            one = rows[i, first:last]
            two = rows[i + 1, first:last]
            three = rows[i + 2, first:last]
            four = rows[i + 3, first:last]
            for c in range(count):
                least = low[c]
                most = high[c]
                if one[c] < least:
                    least = one[c]
                if two[c] < least:
                    least = two[c]
                if three[c] < least:
                    least = three[c]
                if four[c] < least:
                    least = four[c]
                if one[c] > most:
                    most = one[c]
                if two[c] > most:
                    most = two[c]
                if three[c] > most:
                    most = three[c]
                if four[c] > most:
                    most = four[c]
                low[c] = least
                high[c] = most
            i += 4
        while i < end:
            row = rows[i, first:last]
            for c in range(count):
                if row[c] < low[c]:
                    low[c] = row[c]
                if row[c] > high[c]:
                    high[c] = row[c]
            i += 1
        begin = end
        end = min(rows.shape[0], end + width)
        column += 1


@compiled
def widen_floats(rows: Any, first: int, before: int, width: int, pairs: Any, invalid: Any) -> None:
    """As `widen_integers`, of floating-point rows: NaN and infinities count in `invalid`, (columns, channels)."""
    count = pairs.shape[2]
    column = before // width
    begin = 0
    end = min(rows.shape[0], width - before % width)
    while begin < rows.shape[0]:
        low = pairs[column, 0]
        high = pairs[column, 1]
        bad = invalid[column]
        for i in range(begin, end):
            row = rows[i, first : first + count]
            for c in range(count):
                value = row[c]
                # a finite number less itself is 0; NaN and the infinities give NaN
                finite = value - value == 0
                if finite and value < low[c]:
                    low[c] = value
                if finite and value > high[c]:
                    high[c] = value
                if not finite:
                    bad[c] += 1
        begin = end
        end = min(rows.shape[0], end + width)
        column += 1


@compiled
def widen_integers_of(rows: Any, channels: Any, before: int, width: int, pairs: Any) -> None:
    """As `widen_integers`, for the channels of the rows at `channels`, int64, in that order."""
    for i in range(rows.shape[0]):
        column = (before + i) // width
        low = pairs[column, 0]
        high = pairs[column, 1]
        row = rows[i]
        for c in range(len(channels)):
            value = row[channels[c]]
            if value < low[c]:
                low[c] = value
            if value > high[c]:
                high[c] = value


@compiled
def widen_floats_of(rows: Any, channels: Any, before: int, width: int, pairs: Any, invalid: Any) -> None:
    """As `widen_floats`, for the channels of the rows at `channels`, int64, in that order."""
    for i in range(rows.shape[0]):
        column = (before + i) // width
        low = pairs[column, 0]
        high = pairs[column, 1]
        row = rows[i]
        for c in range(len(channels)):
            value = row[channels[c]]
            if value - value == 0:
                if value < low[c]:
                    low[c] = value
                if value > high[c]:
                    high[c] = value
            else:
                invalid[column, c] += 1


@compiled
def merge(blocks: Any, first: int, before: int, width: int, pairs: Any) -> None:
    """Widens columns by blocks that are smallest and largest values themselves; NaN changes nothing.

    Parameters
    ----------
    blocks : array, (n, 2, block channels)
    first, before, width : int
        As in `widen_integers`, with blocks for rows.
    pairs : array of the same type, (columns, 2, channels)
    """
    count = pairs.shape[2]
    for i in range(blocks.shape[0]):
        column = (before + i) // width
        low = pairs[column, 0]
        high = pairs[column, 1]
        lows = blocks[i, 0, first : first + count]
        highs = blocks[i, 1, first : first + count]
        for c in range(count):
            if lows[c] < low[c]:
                low[c] = lows[c]
            if highs[c] > high[c]:
                high[c] = highs[c]


@compiled
def merge_of(blocks: Any, channels: Any, before: int, width: int, pairs: Any) -> None:
    """As `merge`, for the channels of the blocks at `channels`, int64, in that order."""
    for i in range(blocks.shape[0]):
        column = (before + i) // width
        for c in range(len(channels)):
            least = blocks[i, 0, channels[c]]
            most = blocks[i, 1, channels[c]]
            if least < pairs[column, 0, c]:
                pairs[column, 0, c] = least
            if most > pairs[column, 1, c]:
                pairs[column, 1, c] = most


@compiled
def add_counts(counts: Any, channels: Any, before: int, width: int, totals: Any) -> None:
    """Adds counts, (n, block channels), of the channels at `channels` to their columns, (columns, channels)."""
    for i in range(counts.shape[0]):
        column = (before + i) // width
        for c in range(len(channels)):
            totals[column, c] += counts[i, channels[c]]


@compiled
def subtract_templates(rows: Any, first: int, samples: Any, units: Any, templates: Any, before: int) -> None:
    """Subtracts a template at each spike from rows of floating-point samples.

    Parameters
    ----------
    rows : float array, (n, channels)
        Row i is the sample ``first + i``.
    first : int
    samples : int64 array, (spikes,)
    units : int array, (spikes,)
        Position of each spike's template.
    templates : float array, (units, template samples, channels)
    before : int
        Samples of a template before its spike.
    """
    length = templates.shape[1]
    for spike in range(len(samples)):
        start = samples[spike] - before - first
        template = templates[units[spike]]
        for k in range(max(0, -start), min(length, rows.shape[0] - start)):
            row = rows[start + k]
            for c in range(rows.shape[1]):
                row[c] -= template[k, c]
