"""Small flat recordings for the tests of traces, and what a frame must hold, said slowly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbox_local.ephys.sources import FlatFile, FlatSource
from labbox_local.ephys.windows import View


def write_flat(
    folder: Path, segments: Sequence[NDArray[Any]], header: int = 0, channelwise: bool = False
) -> FlatSource:
    """The segments as flat files, and the source that reads them."""
    files = []
    for number, samples in enumerate(segments):
        path = folder / f"{number}.raw"
        stored = samples.T if channelwise else samples
        path.write_bytes(b"\x7f" * header + np.ascontiguousarray(stored).tobytes())
        files.append(FlatFile(str(path), samples.dtype, header, samples.shape[1], len(samples), channelwise))
    return FlatSource(files, np.arange(segments[0].shape[1], dtype=np.int64))


def view_of(source: Any) -> View:
    """A view with gains that differ from channel to channel."""
    count = len(source.channels)
    ids = [f"ch{number}" for number in range(count)]
    return View(source, ids, np.linspace(0.1, 2.0, count), np.linspace(-5.0, 5.0, count), "µV", 30000.0)


def slow_columns(samples: NDArray[Any], header: dict[str, Any]) -> NDArray[Any]:
    """What the planes of an envelope must hold, from all samples of its segment: (2, channels, columns)."""
    width, origin = header["samples_per_column"], header["first_sample"]
    end = origin + header["sample_count"]
    planes = np.full((2, len(header["channels"]), header["columns"]), np.nan)
    for row, channel in enumerate(header["channels"]):
        for column in range(header["columns"]):
            stretch = samples[origin + column * width : min(end, origin + (column + 1) * width), channel]
            valid = stretch[np.isfinite(stretch)]
            if len(valid):
                planes[:, row, column] = valid.min(), valid.max()
    return planes
