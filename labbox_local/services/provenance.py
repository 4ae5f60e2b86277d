"""Where a recording or a sorting came from: its whole history as plain data."""

from __future__ import annotations

from typing import Any

from labbox_local.services.tools import Tools
from labbox_local.store import recordings, results, sortings


def of_recording(tools: Tools, recording_id: int) -> dict[str, Any]:
    """Spec, facts and SpikeInterface's own provenance of a recording."""
    recording = recordings.get(tools.workspace.db, recording_id)
    return {
        "recording": recording.name,
        "imported_at": recording.created_at,
        "spec": recording.spec,
        "facts": recording.facts,
        "fingerprint": recording.fingerprint,
        "spikeinterface": recording.provenance,
    }


def of_sorting(tools: Tools, sorting_id: int) -> dict[str, Any]:
    """Recording, preprocessing, sorter, parameters and package versions of a sorting."""
    db = tools.workspace.db
    sorting = sortings.get(db, sorting_id)
    result = results.get(db, sorting.result_key)
    return {
        "sorting": sorting.name,
        "source": sorting.source,
        "created_at": sorting.created_at,
        "recording": of_recording(tools, sorting.recording_id) if sorting.recording_id is not None else None,
        "preprocessing": sorting.preprocessing,
        "sorter": sorting.sorter,
        "params": sorting.params,
        "made_by": {"task": result.task, "version": result.version, "params": result.params, "key": result.key},
        "packages": result.packages,
        "summary": result.summary,
    }
