"""A recording from its spec (format, path, options, probe), and the facts about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from probeinterface import ProbeGroup
from spikeinterface.core import BaseRecording

from labbox_local.ephys import gains, readers
from labbox_local.ephys.sortings import plain
from labbox_local.errors import Invalid

Spec = Mapping[str, Any]


def open_recording(spec: Spec) -> BaseRecording:
    """The recording that a spec describes, lazily: only its headers are read, and its first and last samples.

    Parameters
    ----------
    spec : mapping
        ``format``, ``path``, ``options`` and ``probe``: a probe group as plain data; None for no probe; when the key
        is missing, the probe that the file has.

    Raises
    ------
    Invalid
        At ``path``, ``format``, ``probe`` or the option that is wrong.
    Unavailable
        When the reader lacks something that has to be installed.
    """
    return open_with_warnings(spec)[0]


def open_with_warnings(spec: Spec) -> tuple[BaseRecording, list[str]]:
    """As `open_recording`, with what the reader warned of."""
    recording, warnings = readers.open_path(str(spec["format"]), spec["path"], spec.get("options") or {})
    if recording.get_num_channels() == 0 or sum(sample_counts(recording)) == 0:
        raise Invalid({"path": f"{spec['path']} holds no samples."})
    warnings += gains.mend(recording)
    if "probe" in spec:
        set_probe(recording, spec["probe"])
    return recording, warnings


def set_probe(recording: BaseRecording, probe: Mapping[str, Any] | None) -> None:
    """Gives the recording this probe group, or none; groups follow its probes and shanks.

    Raises
    ------
    Invalid
        At ``probe``, when its wired contacts are not the recording's channels one to one.
    """
    if probe is None:
        if recording.has_probe():
            recording.remove_probe()
        return
    group = ProbeGroup.from_dict(dict(probe))
    channels = recording.get_num_channels()
    wired = group.get_global_device_channel_indices()["device_channel_indices"]
    wired = np.sort(wired[wired >= 0])
    if len(wired) != channels:
        raise Invalid({"probe": f"The probe has {len(wired)} wired contacts, the recording {channels} channels."})
    if not np.array_equal(wired, np.arange(channels)):
        raise Invalid(
            {
                "probe": f"The probe's contacts are wired to the channels {_spans(wired)}, "
                f"the recording has the channels 0 to {channels - 1}."
            }
        )
    # Several probes in one file may lie over each other, each with its own origin; that is no reason to refuse them.
    recording.set_probegroup(group, check_overlap=False)


def facts(recording: BaseRecording, spec: Spec) -> dict[str, Any]:
    """What there is to know of a recording without reading its samples; plain data."""
    counts = sample_counts(recording)
    rate = float(recording.get_sampling_frequency())
    gained = bool(recording.has_scaleable_traces())
    group = recording.get_probegroup() if recording.has_probe() else None
    groups = recording.get_property("group")
    return {
        "format": str(spec["format"]),
        "path": str(spec["path"]),
        "channel_count": int(recording.get_num_channels()),
        "channel_ids": [plain(channel) for channel in recording.channel_ids],
        "sampling_rate_hz": rate,
        "sample_counts": counts,
        "segment_count": len(counts),
        "duration_s": sum(counts) / rate,
        "dtype": str(np.dtype(recording.get_dtype())),
        "has_gains": gained,
        "unit": unit(recording),
        "has_probe": group is not None,
        "probe_name": "" if group is None else probe_name(group),
        "shanks": 0 if group is None else shank_count(group),
        "groups": [0] * recording.get_num_channels() if groups is None else [plain(item) for item in groups],
        "start_times_s": [float(recording.get_start_time(segment)) for segment in range(len(counts))],
        "annotations": _annotations(recording),
        "size_bytes": int(sum(counts) * recording.get_num_channels() * np.dtype(recording.get_dtype()).itemsize),
    }


def unit(recording: BaseRecording) -> str:
    """ "µV" when the gains are known, else "a.u."."""
    return "µV" if recording.has_scaleable_traces() else "a.u."


def sample_counts(recording: BaseRecording) -> list[int]:
    """Samples of each segment."""
    return [int(recording.get_num_samples(segment)) for segment in range(recording.get_num_segments())]


def probe_name(group: ProbeGroup) -> str:
    """Manufacturer and model as far as the probe names them; else how many contacts it has."""
    names = []
    for probe in group.probes:
        known = [probe.manufacturer, probe.model_name or probe.name]
        names.append(" ".join(str(part) for part in known if part) or f"{probe.get_contact_count()} contacts")
    return ", ".join(dict.fromkeys(names))


def shank_count(group: ProbeGroup) -> int:
    """Shanks of all probes together."""
    return sum(max(1, probe.get_shank_count()) for probe in group.probes)


def _annotations(recording: BaseRecording) -> dict[str, Any]:
    return {str(key): plain(recording.get_annotation(key)) for key in recording.get_annotation_keys()}


def _spans(numbers: np.ndarray[Any, Any]) -> str:
    if len(numbers) == 0:
        return "of none"
    gaps = np.flatnonzero(np.diff(numbers) != 1)
    starts, ends = np.r_[numbers[0], numbers[gaps + 1]], np.r_[numbers[gaps], numbers[-1]]
    spans = [str(a) if a == b else f"{a} to {b}" for a, b in zip(starts, ends, strict=True)]
    return ", ".join(spans[:8]) + (" …" if len(spans) > 8 else "")


def absolute(path: str | Path) -> str:
    """`path` as it is kept in a spec."""
    return str(Path(path).expanduser().absolute())
