"""The pyramid of a recording: smallest and largest sample of every block of samples, at ever coarser levels.

A block of level 0 holds `FACTOR` samples, one of each further level `BASE` blocks of the level before, so that a window
of any length is drawn from a few blocks per pixel. A pyramid is a folder:

``plan.json``
    What it is of: factor, type, channels, lengths of the segments, number of levels.
``state.json``
    How far it is: segments that are complete and samples of the one that is not. What it says is on disk; a file may
    be longer, never shorter.
``<segment>-<level>.pairs``
    Blocks in order, (blocks, 2, channels) of the source's type: minima, then maxima; NaN in both where a block has no
    valid sample.
``<segment>-<level>.invalid``
    For floating-point sources: NaN and infinities of each block, uint32 (blocks, channels). Holes where all is well.

`grow` makes one in a single pass and goes on where an earlier run was stopped; the files do not depend on where that
was. It can be read while it grows.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbox_local.ephys import extremes
from labbox_local.ephys import pyramid_kernels as kernels
from labbox_local.ephys.extremes import Counts, Pairs
from labbox_local.ephys.sources import FlatFile, FlatSource, Source

VERSION = 1
BASE = 4
# Measured on int16, 2 cores: 16 takes 1/6 of the source on disk and builds at 0.6 of the speed of a sum over it, 32
# takes 1/12 at 0.85, 64 takes 1/24 at 0.95. Below 4 × 32 samples per pixel the samples themselves are read: at 1 600
# pixels and 384 channels at most 160 MB, which is 30 ms.
FACTOR = 32
TOP_BLOCKS = 512
CHUNK_BYTES = 1 << 24
CHECKPOINT_S = 1.0
PLAN, STATE = "plan.json", "state.json"
COUNT = np.dtype(np.uint32)


@dataclass(frozen=True)
class Plan:
    """What a pyramid is of."""

    dtype: str
    channel_count: int
    sample_counts: tuple[int, ...]
    factor: int = FACTOR
    base: int = BASE
    version: int = VERSION

    @cached_property
    def level_count(self) -> int:
        """Levels until the longest segment has few blocks."""
        levels, longest = 1, max(self.sample_counts)
        while longest > self.samples_per_block(levels - 1) * TOP_BLOCKS:
            levels += 1
        return levels

    @property
    def floating(self) -> bool:
        """Whether samples may be invalid."""
        return np.dtype(self.dtype).kind == "f"

    def samples_per_block(self, level: int) -> int:
        """Samples of a whole block."""
        return int(self.factor * self.base**level)

    def blocks(self, segment: int, level: int, samples: int) -> int:
        """Finished blocks once so many samples of the segment are in; the segment's last block may be a short one."""
        size = self.samples_per_block(level)
        return -(-samples // size) if samples >= self.sample_counts[segment] else samples // size

    def row_bytes(self) -> int:
        """Bytes of a block."""
        return 2 * self.channel_count * np.dtype(self.dtype).itemsize

    def text(self) -> str:
        """The content of the plan's file."""
        return json.dumps({**asdict(self), "level_count": self.level_count}, indent=1)


@dataclass(frozen=True)
class State:
    """How far a pyramid is: complete segments, and samples that are in of the next."""

    segments: int = 0
    samples: int = 0

    def built(self, plan: Plan, segment: int) -> int:
        """Samples of a segment that are in."""
        if segment == self.segments:
            return self.samples
        return plan.sample_counts[segment] if segment < self.segments else 0


class Pyramid:
    """A pyramid on disk, whole or growing, as it was when opened."""

    def __init__(self, folder: Path, plan: Plan, state: State) -> None:
        self.folder = folder
        self.plan = plan
        self.state = state

    @property
    def coverage(self) -> float:
        """The part of all samples that is in, from 0 to 1."""
        counts = self.plan.sample_counts
        return sum(self.built(segment) for segment in range(len(counts))) / max(1, sum(counts))

    def built(self, segment: int) -> int:
        """Samples of a segment that are in, from its start."""
        return self.state.built(self.plan, segment)

    def level_for(self, samples: int, least: int = 1) -> int | None:
        """The coarsest level of which at least `least` blocks fit into so many samples; None if none does."""
        fit = [level for level in range(self.plan.level_count) if self.plan.samples_per_block(level) * least <= samples]
        return fit[-1] if fit else None

    def envelope(
        self, level: int, segment: int, start: int, stop: int, width: int, channels: NDArray[np.int64], threads: int = 1
    ) -> tuple[Pairs, Counts]:
        """As `extremes.envelope`, from the blocks of a level.

        `start` and `width` are multiples of the level's block; `stop` is one, or the end of the segment, and has been
        built.
        """
        size = self.plan.samples_per_block(level)
        first, last, step = start // size, -(-stop // size), width // size
        columns = -(-(last - first) // step)
        pairs = extremes.untouched(np.dtype(self.plan.dtype), columns, len(channels))
        invalid = extremes.no_counts(pairs.dtype, columns, len(channels))
        blocks, counts = self._pairs(segment, level), self._counts(segment, level)

        def part(begin: int, end: int) -> None:
            stretch = (first + begin * step, min(last, first + end * step))
            for block, rows in blocks.pieces(0, *stretch):
                shaped = rows.reshape(len(rows), 2, self.plan.channel_count)
                extremes.merge(shaped, channels, block - first, step, pairs)
            for block, rows in counts.pieces(0, *stretch) if len(invalid) else ():
                kernels.add_counts(rows, channels, block - first, step, invalid)

        few = threads if (last - first) * self.plan.row_bytes() >= extremes.WORTH_A_THREAD_BYTES else 1
        extremes.share(part, columns, few)
        return extremes.finished(pairs), invalid

    def _pairs(self, segment: int, level: int) -> FlatSource:
        return self._file(f"{segment}-{level}.pairs", segment, level, np.dtype(self.plan.dtype), 2)

    def _counts(self, segment: int, level: int) -> FlatSource:
        return self._file(f"{segment}-{level}.invalid", segment, level, COUNT, 1)

    def _file(self, name: str, segment: int, level: int, dtype: np.dtype[Any], per_channel: int) -> FlatSource:
        row = per_channel * self.plan.channel_count
        count = self.plan.blocks(segment, level, self.built(segment))
        return FlatSource([FlatFile(str(self.folder / name), dtype, 0, row, count)], np.arange(row, dtype=np.int64))


def open_pyramid(folder: Path) -> Pyramid | None:
    """The pyramid in `folder` as far as it is, None if there is none."""
    plan, state = _read_plan(folder), _read_state(folder)
    return None if plan is None or state is None else Pyramid(folder, plan, state)


def plan_of(source: Source, factor: int = FACTOR) -> Plan:
    """The plan for a source's pyramid."""
    return Plan(source.dtype.name, len(source.channels), tuple(source.sample_counts), factor)


def grow(
    source: Source,
    folder: Path,
    *,
    factor: int = FACTOR,
    threads: int = 1,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Pyramid:
    """Makes the pyramid of a source in `folder`, or goes on with the one that is there.

    Whenever this is interrupted, the next call goes on from what was on disk about a second before, and the levels
    come out the same to the byte. What is in the folder but is the pyramid of something else is removed.
    """
    plan = plan_of(source, factor)
    state = _read_state(folder)
    if _read_plan(folder) != plan or state is None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _write_beside(folder / PLAN, plan.text())
        state = State()
        _write_state(folder, state)
    for segment in range(state.segments, len(plan.sample_counts)):
        state = _grow_segment(source, Pyramid(folder, plan, state), segment, threads, progress)
    return Pyramid(folder, plan, state)


def _grow_segment(
    source: Source, begun: Pyramid, segment: int, threads: int, progress: Callable[[float], None]
) -> State:
    plan, total = begun.plan, begun.plan.sample_counts[segment]
    step = chunk_of(plan, source.chunk * threads)
    everything = np.arange(plan.channel_count, dtype=np.int64)
    next_s = time.monotonic() + CHECKPOINT_S
    with _Levels(begun, segment) as levels:
        for start in range(begun.built(segment), total, step):
            stop = min(start + step, total)
            pairs, invalid = extremes.envelope(source, segment, start, stop, plan.factor, everything, threads)
            levels.add(pairs, invalid, ends=stop == total)
            if time.monotonic() >= next_s and stop < total:
                levels.flush()
                state = State(segment, stop)
                _write_state(begun.folder, state)
                progress(Pyramid(begun.folder, plan, state).coverage)
                next_s = time.monotonic() + CHECKPOINT_S
        levels.flush()
    state = State(segment + 1, 0)
    _write_state(begun.folder, state)
    progress(Pyramid(begun.folder, plan, state).coverage)
    return state


def chunk_of(plan: Plan, grain: int) -> int:
    """Samples that are read at a time: 16 MiB of whole blocks and, where samples are computed, of whole grains."""
    row_bytes = plan.channel_count * np.dtype(plan.dtype).itemsize
    whole = math.lcm(plan.factor, grain)
    return max(1, CHUNK_BYTES // row_bytes // whole) * whole


class _Levels:
    """The files of a segment while it grows, each level's blocks made from those of the level before."""

    def __init__(self, begun: Pyramid, segment: int) -> None:
        self._plan = begun.plan
        sizes = [begun.plan.blocks(segment, level, begun.built(segment)) for level in range(begun.plan.level_count)]
        place = begun.folder
        pair, count = begun.plan.row_bytes(), begun.plan.channel_count * COUNT.itemsize
        self._pairs = [_Growing(place / f"{segment}-{level}.pairs", pair, size) for level, size in enumerate(sizes)]
        self._counts = [
            _Growing(place / f"{segment}-{level}.invalid", count, size)
            for level, size in enumerate(sizes if begun.plan.floating else ())
        ]
        # Blocks that wait for their neighbours before they make a block of the next level.
        self._waiting = [self._tail(level, sizes) for level in range(begun.plan.level_count - 1)]

    def __enter__(self) -> _Levels:
        return self

    def __exit__(self, *error: object) -> None:
        for file in (*self._pairs, *self._counts):
            file.close()

    def add(self, pairs: Pairs, invalid: Counts, ends: bool) -> None:
        """Adds blocks to level 0, and to the others what follows from them; all that waits when the segment ends."""
        for level in range(self._plan.level_count):
            self._append(level, pairs, invalid)
            if level == self._plan.level_count - 1:
                break
            pairs, invalid = (np.concatenate(both) for both in zip(self._waiting[level], (pairs, invalid), strict=True))
            ready = len(pairs) if ends else len(pairs) // self._plan.base * self._plan.base
            self._waiting[level] = (pairs[ready:], invalid[ready:])
            pairs, invalid = self._coarser(pairs[:ready], invalid[:ready])

    def flush(self) -> None:
        """Waits until all that was added is on disk."""
        for file in (*self._pairs, *self._counts):
            file.flush()

    def _append(self, level: int, pairs: Pairs, invalid: Counts) -> None:
        self._pairs[level].append(pairs)
        if self._counts:
            self._counts[level].append(invalid)

    def _coarser(self, pairs: Pairs, invalid: Counts) -> tuple[Pairs, Counts]:
        base, channels = self._plan.base, np.arange(self._plan.channel_count, dtype=np.int64)
        columns = -(-len(pairs) // base)
        merged = extremes.untouched(pairs.dtype, columns, len(channels))
        counts = extremes.no_counts(pairs.dtype, columns, len(channels))
        extremes.merge(pairs, channels, 0, base, merged)
        if len(counts):
            kernels.add_counts(invalid, channels, 0, base, counts)
        return extremes.finished(merged), counts

    def _tail(self, level: int, sizes: Sequence[int]) -> tuple[Pairs, Counts]:
        dtype, channels = np.dtype(self._plan.dtype), self._plan.channel_count
        first, last = sizes[level + 1] * self._plan.base, sizes[level]
        first = min(first, last)  # a complete segment has no waiting blocks
        pairs = self._pairs[level].read(first, last, dtype).reshape(-1, 2, channels)
        if not self._counts:
            return pairs, extremes.no_counts(dtype, 0, channels)
        return pairs, self._counts[level].read(first, last, COUNT).reshape(-1, channels)


class _Growing:
    """A file of rows that is cut to what is known to be right and then appended to."""

    def __init__(self, path: Path, row_bytes: int, rows: int) -> None:
        path.touch()
        self._file = path.open("r+b", buffering=0)
        self._row_bytes = row_bytes
        self._end = rows * row_bytes
        self._file.truncate(self._end)

    def append(self, rows: NDArray[Any]) -> None:
        """Writes rows at the end; rows of zeros alone become a hole."""
        if rows.dtype != COUNT or rows.any():
            self._file.seek(self._end)
            view = np.ascontiguousarray(rows).reshape(-1).view(np.uint8).data
            while len(view):
                view = view[self._file.write(view) :]
        self._end += rows.nbytes

    def read(self, first: int, last: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Rows from `first` up to and without `last`."""
        self._file.seek(first * self._row_bytes)
        return np.frombuffer(self._file.read((last - first) * self._row_bytes), dtype=dtype).copy()

    def flush(self) -> None:
        """Waits until all is on disk."""
        self._file.truncate(self._end)
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()


def _read_plan(folder: Path) -> Plan | None:
    found = _read_json(folder / PLAN)
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return None
    found.pop("level_count")
    return Plan(**{**found, "sample_counts": tuple(found["sample_counts"])})


def _read_state(folder: Path) -> State | None:
    found = _read_json(folder / STATE)
    return State(**found) if isinstance(found, dict) else None


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_state(folder: Path, state: State) -> None:
    _write_beside(folder / STATE, json.dumps(asdict(state)))


def _write_beside(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
