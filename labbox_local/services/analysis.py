"""What is computed of a sorting once it is there: the post-processing that views need, the comparison to the truth."""

from __future__ import annotations

from typing import Any

from labbox_local.errors import LabError
from labbox_local.services.tools import Event, Tools, blob_path
from labbox_local.store import recordings, results, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.sortings import Sorting


def queue_analysis(tools: Tools, db: Any, sorting: Sorting) -> Job | None:
    """Queue the post-processing of a sorting that has a recording and spikes, in the caller's transaction."""
    if sorting.recording_id is None or sorting.spike_count == 0:
        return None
    recording = recordings.get(db, sorting.recording_id)
    return tools.supervisor.enqueue(
        "analyze",
        {
            "spec": recording.spec,
            "sorting": blob_path(db, sorting.result_key, "sorting"),
            "preprocessing": sorting.preprocessing,
        },
        title=f"Post-process {sorting.name}",
        inputs=(recording.fingerprint, sorting.result_key),
        recording_id=recording.id,
        sorting_id=sorting.id,
        needs=(sorting.result_key,),
        db=db,
    )


def analyze(tools: Tools, sorting_id: int) -> Job:
    """Queue the post-processing of a sorting again, or for the first time."""
    with tools.workspace.transaction() as db:
        sorting = sortings.get(db, sorting_id)
        job = queue_analysis(tools, db, sorting)
    if job is None:
        raise LabError("Post-processing needs a recording and at least one spike; this sorting lacks one of them.")
    tools.supervisor.ring()
    return job


def compare_to_truth(tools: Tools, sorting_id: int) -> Job:
    """Queue the comparison of a sorting to the ground truth of its recording."""
    db = tools.workspace.db
    sorting = sortings.get(db, sorting_id)
    truths = [other for other in sortings.all(db, recording_id=sorting.recording_id) if other.source == "truth"]
    if sorting.recording_id is None or not truths:
        raise LabError("This sorting's recording has no ground truth to compare to.")
    return tools.supervisor.enqueue(
        "compare_truth",
        {
            name: blob_path(db, made.result_key, "sorting")
            for name, made in (("sorting", sorting), ("truth", truths[0]))
        },
        title=f"Compare {sorting.name} to the ground truth",
        recording_id=sorting.recording_id,
        sorting_id=sorting.id,
        needs=(sorting.result_key, truths[0].result_key),
    )


def analyzed(tools: Tools, db: Any, job: Job, result: results.Result) -> list[Event]:
    """Completion of a post-processing: the sorting points at its analyzer."""
    if job.sorting_id is None:
        return []
    sortings.update(db, job.sorting_id, analyzer_key=result.key)
    return [("library", {"recording": job.recording_id, "sorting": job.sorting_id})]
