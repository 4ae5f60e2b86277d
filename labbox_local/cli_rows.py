"""The library's nouns as the command line shows them: these keys are what ``--json`` promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

RECORDING_COLUMNS = {
    "id": "id",
    "name": "name",
    "format": "format",
    "channel_count": "channels",
    "sampling_rate_hz": "rate (Hz)",
    "duration_s": "duration (s)",
    "segment_count": "segments",
    "probe_name": "probe",
    "sorting_count": "sortings",
    "state": "state",
}
SORTING_COLUMNS = {
    "id": "id",
    "name": "name",
    "recording_id": "recording",
    "source": "source",
    "sorter": "sorter",
    "params_changed": "changed parameters",
    "unit_count": "units",
    "spike_count": "spikes",
    "run_seconds": "run time (s)",
    "analyzed": "post-processed",
}
JOB_COLUMNS = {
    "id": "id",
    "title": "job",
    "state": "state",
    "stage": "stage",
    "progress": "done",
    "created_at": "asked for at",
    "error": "error",
}
ACCURACY_COLUMNS = {
    "unit_id": "true unit",
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "best_match": "found as",
}


def recording_row(recording: Any, sorting_count: int = 0, state: str = "ready") -> dict[str, Any]:
    """A recording's facts."""
    facts = recording.facts
    return {
        "id": recording.id,
        "name": recording.name,
        "format": facts["format"],
        "path": str(facts["path"]),
        "channel_count": facts["channel_count"],
        "sampling_rate_hz": facts["sampling_rate_hz"],
        "duration_s": facts["duration_s"],
        "segment_count": len(facts["sample_counts"]),
        "probe_name": facts.get("probe_name") or None,
        "sorting_count": sorting_count,
        "tags": list(recording.tags),
        "state": state,
        "created_at": recording.created_at,
    }


def sorting_row(sorting: Any) -> dict[str, Any]:
    """A sorting's facts; parameters only where they differ from the sorter's own."""
    return {
        "id": sorting.id,
        "name": sorting.name,
        "recording_id": sorting.recording_id,
        "source": sorting.source,
        "sorter": sorting.sorter,
        "params_changed": dict(sorting.params_changed or {}),
        "unit_count": sorting.unit_count,
        "spike_count": sorting.spike_count,
        "run_seconds": sorting.run_seconds,
        "analyzed": sorting.analyzer_key is not None,
        "created_at": sorting.created_at,
    }


def job_row(job: Any, log: Path | str) -> dict[str, Any]:
    """A job's state, and where its log lies."""
    return {
        "id": job.id,
        "task": job.task,
        "title": job.title,
        "state": job.state,
        "stage": job.stage,
        "progress": job.progress,
        "recording_id": job.recording_id,
        "sorting_id": job.sorting_id,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "error": job.error,
        "hint": job.hint,
        "log": str(log),
    }
