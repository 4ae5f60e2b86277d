"""Where the samples of a recording come from, piece by piece and in bounded memory.

Flat files are read directly, never through a memory map: reading a mapped file that became shorter kills the process,
a plain read comes back short and becomes a sentence. Pieces of a megabyte stay in the processor's cache between
the read and the loop over them, which makes them as fast as a map when the file is cached, and faster when it is not.
"""

from __future__ import annotations

import math
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray
from spikeinterface.core import BaseRecording

from labbox_local.errors import Unavailable

Rows = NDArray[Any]
Made = TypeVar("Made")
# Gives what is held under a key, or makes and perhaps holds it; the last argument says how many bytes it takes.
Keep = Callable[[Hashable, Callable[[], Any], Callable[[Any], int]], Any]
PIECE_BYTES = 1 << 20
# A file that holds one channel after the other needs a seek per channel and piece.
CHANNELWISE_PIECE_BYTES = 1 << 23
CHUNK_BYTES = 1 << 23
LOCATE_HINT = "Put it back, or say on the recording's page where it is now."


def keep_nothing(key: Hashable, make: Callable[[], Any], size_bytes: Callable[[Any], int]) -> Any:
    """A `Keep` that holds nothing."""
    return make()


class Source(ABC):
    """The samples of all segments of a recording, in rows of all channels.

    Attributes
    ----------
    dtype : dtype
        Of the rows; in the machine's own byte order.
    sample_counts : tuple of int
        Samples of each segment.
    channels : int64 array, (C,)
        Where each channel of the recording stands in a row.
    chunk : int
        Samples that are computed together, on a grid from the segment's start; 1 where each can be had alone.
    cheap : bool
        Whether reading costs little more than the disk does, so that long windows may be read whole.
    threads : bool
        Whether several threads may read at once.
    """

    dtype: np.dtype[Any]
    sample_counts: tuple[int, ...]
    channels: NDArray[np.int64]
    chunk: int
    cheap: bool
    threads: bool

    @abstractmethod
    def pieces(self, segment: int, start: int, stop: int) -> Iterator[tuple[int, Rows]]:
        """Samples `start` to `stop` of a segment, in order: the first sample of each piece and its rows.

        The rows, (n, row channels), are contiguous and hold until the next piece is asked for.
        """

    def read(self, segment: int, start: int, stop: int, channels: NDArray[np.int64]) -> Rows:
        """Samples `start` to `stop` of the channels at these positions, (stop − start, channels)."""
        samples = np.empty((stop - start, len(channels)), dtype=self.dtype)
        for first, rows in self.pieces(segment, start, stop):
            samples[first - start : first - start + len(rows)] = rows[:, self.channels[channels]]
        return samples


@dataclass(frozen=True)
class FlatFile:
    """The samples of one segment in a file, all of one type; by ``channelwise``, one channel after the other."""

    path: str
    dtype: np.dtype[Any]
    offset: int
    row_channels: int
    sample_count: int
    channelwise: bool = False

    @property
    def row_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return self.row_channels * self.dtype.itemsize


