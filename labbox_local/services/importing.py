"""Bringing recordings and sortings into the library: look first, then commit; raw data is never copied or changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labbox_local.errors import Invalid, NotFound
from labbox_local.fields import Field, check
from labbox_local.services.analysis import queue_analysis
from labbox_local.services.tools import Event, Tools
from labbox_local.store import recordings, results, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.names import checked_name
from labbox_local.store.recordings import Recording

FROM_FILE = {"source": "file"}

EXAMPLE_FIELDS = (
    Field("name", "text", "Example recording", help="How the library lists it."),
    Field("duration_s", "float", 60.0, unit="s", minimum=5, maximum=3600, help="Length of the recording."),
    Field("channel_count", "int", 32, minimum=4, maximum=384, help="Contacts of the generated probe."),
    Field("unit_count", "int", 15, minimum=1, maximum=500, help="True units whose spikes are added to the noise."),
    Field("seed", "int", 0, minimum=0, maximum=2**31 - 1, help="The same seed makes the same recording."),
)


@dataclass(frozen=True)
class RecordingRequest:
    """What a person says of a recording on disk; an empty ``format`` means: find it out from the path."""

    path: str
    format: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    probe: Mapping[str, Any] = field(default_factory=lambda: FROM_FILE)


@dataclass(frozen=True)
class SortingRequest:
    """What a person says of a sorting on disk, and the recording it belongs to, if any."""

    path: str
    format: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    recording_id: int | None = None
    name: str = ""


def detect(tools: Tools, path: str) -> dict[str, Any]:
    """What the path may hold: ``{"candidates": [...], "sortings": [...]}``, the likeliest first.

    Raises
    ------
    Invalid
        Keyed ``path``, with a sentence that says what the path is and what it would need.
    """
    found: dict[str, Any] = tools.interactive.ask("detect", {"path": _absolute(path)}, topic="detect")
    return found


def formats(tools: Tools) -> list[dict[str, Any]]:
    """Every recording format that can be read, with its options as plain `Field` data."""
    known: list[dict[str, Any]] = tools.interactive.ask("formats", {})
    return known


def preview(tools: Tools, request: RecordingRequest) -> dict[str, Any]:
    """The recording as it would be imported: spec, facts, probe, first traces, provenance, fingerprint, warnings."""
    seen: dict[str, Any] = tools.interactive.ask(
        "preview", {"spec": _spec(tools, request), "probe": dict(request.probe)}
    )
    return seen


def commit(tools: Tools, request: RecordingRequest, name: str = "") -> Recording:
    """Put the recording into the library and queue the measurement of its channels."""
    seen = preview(tools, request)
    name = checked_name(name or Path(request.path.rstrip("/\\")).name)
    with tools.workspace.transaction() as db:
        recording_id = recordings.insert(
            db,
            name=unused_name(name, [known.name for known in recordings.all(db)]),
            spec=seen["spec"],
            facts=seen["facts"],
            probe=seen["probe"],
            provenance=seen["provenance"],
            fingerprint=seen["fingerprint"],
        )
        queue_measurement(tools, db, recording_id)
    tools.supervisor.ring()
    tools.supervisor.tell("library", {"recording": recording_id})
    return recordings.get(tools.workspace.db, recording_id)


def locate(tools: Tools, recording_id: int, path: str) -> Recording:
    """Point a recording at the place its file has moved to; the data found there must be of the same shape."""
    old = recordings.get(tools.workspace.db, recording_id)
    probe = FROM_FILE if old.spec.get("probe") is None else {"source": "spec", "probe": old.spec["probe"]}
    spec = {**old.spec, "path": _absolute(path)}
    seen = tools.interactive.ask("preview", {"spec": spec, "probe": probe})
    for name in ("channel_count", "sampling_rate_hz", "sample_counts"):
        now, before = seen["facts"][name], old.facts[name]
        if now != before:
            what = name.replace("_", " ")
            raise Invalid({"path": f"This is another recording: its {what} is {now}, of this one it is {before}."})
    recordings.update(
        tools.workspace.db,
        recording_id,
        spec=seen["spec"],
        facts=seen["facts"],
        provenance=seen["provenance"],
        fingerprint=seen["fingerprint"],
    )
    return recordings.get(tools.workspace.db, recording_id)


def make_example(tools: Tools, entered: Mapping[str, Any] | None = None) -> Job:
    """Queue the making of a recording with known true units."""
    values = check(EXAMPLE_FIELDS, entered or {})
    name = checked_name(values.pop("name"))
    return tools.supervisor.enqueue("example", values, title=f"Make {name}", on_done={"name": name})


def preview_sorting(tools: Tools, request: SortingRequest) -> dict[str, Any]:
    """What the sorting on disk holds: format, unit and spike counts, labels, and the options its reader takes."""
    seen: dict[str, Any] = tools.interactive.ask("preview_sorting", _sorting_params(tools, request))
    return seen


def import_sorting(tools: Tools, request: SortingRequest) -> Job:
    """Queue the import of a sorting, after a look that finds what is wrong with it at once."""
    seen = preview_sorting(tools, request)
    name = checked_name(request.name or Path(request.path.rstrip("/\\")).name)
    params = {**_sorting_params(tools, request), "format": seen["format"]}
    return tools.supervisor.enqueue(
        "import_sorting",
        params,
        title=f"Import sorting {name}",
        inputs=(seen["fingerprint"],),
        recording_id=request.recording_id,
        on_done={"name": name},
    )


def queue_measurement(tools: Tools, db: Any, recording_id: int) -> Job:
    """Queue noise levels and bad channels of a recording, in the caller's transaction."""
    recording = recordings.get(db, recording_id)
    return tools.supervisor.enqueue(
        "measure",
        {"spec": recording.spec},
        title=f"Measure the channels of {recording.name}",
        inputs=(recording.fingerprint,),
        recording_id=recording_id,
        db=db,
    )


