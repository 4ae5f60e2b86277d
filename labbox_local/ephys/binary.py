"""Flat binary files: every way in which the numbers given cannot fit the file is said before anything is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from spikeinterface.core import BaseRecording, BinaryRecordingExtractor

from labbox_local.ephys import paths
from labbox_local.errors import Invalid
from labbox_local.fields import Field, check

DTYPES = (
    "int16", "uint16", "int32", "uint32", "float32", "float64", "int8", "uint8", "int64",
    ">i2", ">u2", ">i4", ">u4", ">f4", ">f8",
)  # fmt: skip
MOST_CHANNELS = 100_000
FIELDS = (
    Field(
        "sampling_frequency", "float", label="sampling rate", unit="Hz", minimum=1, maximum=1e7, required=True,
        help="Samples per second and channel.",
    ),
    Field(
        "num_channels", "int", label="channels", minimum=1, maximum=MOST_CHANNELS, required=True,
        help="Channels in the file, those that hold no signal included.",
    ),
    Field("dtype", "choice", "int16", choices=DTYPES, help="How one sample is stored; a leading > means big-endian."),
    Field(
        "gain_to_uv", "float", label="gain", unit="µV per step", optional=True,
        help="What one step of the stored number is in µV. Left empty, amplitudes are in arbitrary units.",
    ),
    Field("offset_to_uv", "float", 0.0, label="offset", unit="µV", help="Added after the gain."),
    Field("file_offset", "int", 0, label="header", unit="bytes", minimum=0, help="Bytes before the first sample."),
    Field(
        "time_axis", "choice", "0", label="order", choices=("0", "1"), advanced=True,
        help="0: all channels of the first sample come first. 1: all samples of the first channel come first.",
    ),
    Field(
        "more_paths", "json", [], label="further segments", advanced=True,
        help="Paths of further files with the same layout, as a JSON list; each becomes a segment of its own.",
    ),
)  # fmt: skip


def open_binary(path: Path, options: Mapping[str, Any]) -> BaseRecording:
    """A flat binary file as a recording, memory-mapped.

    Parameters
    ----------
    path : Path
        The first segment.
    options : mapping
        See `FIELDS`.

    Raises
    ------
    Invalid
        With a sentence at each field that cannot be right.
    """
    values = check(FIELDS, spelled(options))
    files = [paths.existing_file(path), *(paths.existing_file(more, "more_paths") for more in _more(values))]
    for number, file in enumerate(files):
        _check_size(file, values, "num_channels" if number == 0 else "more_paths")
    gain = values["gain_to_uv"]
    if gain == 0:
        raise Invalid({"gain_to_uv": "A gain of 0 would make every sample 0 µV; leave it empty when it is unknown."})
    return BinaryRecordingExtractor(
        [str(file) for file in files],
        sampling_frequency=values["sampling_frequency"],
        dtype=values["dtype"],
        num_channels=values["num_channels"],
        time_axis=int(values["time_axis"]),
        file_offset=values["file_offset"],
        gain_to_uV=gain,
        offset_to_uV=None if gain is None else values["offset_to_uv"],
    )


def near_fits(byte_count: int, item_size: int, wanted: int, most: int = 4) -> list[int]:
    """Channel counts that divide the file without a rest, nearest to `wanted` first, at most 2048."""
    samples = byte_count // item_size
    fits = [count for count in range(1, min(samples, 2048) + 1) if byte_count % (count * item_size) == 0]
    return sorted(fits, key=lambda count: (abs(count - wanted), count))[:most]


def spelled(options: Mapping[str, Any]) -> dict[str, Any]:
    """`options` with the names of choices as the fields have them."""
    # NumPy knows many names for a kind of number ("<i2", "short"); the form knows one.
    spelled = {**options, "time_axis": str(options.get("time_axis", "0"))}
    try:
        dtype = np.dtype(str(options.get("dtype", "int16")).strip())
    except TypeError:
        return spelled
    if dtype.kind in "iuf":
        spelled["dtype"] = dtype.name if dtype.isnative else dtype.str
    return spelled


def _more(values: Mapping[str, Any]) -> Sequence[str]:
    more = values["more_paths"]
    if not isinstance(more, list) or not all(isinstance(path, str) for path in more):
        raise Invalid({"more_paths": 'Must be a JSON list of paths, such as ["/data/second.raw"].'})
    return more


def _check_size(file: Path, values: Mapping[str, Any], field: str) -> None:
    total, offset, channels = file.stat().st_size, values["file_offset"], values["num_channels"]
    item = np.dtype(values["dtype"]).itemsize
    if offset >= total:
        raise Invalid({"file_offset": f"{file.name} has only {total:,} bytes; nothing is left after {offset:,}."})
    left = total - offset
    if left % item:
        raise Invalid(
            {
                "dtype": f"{file.name} has {left:,} bytes of samples, which is no multiple of the {item} bytes "
                f"of one {values['dtype']}; check the sample type and the header's length."
            }
        )
    if left % (channels * item):
        fits = ", ".join(str(count) for count in near_fits(left, item, channels))
        raise Invalid(
            {
                field: f"{file.name} has {left:,} bytes, which is no multiple of {channels} channels × {item} bytes "
                f"= {channels * item:,} ({left % (channels * item):,} are left over); "
                f"with {values['dtype']} it would fit {fits} channels."
            }
        )