class FlatSource(Source):
    """Flat files, a segment each."""

    chunk = 1
    cheap = True
    threads = True

    def __init__(self, files: Sequence[FlatFile], channels: NDArray[np.int64]) -> None:
        self.files = tuple(files)
        self.channels = channels
        self.dtype = files[0].dtype.newbyteorder("=")
        self.sample_counts = tuple(file.sample_count for file in files)

    def pieces(self, segment: int, start: int, stop: int) -> Iterator[tuple[int, Rows]]:
        """See `Source.pieces`."""
        file = self.files[segment]
        size = CHANNELWISE_PIECE_BYTES if file.channelwise else PIECE_BYTES
        count = max(1, min(stop - start, size // file.row_bytes))
        buffer = np.empty((count, file.row_channels), dtype=file.dtype)
        with _opened(file.path) as handle:
            for first in range(start, stop, count):
                rows = buffer[: min(count, stop - first)]
                if file.channelwise:
                    rows = _read_channelwise(handle, file, first, rows)
                else:
                    handle.seek(file.offset + first * file.row_bytes)
                    _fill(handle, file, rows)
                yield first, rows if rows.dtype.isnative else rows.astype(self.dtype)


class TracesSource(Source):
    """Anything that SpikeInterface reads or computes, in chunks on a fixed grid that may be kept.

    Parameters
    ----------
    recording : BaseRecording
    margin : int
        Samples that are computed and thrown away on both sides of a chunk, besides what the steps themselves take.
    keep : Keep
        Holds chunks from one window to the next.
    name : hashable
        Tells this recording's chunks from those of others.
    files : mapping of str to int
        Bytes of the files behind the recording when it was opened: readers map them into memory.
    threads : bool
        Whether the recording may be read by several threads at once.
    """

    cheap = False

    def __init__(
        self,
        recording: BaseRecording,
        *,
        margin: int = 0,
        keep: Keep = keep_nothing,
        name: Hashable = "",
        files: Mapping[str, int] | None = None,
        threads: bool = False,
    ) -> None:
        count = int(recording.get_num_channels())
        self.recording = recording
        self.dtype = np.dtype(recording.get_dtype()).newbyteorder("=")
        self.sample_counts = tuple(recording.get_num_samples(s) for s in range(recording.get_num_segments()))
        self.channels = np.arange(count, dtype=np.int64)
        self.threads = threads
        self.margin = margin
        self.chunk = chunk_samples(count * self.dtype.itemsize, margin)
        self._keep = keep
        self._name = name
        self._files = dict(files or {})

    def pieces(self, segment: int, start: int, stop: int) -> Iterator[tuple[int, Rows]]:
        """See `Source.pieces`."""
        check_files(self._files)
        for number in range(start // self.chunk, -(-stop // self.chunk)):
            origin = number * self.chunk
            rows = self._keep((self._name, segment, number), partial(self._computed, segment, origin), _size)
            first, last = max(start, origin), min(stop, origin + len(rows))
            yield first, rows[first - origin : last - origin]

    def _computed(self, segment: int, origin: int) -> Rows:
        stop = min(origin + self.chunk, self.sample_counts[segment])
        before = max(0, origin - self.margin)
        after = min(self.sample_counts[segment], stop + self.margin)
        traces = self.recording.get_traces(segment_index=segment, start_frame=before, end_frame=after)
        return np.ascontiguousarray(traces[origin - before : stop - before], dtype=self.dtype)


def chunk_samples(row_bytes: int, margin: int) -> int:
    """Samples of a chunk: some megabytes, and long enough that its margins are less than half of what is computed."""
    wanted = max(CHUNK_BYTES // row_bytes, 2 * margin, 1)
    return 1 << math.ceil(math.log2(wanted))


def flat_files(recording: BaseRecording) -> FlatSource | None:
    """The recording as flat files, if its segments are nothing else."""
    if recording.is_binary_compatible():
        return _of_description(recording)
    reader = getattr(recording, "neo_reader", None)
    if reader is None or not reader.has_buffer_description_api():
        return None
    return _of_neo(recording, reader)


def sizes_of(files: Sequence[str | Path]) -> dict[str, int]:
    """Bytes of each file, for `check_files`."""
    return {str(file): os.stat(file).st_size for file in files}


def check_files(files: Mapping[str, int]) -> None:
    """Passes when all files are at least as long as they were. Raises Unavailable."""
    for path, size in files.items():
        try:
            now = os.stat(path).st_size
        except OSError as error:
            raise _trouble(path, error) from error
        if now < size:
            raise _shortened(path, size, now)


def _of_description(recording: BaseRecording) -> FlatSource | None:
    described = recording.get_binary_description()
    count = int(described["num_channels"])
    if count != recording.get_num_channels():
        return None
    files = [
        FlatFile(
            str(path),
            np.dtype(described["dtype"]),
            int(described["file_offset"]),
            count,
            int(recording.get_num_samples(segment)),
            described["time_axis"] == 1,
        )
        for segment, path in enumerate(described["file_paths"])
    ]
    return FlatSource(files, np.arange(count, dtype=np.int64)) if len(files) == recording.get_num_segments() else None


def _of_neo(recording: BaseRecording, reader: Any) -> FlatSource | None:
    files = []
    stream = reader.header["signal_streams"][recording.stream_index]
    for segment in recording.segments:
        described = reader.get_analogsignal_buffer_description(
            segment.block_index, segment.segment_index, stream["buffer_id"]
        )
        if described["type"] != "raw" or described.get("time_axis", 0) != 0 or segment.inverted_gain:
            return None
        samples, row_channels = described["shape"]
        dtype, offset = np.dtype(described["dtype"]), int(described["file_offset"])
        files.append(FlatFile(str(described["file_path"]), dtype, offset, int(row_channels), int(samples)))
    part = reader._stream_buffer_slice[stream["id"]]
    channels = np.arange(files[0].row_channels, dtype=np.int64)
    channels = channels if part is None else channels[part]
    matches = len(channels) == recording.get_num_channels() and files[0].dtype == recording.get_dtype()
    return FlatSource(files, channels) if matches else None


def _opened(path: str) -> BinaryIO:
    try:
        return open(path, "rb", buffering=0)
    except OSError as error:
        raise _trouble(path, error) from error


def _fill(handle: BinaryIO, file: FlatFile, rows: Rows) -> None:
    """Reads on until the rows are full."""
    view = rows.view(np.uint8).reshape(-1).data
    while len(view):
        try:
            count = handle.readinto(view)  # type: ignore[attr-defined]
        except OSError as error:
            raise _trouble(file.path, error) from error
        if not count:
            now = os.fstat(handle.fileno()).st_size
            raise _shortened(file.path, file.offset + file.sample_count * file.row_bytes, now)
        view = view[count:]


def _read_channelwise(handle: BinaryIO, file: FlatFile, first: int, rows: Rows) -> Rows:
    lanes = np.empty(rows.shape[::-1], dtype=rows.dtype)
    for channel, lane in enumerate(lanes):
        handle.seek(file.offset + (channel * file.sample_count + first) * file.dtype.itemsize)
        _fill(handle, file, lane)
    return np.ascontiguousarray(lanes.T)


def _trouble(path: str, error: OSError) -> Unavailable:
    if isinstance(error, FileNotFoundError):
        return Unavailable(f"The file {path} is not there any more.", LOCATE_HINT)
    return Unavailable(f"The file {path} cannot be read: {error.strerror or error}.")


def _shortened(path: str, before: int, now: int) -> Unavailable:
    return Unavailable(
        f"The file {path} has become shorter since it was opened: it had at least {before:,} bytes, it has {now:,}.",
        "If it is being copied or written, wait until that is done and import it again.",
    )


def _size(rows: Rows) -> int:
    return int(rows.nbytes)