def measured(tools: Tools, db: Any, job: Job, result: results.Result) -> list[Event]:
    """Completion of a measurement: the recording points at the result."""
    if job.recording_id is None:
        return []
    recordings.update(db, job.recording_id, measure_key=result.key)
    return [("library", {"recording": job.recording_id})]


def example_made(tools: Tools, db: Any, job: Job, result: results.Result) -> list[Event]:
    """Completion of an example: the recording and its true sorting enter the library together."""
    made = result.summary
    place = f"blob:{result.blob}/{made['spec']['path']}"
    name = unused_name((job.on_done or {})["name"], [known.name for known in recordings.all(db)])
    recording_id = recordings.insert(
        db,
        name=name,
        spec={**made["spec"], "path": place},
        facts={**made["facts"], "path": place},
        probe=made["probe"],
        provenance=made["provenance"],
        fingerprint=None,
        result_key=result.key,
        tags=["example"],
    )
    sortings.insert(
        db,
        recording_id=recording_id,
        name="ground truth",
        source="truth",
        unit_count=made["unit_count"],
        spike_count=made["spike_count"],
        result_key=result.key,
        preprocessing=made["preprocessing"],
    )
    queue_measurement(tools, db, recording_id)
    return [("library", {"recording": recording_id})]


def sorting_imported(tools: Tools, db: Any, job: Job, result: results.Result) -> list[Event]:
    """Completion of a sorting import; with a recording, its post-processing is queued."""
    from_file = result.summary
    names = [known.name for known in sortings.all(db, recording_id=job.recording_id)]
    sorting_id = sortings.insert(
        db,
        recording_id=job.recording_id,
        name=unused_name((job.on_done or {})["name"], names),
        source="import",
        unit_count=from_file["unit_count"],
        spike_count=from_file["spike_count"],
        result_key=result.key,
        labels=from_file.get("labels", {}),
        notes="\n".join(from_file.get("warnings", [])),
        preprocessing=from_file["preprocessing"],
    )
    queue_analysis(tools, db, sortings.get(db, sorting_id))
    return [("library", {"recording": job.recording_id})]


def unused_name(name: str, taken: list[str]) -> str:
    """`name`, with a number behind it when it is taken."""
    number, candidate = 2, name
    while candidate in taken:
        candidate, number = f"{name} ({number})", number + 1
    return candidate


def _absolute(path: str) -> str:
    """The path as it stands in the library: absolute, ``~`` and ``..`` resolved, nothing executed or created."""
    if not path.strip():
        raise Invalid({"path": "Give the path of a file or folder."})
    if "\0" in path:
        raise Invalid({"path": "A path cannot hold a NUL character."})
    try:
        return str(Path(path.strip()).expanduser().resolve())
    except RuntimeError as error:
        raise Invalid({"path": f"The home folder in “{path.strip()}” is not known; write the path in full."}) from error


def _spec(tools: Tools, request: RecordingRequest) -> dict[str, Any]:
    path = _absolute(request.path)
    if request.format:
        return {"format": request.format, "path": path, "options": dict(request.options), "probe": None}
    candidates = detect(tools, path)["candidates"]
    if not candidates:
        raise Invalid({"path": "This path holds a sorting but no recording; import it as a sorting."})
    best = candidates[0]
    return {"format": best["format"], "path": path, "options": {**best["options"], **request.options}, "probe": None}


def _sorting_params(tools: Tools, request: SortingRequest) -> dict[str, Any]:
    spec = None
    if request.recording_id is not None:
        try:
            spec = recordings.get(tools.workspace.db, request.recording_id).spec
        except NotFound as error:
            raise Invalid({"recording_id": str(error)}) from error
    return {"path": _absolute(request.path), "format": request.format, "options": dict(request.options), "spec": spec}
