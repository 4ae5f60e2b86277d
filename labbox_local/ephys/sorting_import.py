"""Importing a sorting: read, checked against its recording, written down as plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spikeinterface.core import BaseRecording

from labbox_local.ephys import fingerprints, paths, recordings, sorting_readers, sortings
from labbox_local.ephys.phy import UNSORTED
from labbox_local.ephys.sorting_formats import FORMATS
from labbox_local.ephys.sortings import SortingData
from labbox_local.ephys.third_party import reading
from labbox_local.errors import Invalid
from labbox_local.fields import check

Progress = Callable[[str, float | None], None]
# The first of these that a sorting has names its labels; the words tell a column of labels from one of shanks.
LABEL_PROPERTIES = ("group", "quality", "KSLabel", "label", "type")
LABEL_WORDS = {"good", "mua", "noise", UNSORTED}
# Rates that are written with other roundings are the same rate: 20 ppm are 72 ms in an hour.
RATE_TOLERANCE = 2e-5


def formats() -> list[dict[str, Any]]:
    """All sorting formats with their options: ``{format, title, kind, fields, unavailable}``."""
    return [
        {
            "format": format.name,
            "title": format.title,
            "kind": format.kind,
            "fields": [] if format.refusal else [field.plain() for field in sorting_readers.fields(format.name)],
            "unavailable": format.refusal,
        }
        for format in FORMATS
    ]


def preview(
    path: str, format: str = "", options: Mapping[str, Any] | None = None, spec: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What a sorting on disk holds, without keeping it.

    Parameters
    ----------
    path : str
    format : str
        Name of a format; empty: found from the path.
    options : mapping
        Of the format's reader.
    spec : mapping, optional
        The recording that the sorting belongs to.

    Returns
    -------
    dict
        ``format``, ``title``, ``unit_count``, ``spike_count``, ``sampling_rate_hz``, ``segment_count``,
        ``duration_s``, ``labels`` {unit id as text: label}, ``properties`` (names), ``warnings``, ``fields`` (the
        reader's options, plain), ``fingerprint``.

    Raises
    ------
    Invalid
        At ``path``, ``format``, ``recording`` or the option that is wrong.
    Unavailable
        When a reader cannot be offered or lacks a package.
    """
    location = paths.existing(path)
    sorting, name, warnings = _read(location, format, options or {}, spec)
    return {
        **_summary(sorting, warnings),
        "format": name,
        "title": sorting_readers.find(name, location).title,
        "fields": [field.plain() for field in sorting_readers.fields(name)],
        "fingerprint": fingerprints.of_paths(fingerprints.files_of(location)),
    }


def run(
    folder: Path,
    path: str,
    format: str = "",
    options: Mapping[str, Any] | None = None,
    spec: Mapping[str, Any] | None = None,
    progress: Progress = lambda stage, fraction: None,
) -> dict[str, Any]:
    """Writes the sorting at `path` into ``folder/sorting``; parameters and errors as `preview`.

    Returns
    -------
    dict
        ``unit_count``, ``spike_count``, ``sampling_rate_hz``, ``segment_count``, ``duration_s``, ``labels``,
        ``properties``, ``warnings``, ``format``.
    """
    progress("reading", 0.0)
    sorting, name, warnings = _read(paths.existing(path), format, options or {}, spec)
    progress("writing", 0.7)
    sortings.save(sorting, folder / "sorting")
    progress("done", 1.0)
    return {**_summary(sorting, warnings), "format": name}


def labels_of(sorting: SortingData) -> dict[str, str]:
    """Labels that came with a sorting: unit id as text to label; units without one are left out."""
    for name in LABEL_PROPERTIES:
        values = sorting.properties.get(name, [])
        if any(isinstance(value, str) and value.lower() in LABEL_WORDS for value in values):
            return {
                str(unit_id): value
                for unit_id, value in zip(sorting.unit_ids, values, strict=True)
                if isinstance(value, str) and value and value != UNSORTED
            }
    return {}


def _read(
    location: Path, name: str, options: Mapping[str, Any], spec: Mapping[str, Any] | None
) -> tuple[SortingData, str, list[str]]:
    recording = None if spec is None else recordings.open_recording(spec)
    with reading(f"{location} cannot be looked into"):
        format = sorting_readers.find(name, location)
    given = check(sorting_readers.fields(format.name), options)
    asked = {key: value for key, value in given.items() if key in options or value is not None}
    rate = None if recording is None else float(recording.get_sampling_frequency())
    with reading(f"{location} cannot be read as {format.title}") as heard:
        sorting, warnings = sorting_readers.read(format, sorting_readers.Place(location, asked, rate))
    sorting, odd = fitted(sorting, recording)
    return sorting, format.name, [*warnings, *heard, *odd]


