"""What a recording would be once imported: looked at before anything is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from spikeinterface.core import BaseRecording

from labbox_local.ephys import fingerprints, paths, probes, readers, recordings
from labbox_local.ephys.formats import BY_NAME
from labbox_local.ephys.sortings import plain
from labbox_local.ephys.third_party import reading

MOST_CHANNELS = 64
MOST_POINTS = 2000
SECONDS = 1.0


def preview(spec: Mapping[str, Any], probe: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Everything that an import would keep, and a first look at the traces.

    Parameters
    ----------
    spec : mapping
        ``format``, ``path`` and ``options``; a probe in it is not looked at.
    probe : mapping, optional
        What `probes.choose` takes; the file's own probe when None.

    Returns
    -------
    dict
        ``spec`` (complete, the probe in it), ``facts``, ``probe`` (for drawing, or None), ``traces``, ``provenance``
        (SpikeInterface's own description), ``fingerprint``, ``warnings`` (sentences).

    Raises
    ------
    Invalid
        At ``path``, ``format``, ``probe`` or the option that is wrong.
    Unavailable
        When a reader lacks something that has to be installed.
    """
    name, path = str(spec["format"]), paths.existing(spec["path"])
    options = readers.given_options(name, spec.get("options") or {})
    recording, warnings = recordings.open_with_warnings({"format": name, "path": path, "options": options})
    chosen = probes.choose(probe or {"source": "file"}, recording)
    recordings.set_probe(recording, chosen)
    complete = {"format": name, "path": str(path), "options": options, "probe": chosen}
    provenance = describe(recording)
    target = readers.resolve(BY_NAME[name], path, str(options.get("file") or ""))
    return {
        "spec": complete,
        "facts": recordings.facts(recording, complete),
        "probe": probes.drawing(recording),
        "traces": first_traces(recording, warnings),
        "provenance": provenance,
        "fingerprint": fingerprints.of_paths(fingerprints.files_of(target, provenance)),
        "warnings": warnings,
    }


def describe(recording: BaseRecording) -> dict[str, Any]:
    """SpikeInterface's description of how the recording is made, JSON-able, with absolute paths."""
    described: dict[str, Any] = plain(recording.to_dict(recursive=True))
    return described


def first_traces(recording: BaseRecording, warnings: list[str]) -> dict[str, Any]:
    """The first second of at most 64 channels, every n-th sample so that there are at most 2000.

    Returns
    -------
    dict
        ``times_s`` (P values), ``channel_ids`` (C), ``values`` (C lists of P, None where not a number), ``unit``,
        ``step`` (every how many samples), ``channel_count`` (of the whole recording).
    """
    rate = float(recording.get_sampling_frequency())
    count = min(int(recording.get_num_samples(0)), max(1, round(SECONDS * rate)))
    total = recording.get_num_channels()
    shown = np.unique(np.linspace(0, total - 1, min(total, MOST_CHANNELS)).round().astype(int))
    step = -(-count // MOST_POINTS)
    with reading("The first second cannot be read") as heard:
        samples = recording.get_traces(
            segment_index=0,
            start_frame=0,
            end_frame=count,
            channel_ids=recording.channel_ids[shown],
            return_in_uV=bool(recording.has_scaleable_traces()),
        )
    warnings.extend(heard)
    values = np.asarray(samples)[::step]
    if values.dtype.kind == "f" and not np.isfinite(np.asarray(samples)).all():
        warnings.append("Some samples in the first second are not numbers (NaN or infinite); they are left blank.")
    return {
        "times_s": (np.arange(0, count, step) / rate).tolist(),
        "channel_ids": [plain(recording.channel_ids[position]) for position in shown],
        "values": [plain(column.tolist()) for column in np.round(values.astype(float), 4).T],
        "unit": recordings.unit(recording),
        "step": step,
        "channel_count": total,
    }
