"""Traces for looking at: the smallest and largest value of every pixel, for chosen channels and seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spikeinterface.core import BaseRecording

from labbox_local.ephys import preprocessing, recordings
from labbox_local.ephys.sortings import plain
from labbox_local.errors import Invalid

MOST_POINTS = 20_000
# Samples of all channels that one answer may read; longer windows are for the pyramid.
MOST_SAMPLES = 400_000_000
CHUNK_SAMPLES = 4_000_000


def envelope(
    spec: Mapping[str, Any],
    start_s: float = 0.0,
    duration_s: float = 1.0,
    segment: int = 0,
    channels: Sequence[int] | None = None,
    preprocessing: Sequence[Mapping[str, Any]] = (),
    max_points: int = 2000,
) -> dict[str, Any]:
    """Minimum and maximum per pixel of a window of a recording.

    Parameters
    ----------
    spec : mapping
        Of a recording.
    start_s, duration_s : float
        The window, in seconds from the segment's first sample; cut to the segment.
    segment : int
    channels : sequence of int, optional
        Channel positions (0 to C − 1); all when None.
    preprocessing : sequence
        A chain; empty for raw traces. Steps are applied to all channels before the chosen ones are taken.
    max_points : int
        Most pixels; a window of fewer samples is given sample by sample.

    Returns
    -------
    dict
        See `envelope_of`.

    Raises
    ------
    Invalid
        At the parameter that is out of range.
    """
    recording = recordings.open_recording(spec)
    return envelope_of(recording, start_s, duration_s, segment, channels, preprocessing, max_points)


def envelope_of(
    recording: BaseRecording,
    start_s: float,
    duration_s: float,
    segment: int,
    channels: Sequence[int] | None,
    chain: Sequence[Mapping[str, Any]],
    max_points: int,
) -> dict[str, Any]:
    """As `envelope`, of an open recording.

    Returns
    -------
    dict
        ``start_sample``, ``sample_count``, ``sampling_rate_hz``, ``segment``, ``segment_sample_count``; ``edges``: the
        first sample of each pixel and the end of the last, (P + 1,), counted from ``start_sample``; ``channels``,
        ``channel_ids``; ``minimum`` and ``maximum``: P values per channel, None where every sample is not a number;
        ``unit``, ``preprocessing`` in words.
    """
    positions = _check(recording, segment, channels, max_points)
    total = int(recording.get_num_samples(segment))
    first, last = window(start_s, duration_s, float(recording.get_sampling_frequency()), total)
    if (last - first) * len(positions) > MOST_SAMPLES:
        raise Invalid({"duration_s": "The window is too long to be drawn from the samples; choose a shorter one."})
    shown = preprocessing.apply(recording, chain)
    edges = pixel_edges(last - first, max_points)
    low, high = _extremes(shown, segment, first, edges, positions)
    return {
        "start_sample": first,
        "sample_count": last - first,
        "sampling_rate_hz": float(recording.get_sampling_frequency()),
        "segment": segment,
        "segment_sample_count": total,
        "edges": edges.tolist(),
        "channels": positions,
        "channel_ids": [plain(recording.channel_ids[position]) for position in positions],
        "minimum": [_finite(row) for row in low.T],
        "maximum": [_finite(row) for row in high.T],
        "unit": recordings.unit(recording),
        "preprocessing": preprocessing.in_words(chain),
    }


def window(start_s: float, duration_s: float, rate_hz: float, total: int) -> tuple[int, int]:
    """First and past-the-last sample of a window in seconds, cut to the segment; at least one sample long.

    Edges are rounded to the nearest sample once; all that follows is in whole samples.
    """
    if not duration_s > 0:
        raise Invalid({"duration_s": f"Must be more than 0 s; {duration_s:g} s is not."})
    if not 0 <= start_s * rate_hz < total:
        raise Invalid(
            {"start_s": f"Must be from 0 s to {total / rate_hz:g} s, the segment's end; {start_s:g} s is not."}
        )
    first = min(round(start_s * rate_hz), total - 1)
    last = min(max(first + 1, round((start_s + duration_s) * rate_hz)), total)
    return first, last


def pixel_edges(count: int, max_points: int) -> NDArray[np.int64]:
    """Edges of at most `max_points` pixels over `count` samples, their widths within one sample of each other."""
    pixels = min(count, max_points)
    # Whole numbers throughout: a float step drifts by samples over an hour.
    return np.arange(pixels + 1, dtype=np.int64) * count // pixels


def min_max(samples: NDArray[Any], edges: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Smallest and largest of ``samples[edges[p]:edges[p + 1]]`` per pixel and channel; NaN only where all are.

    Parameters
    ----------
    samples : array, (T, C)
    edges : int array, (P + 1,)
        Strictly ascending, from 0 to T.

    Returns
    -------
    minimum, maximum : arrays, (P, C)
    """
    starts = edges[:-1]
    if samples.dtype.kind == "f":
        return np.fmin.reduceat(samples, starts, axis=0), np.fmax.reduceat(samples, starts, axis=0)
    return np.minimum.reduceat(samples, starts, axis=0), np.maximum.reduceat(samples, starts, axis=0)


def _check(recording: BaseRecording, segment: int, channels: Sequence[int] | None, max_points: int) -> list[int]:
    segments, count = recording.get_num_segments(), recording.get_num_channels()
    if not 0 <= segment < segments:
        raise Invalid({"segment": f"Must be from 0 to {segments - 1}; {segment} is not."})
    if not 1 <= max_points <= MOST_POINTS:
        raise Invalid({"max_points": f"Must be from 1 to {MOST_POINTS}; {max_points} is not."})
    positions = list(range(count)) if channels is None else [int(channel) for channel in channels]
    wrong = [position for position in positions if not 0 <= position < count]
    if wrong or not positions:
        given = f"{wrong[0]} is not" if wrong else "none is given"
        raise Invalid({"channels": f"Must be positions from 0 to {count - 1}; {given}."})
    return positions


def _extremes(
    recording: BaseRecording, segment: int, first: int, edges: NDArray[np.int64], positions: list[int]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """`min_max` over the window, read in pieces of whole pixels so that memory stays small."""
    ids = recording.channel_ids[positions]
    scaled = bool(recording.has_scaleable_traces())
    per_piece = max(1, int(CHUNK_SAMPLES // max(1, len(positions) * int(np.diff(edges).max()))))
    lows, highs = [], []
    for start in range(0, len(edges) - 1, per_piece):
        piece = edges[start : start + per_piece + 1]
        samples = recording.get_traces(
            segment_index=segment,
            start_frame=first + int(piece[0]),
            end_frame=first + int(piece[-1]),
            channel_ids=ids,
            return_in_uV=scaled,
        )
        low, high = min_max(np.asarray(samples), piece - piece[0])
        lows.append(low)
        highs.append(high)
    return np.concatenate(lows), np.concatenate(highs)


def _finite(row: NDArray[Any]) -> list[float | int | None]:
    if row.dtype.kind != "f" or np.isfinite(row).all():
        values: list[float | int | None] = row.tolist()
        return values
    return [value if ok else None for value, ok in zip(row.tolist(), np.isfinite(row), strict=True)]