def fitted(sorting: SortingData, recording: BaseRecording | None) -> tuple[SortingData, list[str]]:
    """`sorting` without spikes that no recording can have, and sentences that say how many there were.

    Raises
    ------
    Invalid
        At ``recording``, when its sampling rate or its number of segments is another.
    """
    counts = None
    if recording is not None:
        _check_recording(sorting, recording)
        counts = tuple(recordings.sample_counts(recording))
    keep = np.asarray(sorting.sample_index) >= 0
    early, late = int(np.sum(~keep)), 0
    for segment, (start, stop) in enumerate(sorting.segment_bounds()):
        if counts is not None:
            beyond = np.asarray(sorting.sample_index[start:stop]) >= counts[segment]
            late += int(np.sum(beyond))
            keep[start:stop] &= ~beyond
    warnings = _doubts(sorting, early, late, keep)
    return replace(_kept(sorting, keep), segment_sample_counts=counts or sorting.segment_sample_counts), warnings


def _check_recording(sorting: SortingData, recording: BaseRecording) -> None:
    rate, segments = float(recording.get_sampling_frequency()), recording.get_num_segments()
    if abs(rate / sorting.sampling_rate_hz - 1) > RATE_TOLERANCE:
        raise Invalid(
            {
                "recording": f"The sorting was made at {sorting.sampling_rate_hz:g} Hz, the recording has {rate:g} Hz; "
                "it belongs to another recording, or its sampling rate has to be given."
            }
        )
    if sorting.segment_count > segments:
        raise Invalid({"recording": f"The sorting has {sorting.segment_count} segments, the recording {segments}."})
    if sorting.segment_count < segments:
        raise Invalid(
            {"recording": f"The recording has {segments} segments, the sorting only {sorting.segment_count}."}
        )


def _doubts(sorting: SortingData, early: int, late: int, keep: NDArray[np.bool_]) -> list[str]:
    warnings = []
    total = sorting.spike_count
    if early:
        warnings.append(f"{early:,} of {total:,} spikes lie before the first sample and were left out.")
    if late:
        warnings.append(f"{late:,} of {total:,} spikes lie beyond the end of the recording and were left out.")
    silent = sorting.unit_count - len(np.unique(np.asarray(sorting.unit_index)[keep]))
    if silent:
        warnings.append(f"{silent} of {sorting.unit_count} units have no spikes.")
    twice = _repeated(sorting)
    if twice:
        warnings.append(f"{twice:,} of {total:,} spikes stand at the same sample as another spike of the same unit.")
    return warnings


def _repeated(sorting: SortingData) -> int:
    samples, units = np.asarray(sorting.sample_index), np.asarray(sorting.unit_index)
    same = (np.diff(samples) == 0) & (np.diff(units) == 0)
    inner = sorting.segment_starts[1:-1]
    inner = inner[(inner > 0) & (inner < len(samples))]
    same[inner - 1] = False
    return int(np.sum(same))


def _kept(sorting: SortingData, keep: NDArray[np.bool_]) -> SortingData:
    if keep.all():
        return sorting
    before = np.concatenate([[0], np.cumsum(keep)]).astype(np.int64)
    return replace(
        sorting,
        sample_index=np.asarray(sorting.sample_index)[keep],
        unit_index=np.asarray(sorting.unit_index)[keep],
        segment_starts=before[np.asarray(sorting.segment_starts)],
        amplitude=None if sorting.amplitude is None else np.asarray(sorting.amplitude)[keep],
        depth_um=None if sorting.depth_um is None else np.asarray(sorting.depth_um)[keep],
    )


def _summary(sorting: SortingData, warnings: list[str]) -> dict[str, Any]:
    return {
        "unit_count": sorting.unit_count,
        "spike_count": sorting.spike_count,
        "sampling_rate_hz": sorting.sampling_rate_hz,
        "segment_count": sorting.segment_count,
        "duration_s": sorting.duration_s,
        "labels": labels_of(sorting),
        "properties": sorted(sorting.properties),
        "has_amplitudes": sorting.amplitude is not None,
        "has_depths": sorting.depth_um is not None,
        "has_templates": sorting.templates is not None,
        "warnings": warnings,
    }
