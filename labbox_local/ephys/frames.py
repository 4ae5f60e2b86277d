"""Binary frames: how traces, spikes and templates travel to the canvas.

A frame is, in this order and without gaps,

- bytes 0 to 3: ``LBF1``
- bytes 4 to 7: length of the header in bytes, unsigned, little-endian
- the header: JSON in UTF-8, padded with spaces such that what follows starts at a multiple of 8
- the planes: arrays one after the other, little-endian, C order

Headers of all kinds have ``kind`` and ``message`` (a sentence for the person, or empty).

``lines`` and ``envelope``: planes are ``[channel][column]`` of ``dtype`` ("int16", "uint16", "int32" or "float32").
``lines`` has one plane, every sample. ``envelope`` has two, the smallest and the largest sample of each column; where
nothing is known, the smallest is above the largest in integers, and both are NaN in float32.

=====================  ================================================================================================
``columns``            columns per plane
``channel_ids``        a name per row of a plane; ``channels``: its position in the recording
``segment``            which segment
``first_sample``       column j holds the samples from ``first_sample + j * samples_per_column`` up to and without the
                       next column's, cut at the segment's end
``samples_per_column`` 1 for lines
``sample_count``       samples of all columns together
``sampling_rate_hz``   samples per second
``scale``, ``offset``  per channel: physical value = stored × scale + offset, in ``unit`` ("µV" or "a.u.")
``source``             "file": from the samples; "pyramid": from their stored extremes
``coverage``           part of the recording's pyramid that is built, 0 to 1; 1 as well when none was needed
``built``              stretches of columns ``[from, to]``, ``to`` excluded, whose extremes are those of all samples;
                       the others hold those of a few samples, or of none
``invalid``            NaN and infinities among the samples drawn
=====================  ================================================================================================

``spikes``: planes int32 (sample − ``start``) and uint32 (position of the unit), ``shown`` entries each, ascending in
time; ``total`` spikes are in the window. ``units`` are the positions asked for, ``counts`` the spikes of each.

``templates``: one plane float32, ``[unit][sample][channel]`` with ``units``, ``sample_count``, ``channels``; the spike
stands at sample ``nbefore``; in ``unit``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"LBF1"
ALIGNMENT = 8
# What a browser has a typed array and a fast path for; other types become the nearest of these that holds them.
TRAVEL = {
    "int8": "int16", "uint8": "int16", "int16": "int16", "uint16": "uint16", "int32": "int32",
}  # fmt: skip


def encode(header: Mapping[str, Any], planes: Sequence[NDArray[Any]]) -> bytes:
    """A frame as bytes."""
    text = json.dumps(header, ensure_ascii=False, allow_nan=False).encode()
    start = -(-(len(MAGIC) + 4 + len(text)) // ALIGNMENT) * ALIGNMENT
    text = text.ljust(start - len(MAGIC) - 4)
    stored = [np.ascontiguousarray(plane, dtype=plane.dtype.newbyteorder("<")).reshape(-1) for plane in planes]
    return b"".join([MAGIC, len(text).to_bytes(4, "little"), text, *(plane.view(np.uint8).data for plane in stored)])


def decode(frame: bytes) -> tuple[dict[str, Any], memoryview]:
    """Header and planes of a frame. Raises ValueError for what is none."""
    if frame[:4] != MAGIC:
        raise ValueError("This is no frame: it does not begin with LBF1.")
    length = int.from_bytes(frame[4:8], "little")
    header: dict[str, Any] = json.loads(frame[8 : 8 + length])
    return header, memoryview(frame)[8 + length :]


def planes_of(frame: bytes) -> tuple[dict[str, Any], NDArray[Any]]:
    """Header and planes of a frame of traces, (planes, channels, columns)."""
    header, data = decode(frame)
    dtype = np.dtype(header["dtype"]).newbyteorder("<")
    planes = 1 if header["kind"] == "lines" else 2
    return header, np.frombuffer(data, dtype=dtype).reshape(planes, len(header["channel_ids"]), header["columns"])


def travelling(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type in which samples of this type travel."""
    return np.dtype(TRAVEL.get(dtype.name, "float32"))
