"""Spikes over traces: those in a window, the next one from a place, and the templates that they stand for.

Spikes are looked up in the contiguous array of their samples: 0.03 ms among 20 million.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spikeinterface.core import SortingAnalyzer

from labbox_local.ephys import frames
from labbox_local.ephys.sortings import SortingData
from labbox_local.errors import Invalid, NotFound, Unavailable

MOST_SPIKES = 50_000
FIRST_STRETCH = 4096
NO_TEMPLATES = "This sorting has no templates on the channels of a recording."


def spikes_in(
    sorting: SortingData, segment: int, start: int, stop: int, units: Sequence[int] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Spikes of some units (all when None) at the samples from `start` up to and without `stop`.

    Returns
    -------
    samples : int64 array, (n,)
        Ascending.
    units : int32 array, (n,)
        Positions of their units.
    """
    samples, owners = _segment(sorting, segment)
    first, last = np.searchsorted(samples, [start, stop])
    samples, owners = samples[first:last], owners[first:last]
    if units is None:
        return np.asarray(samples), np.asarray(owners)
    chosen = _mask(sorting, units)[owners]
    return np.asarray(samples[chosen]), np.asarray(owners[chosen])


def spikes_frame(
    sorting: SortingData, segment: int, start: int, count: int, units: Sequence[int] | None, limit: int = MOST_SPIKES
) -> bytes:
    """The spikes of a window as a frame of kind ``spikes``; of more than `limit`, every n-th."""
    if not 1 <= limit <= MOST_SPIKES:
        raise Invalid({"limit": f"Must be from 1 to {MOST_SPIKES}; {limit} is not."})
    # Samples travel as 32-bit offsets; a window of 2³¹ samples is 20 hours.
    count = min(count, np.iinfo(np.int32).max)
    samples, owners = spikes_in(sorting, segment, start, start + count, units)
    positions = list(range(sorting.unit_count)) if units is None else [int(unit) for unit in units]
    counts = np.bincount(owners, minlength=sorting.unit_count)[positions]
    total = len(samples)
    step = -(-total // limit) if total > limit else 1
    shown = samples[::step]
    header = {
        "kind": "spikes",
        "segment": segment,
        "start": start,
        "units": positions,
        "counts": counts.tolist(),
        "total": total,
        "shown": len(shown),
        "message": f"{len(shown):,} of {total:,} spikes are shown.".replace(",", " ") if step > 1 else "",
    }
    return frames.encode(header, [(shown - start).astype(np.int32), owners[::step].astype(np.uint32)])


def next_spike(
    sorting: SortingData, segment: int, sample: int, units: Sequence[int] | None, direction: int
) -> dict[str, int]:
    """The nearest spike of some units after (direction 1) or before (−1) a sample, in this segment or a further one.

    Raises
    ------
    NotFound
        When there is none.
    """
    if direction not in (1, -1):
        raise Invalid({"direction": f"Must be 1 (next) or -1 (previous); {direction} is not."})
    _segment(sorting, segment)
    mask = np.ones(sorting.unit_count, dtype=bool) if units is None else _mask(sorting, units)
    further = range(segment, sorting.segment_count) if direction == 1 else range(segment, -1, -1)
    for number in further:
        samples, owners = _segment(sorting, number)
        if number == segment:
            side = "right" if direction == 1 else "left"
            begin = int(np.searchsorted(samples, sample, side=side))  # type: ignore[call-overload]
        else:
            begin = 0 if direction == 1 else len(samples)
        found = _first(owners, mask, begin, direction)
        if found is not None:
            return {"segment": number, "sample": int(samples[found]), "unit": int(owners[found])}
    what = "further" if direction == 1 else "earlier"
    raise NotFound(f"There is no {what} spike of these units.")


def templates_of(
    sorting: SortingData, analyzer: SortingAnalyzer | None, channel_count: int
) -> tuple[NDArray[np.float32], int]:
    """Average waveforms of all units on the channels of the recording, and where the spike stands in them.

    Returns
    -------
    templates : float32 array, (units, samples, channels)
        In µV when the recording has gains, else in its own steps. From the post-processing, else the sorting's own.
    before : int
        Samples before the spike.

    Raises
    ------
    Unavailable
        When there are none.
    """
    if analyzer is not None and analyzer.has_extension("templates"):
        extension = analyzer.get_extension("templates")
        templates = np.asarray(extension.get_templates(operator="average"), dtype=np.float32)
        before = int(extension.nbefore)
    elif sorting.templates is not None:
        templates = np.asarray(sorting.templates, dtype=np.float32)
        before = _trough(templates)
    else:
        raise Unavailable(f"{NO_TEMPLATES} Post-processing computes them.", "Post-process the sorting.")
    if templates.shape[2] != channel_count or len(templates) != sorting.unit_count:
        raise Unavailable(
            f"The templates are on {templates.shape[2]} channels, the recording has {channel_count}.",
            "Post-process the sorting, which computes templates on all channels.",
        )
    return np.nan_to_num(templates), before


def templates_frame(templates: NDArray[np.float32], before: int, units: Sequence[int], unit: str) -> bytes:
    """Templates of some units as a frame of kind ``templates``."""
    chosen = templates[_checked(len(templates), units)]
    header = {
        "kind": "templates",
        "units": [int(position) for position in units],
        "sample_count": chosen.shape[1],
        "channels": chosen.shape[2],
        "nbefore": before,
        "unit": unit,
        "message": "",
    }
    return frames.encode(header, [chosen])


def _segment(sorting: SortingData, segment: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    if not 0 <= segment < sorting.segment_count:
        raise Invalid({"segment": f"Must be from 0 to {sorting.segment_count - 1}; {segment} is not."})
    first, last = sorting.segment_bounds()[segment]
    return sorting.sample_index[first:last], sorting.unit_index[first:last]


def _mask(sorting: SortingData, units: Sequence[int]) -> NDArray[np.bool_]:
    mask = np.zeros(sorting.unit_count, dtype=bool)
    mask[_checked(sorting.unit_count, units)] = True
    return mask


def _checked(count: int, units: Sequence[int]) -> NDArray[np.int64]:
    wrong = [unit for unit in units if not 0 <= unit < count]
    if wrong:
        raise Invalid({"units": f"Must be positions from 0 to {count - 1}; {wrong[0]} is not."})
    return np.asarray(units, dtype=np.int64)


def _first(owners: NDArray[Any], mask: NDArray[np.bool_], begin: int, direction: int) -> int | None:
    """The first spike of a marked unit from `begin` on (or before it), looked for in ever longer stretches."""
    length = FIRST_STRETCH
    while begin > 0 if direction == -1 else begin < len(owners):
        first, last = (begin, begin + length) if direction == 1 else (max(0, begin - length), begin)
        found = np.flatnonzero(mask[owners[first:last]])
        if len(found):
            return first + int(found[0] if direction == 1 else found[-1])
        begin = last if direction == 1 else first
        length *= 4
    return None


def _trough(templates: NDArray[np.float32]) -> int:
    """Where most templates are largest, for those that came without a word about it."""
    peaks = np.abs(np.nan_to_num(templates)).max(axis=2).argmax(axis=1)
    return int(np.median(peaks)) if len(peaks) else 0
