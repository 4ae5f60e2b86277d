"""MountainLab's .mda arrays: a short header, then numbers in column order, which for traces is time-major."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spikeinterface.core import BaseRecording, BinaryRecordingExtractor

from labbox_local.ephys import paths, safety
from labbox_local.errors import Invalid
from labbox_local.fields import Field, check

DTYPES = {-2: "uint8", -3: "float32", -4: "int16", -5: "int32", -6: "uint16", -7: "float64", -8: "uint32"}
RATE = Field(
    "sampling_frequency", "float", label="sampling rate", unit="Hz", minimum=1, maximum=1e7, optional=True,
    help="Left empty, it is taken from params.json beside the file.",
)  # fmt: skip
FIELDS = (RATE,)


@dataclass(frozen=True)
class Header:
    """What the first bytes of an .mda file say; `shape` is (channels, samples) for traces."""

    dtype: str
    shape: tuple[int, ...]
    size_bytes: int

    @property
    def data_bytes(self) -> int:
        """Bytes that must follow the header."""
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize


def read_header(path: Path) -> Header:
    """The header of an .mda file whose size agrees with it.

    Raises
    ------
    Invalid
        When it is no .mda file, or cut off.
    """
    with path.open("rb") as file:
        start = file.read(12 + 8 * 8)
    code, item, dimensions = struct.unpack("<iii", start[:12]) if len(start) >= 12 else (0, 0, 0)
    count, wide = abs(dimensions), dimensions < 0
    if code not in DTYPES or not 1 <= count <= 6 or np.dtype(DTYPES[code]).itemsize != item:
        raise Invalid({"path": f"{path} is no .mda file: its header makes no sense."})
    size = 12 + count * (8 if wide else 4)
    if len(start) < size:
        raise Invalid({"path": f"{path} is cut off in its header."})
    shape = struct.unpack(f"<{count}{'q' if wide else 'i'}", start[12:size])
    header = Header(DTYPES[code], tuple(shape), size)
    found = path.stat().st_size - size
    if min(shape) < 0 or found < header.data_bytes:
        raise Invalid(
            {"path": f"{path} is cut off: {header.data_bytes:,} bytes should follow its header, {found:,} do."}
        )
    return header


def read_array(path: Path) -> NDArray[Any]:
    """The whole array, in the shape that the header names."""
    header = read_header(path)
    flat = np.fromfile(path, dtype=header.dtype, offset=header.size_bytes, count=int(np.prod(header.shape)))
    return flat.reshape(header.shape, order="F")


def raw_file(path: Path) -> Path:
    """The traces of a folder, or the file itself.

    Raises
    ------
    Invalid
        When the folder holds no raw traces.
    """
    if path.is_file():
        return path
    if (path / "raw.mda").is_file():
        return path / "raw.mda"
    if any(path.glob("firings*.mda")):
        raise Invalid({"path": f"{path} holds a sorting (firings) and no raw recording: raw.mda is missing."})
    raise Invalid({"path": f"There is no raw.mda in {path}."})


def open_mda(path: Path, options: Mapping[str, Any]) -> BaseRecording:
    """The traces of an .mda file, or of the raw.mda of a folder, with the contact positions of geom.csv beside it."""
    file = raw_file(path)
    header = read_header(file)
    rate = sampling_rate_hz(file, options)
    if len(header.shape) != 2 or min(header.shape) < 1:
        raise Invalid({"path": f"{file} has the shape {header.shape}; traces are channels × samples."})
    if header.shape[0] > header.shape[1]:
        raise Invalid({"path": f"{file} has {header.shape[0]} channels and {header.shape[1]} samples: no recording."})
    recording = BinaryRecordingExtractor(
        [str(file)],
        sampling_frequency=rate,
        dtype=header.dtype,
        num_channels=header.shape[0],
        file_offset=header.size_bytes,
    )
    positions = read_positions(file.parent / "geom.csv")
    if positions is not None and len(positions) == header.shape[0]:
        recording.set_dummy_probe_from_locations(positions)
    return recording


def sampling_rate_hz(file: Path, options: Mapping[str, Any]) -> float:
    """The rate given in the options, else that of params.json beside the file.

    Raises
    ------
    Invalid
        When neither says it.
    """
    given = check(FIELDS, options)["sampling_frequency"]
    if given is not None:
        return float(given)
    params = file.parent / "params.json"
    found = safety.read_json(params) if params.is_file() else {}
    rate = found.get("samplerate") if isinstance(found, dict) else None
    if not isinstance(rate, int | float) or not rate > 0:
        where = "and there is no params.json beside it" if not params.is_file() else "and params.json does not either"
        raise Invalid({"sampling_frequency": f"{file.name} does not say its sampling rate, {where}: give it here."})
    return float(rate)


def read_positions(path: Path) -> NDArray[np.float64] | None:
    """Contact positions in µm, (channels, 2), of a geom.csv; None when there is none to be read."""
    if not path.is_file():
        return None
    try:
        positions = np.loadtxt(paths.existing(path), delimiter=",", ndmin=2)
    except ValueError:
        return None
    return positions[:, :2] if positions.shape[1] >= 2 else np.c_[np.zeros(len(positions)), positions[:, 0]]
