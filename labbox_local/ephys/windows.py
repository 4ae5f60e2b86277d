"""Any window of a recording as a frame: near ones from the samples, wide ones from the pyramid, none refused.

Where neither can answer in time (a long window, no pyramid yet), a few samples of every part are drawn within a budget
of bytes and seconds, and the frame says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbox_local.ephys import extremes, frames
from labbox_local.ephys.extremes import Counts, Pairs
from labbox_local.ephys.pyramid import Pyramid
from labbox_local.ephys.sources import Source
from labbox_local.errors import Invalid

MOST_COLUMNS = 8192
# A window of a file that is in the cache of the disk is read at some 5 GB/s; more than this is for the pyramid.
EXACT_BYTES = 1_000_000_000
# Filters compute some 25 million values a second.
EXACT_VALUES = 20_000_000
# Levels are used where a column holds at least so many blocks: columns are whole blocks, so that these get at most a
# quarter wider than asked.
BLOCKS_PER_COLUMN = 4
SAMPLED_BYTES = 64_000_000
SAMPLED_LEAST = 16
SAMPLED_S = 0.12
COMPUTED_S = 0.4


@dataclass(frozen=True, eq=False)
class View:
    """An open recording to be looked at: where its samples come from, and what they mean.

    Parameters
    ----------
    source : Source
    channel_ids : sequence of int or str, (C,)
    scale, offset : float arrays, (C,)
        Physical value = sample × scale + offset.
    unit : str
        "µV" or "a.u.".
    positions : int64 array, (C,), optional
        Which channel of the recording each one is; the same ones when None.
    """

    source: Source
    channel_ids: Sequence[Any]
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]
    unit: str
    sampling_rate_hz: float
    positions: NDArray[np.int64] | None = None

    def of_recording(self, channels: NDArray[np.int64]) -> list[int]:
        """The channels of the recording that these of the view are."""
        chosen = channels if self.positions is None else self.positions[channels]
        return [int(channel) for channel in chosen]


@dataclass(frozen=True)
class Window:
    """What is asked for: samples of a segment, pixels, and positions of channels (all when None)."""

    segment: int
    start: int
    count: int
    columns: int
    channels: Sequence[int] | None = None


@dataclass(frozen=True, eq=False)
class _Drawn:
    pairs: Pairs
    invalid: Counts
    first: int
    last: int
    width: int
    source: str
    built: int
    coverage: float
    message: str = ""


def answer(view: View, pyramid: Pyramid | None, window: Window, extra: Mapping[str, Any] | None = None) -> bytes:
    """The window as a frame of kind ``lines`` or ``envelope``; see `frames`.

    Parameters
    ----------
    view : View
    pyramid : Pyramid, optional
        Of the view's source, whole or growing.
    window : Window
        Cut to the segment. At most one column more than asked comes back, on a grid of whole columns from the segment's
        start, so that panning does not change what a column holds.
    extra : mapping, optional
        More for the header.

    Raises
    ------
    Invalid
        At the part of the window that cannot be.
    Unavailable
        When the file is gone or has become shorter.
    """
    channels = _checked(view, window)
    total = view.source.sample_counts[window.segment]
    first, last = (min(max(edge, 0), total) for edge in (window.start, window.start + window.count))
    if last - first <= window.columns:
        return _lines(view, window, first, last, channels, extra or {})
    drawn = _draw(view, pyramid, window, first, last, channels)
    return _envelope(view, window, drawn, channels, extra or {})


def _checked(view: View, window: Window) -> NDArray[np.int64]:
    segments, count = len(view.source.sample_counts), len(view.channel_ids)
    if not 0 <= window.segment < segments:
        raise Invalid({"segment": f"Must be from 0 to {segments - 1}; {window.segment} is not."})
    if window.count < 1:
        raise Invalid({"count": f"Must be at least 1 sample; {window.count} is not."})
    if not 1 <= window.columns <= MOST_COLUMNS:
        raise Invalid({"columns": f"Must be from 1 to {MOST_COLUMNS}; {window.columns} is not."})
    positions = range(count) if window.channels is None else window.channels
    wrong = [position for position in positions if not 0 <= position < count]
    if wrong or not len(positions):
        given = f"{wrong[0]} is not" if wrong else "none is given"
        raise Invalid({"channels": f"Must be positions from 0 to {count - 1}; {given}."})
    return np.asarray(positions, dtype=np.int64)


def _lines(
    view: View, window: Window, first: int, last: int, channels: NDArray[np.int64], extra: Mapping[str, Any]
) -> bytes:
    samples = view.source.read(window.segment, first, last, channels)
    invalid = int(np.count_nonzero(~np.isfinite(samples))) if samples.dtype.kind == "f" else 0
    header = {
        **_header(view, window, channels, "lines", samples.dtype),
        "columns": last - first,
        "first_sample": first,
        "samples_per_column": 1,
        "sample_count": last - first,
        "source": "file",
        "coverage": 1.0,
        "built": [[0, last - first]],
        "invalid": invalid,
        "message": "",
        **extra,
    }
    return frames.encode(header, [samples.astype(header["dtype"], copy=False).T])


def _envelope(
    view: View, window: Window, drawn: _Drawn, channels: NDArray[np.int64], extra: Mapping[str, Any]
) -> bytes:
    header = {
        **_header(view, window, channels, "envelope", drawn.pairs.dtype),
        "columns": len(drawn.pairs),
        "first_sample": drawn.first,
        "samples_per_column": drawn.width,
        "sample_count": drawn.last - drawn.first,
        "source": drawn.source,
        "coverage": drawn.coverage,
        "built": [[0, drawn.built]] if drawn.built else [],
        "invalid": int(drawn.invalid.sum(dtype=np.int64)),
        "message": drawn.message,
        **extra,
    }
    pairs = drawn.pairs.astype(header["dtype"], copy=False)
    return frames.encode(header, [pairs[:, 0].T, pairs[:, 1].T])


def _header(view: View, window: Window, channels: NDArray[np.int64], kind: str, dtype: np.dtype[Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "dtype": frames.travelling(dtype).name,
        "channel_ids": [view.channel_ids[channel] for channel in channels],
        "channels": view.of_recording(channels),
        "segment": window.segment,
        "sampling_rate_hz": view.sampling_rate_hz,
        "scale": view.scale[channels].tolist(),
        "offset": view.offset[channels].tolist(),
        "unit": view.unit,
    }


def _draw(
    view: View, pyramid: Pyramid | None, window: Window, first: int, last: int, channels: NDArray[np.int64]
) -> _Drawn:
    wanted = -(-(last - first) // window.columns)
    affordable = _affordable(view.source, last - first)
    level = None if pyramid is None else pyramid.level_for(wanted, BLOCKS_PER_COLUMN)
    whole = pyramid is not None and pyramid.built(window.segment) >= last
    if affordable and (level is None or not whole):
        return _exact(view, window.segment, first, last, wanted, channels)
    if pyramid is None:
        return _sampled(view, window.segment, first, last, wanted, channels)
    level = level if level is not None else pyramid.level_for(wanted) or 0
    return _from_pyramid(view, pyramid, level, window.segment, first, last, wanted, channels)


def _affordable(source: Source, count: int) -> bool:
    values = count * len(source.channels)
    return values * source.dtype.itemsize <= EXACT_BYTES if source.cheap else values <= EXACT_VALUES


def _exact(view: View, segment: int, first: int, last: int, width: int, channels: NDArray[np.int64]) -> _Drawn:
    first, last = _on_grid(first, last, width, view.source.sample_counts[segment])
    threads = extremes.core_count()
    pairs, invalid = extremes.envelope(view.source, segment, first, last, width, channels, threads)
    return _Drawn(pairs, invalid, first, last, width, "file", len(pairs), 1.0)


def _from_pyramid(
    view: View, pyramid: Pyramid, level: int, segment: int, first: int, last: int, wanted: int,
    channels: NDArray[np.int64],
) -> _Drawn:  # fmt: skip
    block = pyramid.plan.samples_per_block(level)
    width = -(-wanted // block) * block
    total = view.source.sample_counts[segment]
    first, last = _on_grid(first, last, width, total)
    columns = -(-(last - first) // width)
    built = pyramid.built(segment)
    ready = columns if built >= last else max(0, (built - first) // width)
    pairs = extremes.untouched(view.source.dtype, columns, len(channels))
    invalid = extremes.no_counts(view.source.dtype, columns, len(channels))
    message = ""
    if ready:
        end, threads = min(last, first + ready * width), extremes.core_count()
        pairs[:ready], invalid[:ready] = pyramid.envelope(level, segment, first, end, width, channels, threads)
    if ready < columns:
        rest = first + ready * width
        part = _sample(view.source, segment, rest, last, width, channels, pairs[ready:], invalid[ready:])
        covered = f"{_percent(pyramid.coverage)} of the overview are built"
        message = f"{covered}; of the rest, {_percent(part)} of the samples are drawn."
    return _Drawn(pairs, invalid, first, last, width, "pyramid", ready, pyramid.coverage, message)


def _sampled(view: View, segment: int, first: int, last: int, width: int, channels: NDArray[np.int64]) -> _Drawn:
    first, last = _on_grid(first, last, width, view.source.sample_counts[segment])
    columns = -(-(last - first) // width)
    pairs = extremes.untouched(view.source.dtype, columns, len(channels))
    invalid = extremes.no_counts(view.source.dtype, columns, len(channels))
    part = _sample(view.source, segment, first, last, width, channels, pairs, invalid)
    message = f"{_percent(part)} of the samples are drawn; build the overview to see all of them."
    return _Drawn(pairs, invalid, first, last, width, "file", 0, 0.0, message)


def _sample(
    source: Source, segment: int, first: int, last: int, width: int, channels: NDArray[np.int64],
    pairs: Pairs, invalid: Counts, clock: Callable[[], float] = time.monotonic,
) -> float:  # fmt: skip
    """Widens columns by a few of their samples, spread ever more densely until the budget is used up.

    Returns the part of the samples that was read.
    """
    deadline_s = clock() + (SAMPLED_S if source.cheap else COMPUTED_S)
    places = source.channels[channels]
    read = 0
    for start, stop in _spread(source, first, last, width):
        for sample, rows in source.pieces(segment, start, stop):
            extremes.widen(rows, places, sample - first, width, pairs, invalid)
            read += len(rows)
        if clock() >= deadline_s:
            break
    extremes.finished(pairs)
    return read / max(1, last - first)


def _spread(source: Source, first: int, last: int, width: int) -> list[tuple[int, int]]:
    """Stretches to read, such that the first n of them are spread evenly for any n."""
    grain = source.chunk
    starts = range(first // grain * grain, last, -(-max(grain, width) // grain) * grain)
    length = grain
    if grain == 1:
        row_bytes = len(source.channels) * source.dtype.itemsize
        length = min(width, max(SAMPLED_LEAST, SAMPLED_BYTES // row_bytes // max(1, len(starts))))
    bits = max(1, (len(starts) - 1).bit_length())
    order = sorted(range(len(starts)), key=lambda number: int(f"{number:0{bits}b}"[::-1], 2))
    return [(max(first, starts[k]), min(last, starts[k] + length)) for k in order if starts[k] + length > first]


def _on_grid(first: int, last: int, width: int, total: int) -> tuple[int, int]:
    return first // width * width, min(total, -(-last // width) * width)


def _percent(part: float) -> str:
    return f"{100 * part:.3g} %"
