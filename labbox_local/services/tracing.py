"""The trace viewer: what it is drawn from, windows of traces and spikes, and the overviews behind wide windows."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labbox_local.errors import Conflict, Invalid, Unavailable
from labbox_local.jobs.failures import Superseded
from labbox_local.jobs.keys import canonical
from labbox_local.services import annotating, importing, library
from labbox_local.services.tools import Event, Tools, blob_path
from labbox_local.store import jobs, pyramids, recordings, results, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.pyramids import PyramidRow
from labbox_local.store.recordings import Recording
from labbox_local.store.sortings import Sorting

INSIDE = "pyramid"
RAW_WORDS = ("", "raw")


@dataclass(frozen=True)
class TracerPage:
    """The viewer as a page of its own; ``viewer`` is what it is told to show first."""

    recording: Recording
    sorting: Sorting | None
    viewer: Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """A window that a viewer asks for; ``view`` names the viewer, whose older questions this one replaces."""

    segment: int
    start: int
    count: int
    columns: int
    channels: Sequence[int] | None = None
    chain: str = ""
    view: str = ""
    residual: int | None = None
    units: Sequence[int] | None = None


def page(tools: Tools, recording_id: int, sorting_id: int | None = None) -> TracerPage:
    """The viewer of a recording, with the spikes of a sorting on it."""
    db = tools.workspace.db
    sorting = None if sorting_id is None else sortings.get(db, sorting_id)
    viewer = {"recording_id": recording_id, "sorting_id": sorting_id, "autofocus": True}
    return TracerPage(recordings.get(db, recording_id), sorting, viewer)


def sorting_page(tools: Tools, sorting_id: int) -> TracerPage:
    """The viewer of a sorting's recording. Raises Unavailable when it has none."""
    sorting = sortings.get(tools.workspace.db, sorting_id)
    if sorting.recording_id is None:
        raise Unavailable("This sorting has no recording, so there are no traces to look at.")
    return page(tools, sorting.recording_id, sorting_id)


def tracing(tools: Tools, recording_id: int) -> dict[str, Any]:
    """All that a viewer needs to know of a recording before it asks for a window."""
    db = tools.workspace.db
    recording = recordings.get(db, recording_id)
    facts = recording.facts
    setup = tools.interactive.ask("trace_setup", {"facts": facts})
    starts = facts.get("start_times_s") or [0.0] * len(facts["sample_counts"])
    return {
        "recording": {"id": recording.id, "name": recording.name},
        "name": recording.name,
        "channels": _channels(tools, recording),
        "sampling_rate_hz": facts["sampling_rate_hz"],
        "segments": [
            {"sample_count": count, "start_s": start, "gaps": []}
            for count, start in zip(facts["sample_counts"], starts, strict=True)
        ],
        "unit": facts["unit"],
        "pyramids": [_plain_pyramid(tools, row) for row in _fitting(tools, recording)],
        "notes": annotating.notes(tools, recording_id)["notes"],
        **annotating.presets(tools),
        **setup,
    }


def frame(tools: Tools, recording_id: int, asked: Asked) -> bytes:
    """The window as a binary frame.

    Raises
    ------
    Conflict
        When the same viewer has asked for another window since.
    Invalid
        At what cannot be.
    Unavailable
        When a file is gone or has become shorter, or the templates to subtract are missing.
    """
    recording = recordings.get(tools.workspace.db, recording_id)
    params = {
        "spec": recording.spec,
        "sample_counts": recording.facts["sample_counts"],
        "channel_count": recording.facts["channel_count"],
        "unit": recording.facts["unit"],
        "segment": asked.segment,
        "start": asked.start,
        "count": asked.count,
        "columns": asked.columns,
        "channels": None if asked.channels is None else list(asked.channels),
        "chain": chain_of(asked.chain),
        "pyramids": [_reference(tools, row) for row in _fitting(tools, recording)],
        "residual": None,
    }
    if asked.residual is not None:
        units = None if asked.units is None else list(asked.units)
        params["residual"] = {**_stored(tools, sortings.get(tools.workspace.db, asked.residual)), "units": units}
    topic = f"frame {recording_id} {asked.view}"
    return _newest(tools, "frame", params, topic)


def build_pyramid(tools: Tools, recording_id: int, chain: str = "") -> Job:
    """Queue the making of the overview of a recording through a chain; one that was stopped goes on."""
    db = tools.workspace.db
    recording = recordings.get(db, recording_id)
    checked = tools.interactive.ask("check_chain", {"spec": recording.spec, "chain": chain_of(chain)})
    name = growing_name(recording, checked["chain"])
    _tidy(tools)
    with tools.workspace.transaction() as transaction:
        pyramids.put(transaction, recording_id, title=checked["title"], chain=checked["chain"], growing=name)
        job = tools.supervisor.enqueue(
            "pyramid",
            {"spec": recording.spec, "chain": checked["chain"], "growing": name},
            title=f"Build the overview of {recording.name}, {checked['title'].lower()}",
            inputs=(recording.fingerprint,),
            recording_id=recording_id,
            on_done={"growing": name},
            db=transaction,
        )
    tools.supervisor.ring()
    return job


def pyramid_built(tools: Tools, db: Any, job: Job, result: results.Result) -> list[Event]:
    """Completion of an overview: its row points at it, and what it grew in goes."""
    name = str((job.on_done or {})["growing"])
    if job.recording_id is None:
        return []
    pyramids.finish(db, job.recording_id, name, result.key)
    shutil.rmtree(tools.workspace.growing / name, ignore_errors=True)
    return [("recording", {"id": job.recording_id})]


def find_bad_channels(tools: Tools, recording_id: int) -> Job:
    """Queue the measurement of a recording's channels: their noise, and which are bad."""
    with tools.workspace.transaction() as db:
        job = importing.queue_measurement(tools, db, recording_id)
    tools.supervisor.ring()
    return job


def sorting_tracing(tools: Tools, sorting_id: int) -> dict[str, Any]:
    """What a viewer needs to know of a sorting whose spikes it draws."""
    db = tools.workspace.db
    sorting = sortings.get(db, sorting_id)
    stored = _stored(tools, sorting)
    said = tools.interactive.ask("trace_units", {**stored, "channel_count": _channel_count(tools, sorting)})
    return {"sorting": {"id": sorting.id, "name": sorting.name}, "recording": sorting.recording_id, **said}


def spikes(
    tools: Tools, sorting_id: int, segment: int, start: int, count: int, units: Sequence[int] | None, limit: int
) -> bytes:
    """The spikes of a window as a binary frame."""
    stored = _stored(tools, sortings.get(tools.workspace.db, sorting_id))
    window = {"segment": segment, "start": start, "count": count, "units": units, "limit": limit}
    found: bytes = tools.interactive.ask("spikes", {**stored, **window})
    return found


def next_spike(
    tools: Tools, sorting_id: int, segment: int, sample: int, units: Sequence[int] | None, direction: int
) -> dict[str, int]:
    """The nearest spike further on. Raises NotFound when there is none."""
    stored = _stored(tools, sortings.get(tools.workspace.db, sorting_id))
    where = {"segment": segment, "sample": sample, "units": units, "direction": direction}
    found: dict[str, int] = tools.interactive.ask("next_spike", {**stored, **where})
    return found


def templates(tools: Tools, sorting_id: int, units: Sequence[int] | None) -> bytes:
    """Templates of some units as a binary frame. Raises Unavailable when there are none."""
    sorting = sortings.get(tools.workspace.db, sorting_id)
    if sorting.recording_id is None:
        raise Unavailable("This sorting has no recording, so its templates stand on no channels.")
    unit = recordings.get(tools.workspace.db, sorting.recording_id).facts["unit"]
    params = {**_stored(tools, sorting), "units": units, "channel_count": _channel_count(tools, sorting), "unit": unit}
    found: bytes = tools.interactive.ask("templates", params)
    return found


def chain_of(text: str) -> list[Any]:
    """The chain that a query means; empty and “raw” mean none."""
    if text.strip() in RAW_WORDS:
        return []
    try:
        chain = json.loads(text)
    except ValueError:
        chain = None
    if not isinstance(chain, list):
        raise Invalid({"chain": 'Must be a JSON list of steps, such as [{"step": "bandpass_filter", "params": {}}].'})
    return chain


def growing_name(recording: Recording, chain: Sequence[Mapping[str, Any]]) -> str:
    """What tells a pyramid from all others: the content of the recording's files, how it is read, and the chain."""
    seen = recording.fingerprint or {}
    spec = {**recording.spec, "path": "", "probe": None} if seen.get("sha256") else recording.spec
    return hashlib.sha256(canonical([spec, seen.get("sha256"), list(chain)]).encode()).hexdigest()


def _newest(tools: Tools, task: str, params: Mapping[str, Any], topic: str) -> bytes:
    try:
        found: bytes = tools.interactive.ask(task, params, topic=topic)
    except Superseded as error:
        raise Conflict(str(error)) from error
    return found


def _channels(tools: Tools, recording: Recording) -> list[dict[str, Any]]:
    facts, measured = recording.facts, library.measurements(tools, recording) or {}
    contacts = {contact["channel_index"]: contact for contact in (recording.probe or {}).get("contacts", ())}
    bad = {str(channel["id"]): channel["label"] for channel in measured.get("bad_channels", ())}
    noise = measured.get("noise") or [None] * len(facts["channel_ids"])
    return [
        {
            "position": position,
            "id": channel,
            "x_um": contacts.get(position, {}).get("x_um"),
            "y_um": contacts.get(position, {}).get("y_um"),
            "shank": contacts.get(position, {}).get("shank", ""),
            "group": facts["groups"][position],
            "noise": noise[position],
            "bad": bad.get(str(channel), ""),
        }
        for position, channel in enumerate(facts["channel_ids"])
    ]


def _fitting(tools: Tools, recording: Recording) -> list[PyramidRow]:
    """The pyramids that are of the recording as it is now; others are of a file that has changed."""
    rows = pyramids.all(tools.workspace.db, recording.id)
    return [row for row in rows if row.growing == growing_name(recording, row.chain)]


def _reference(tools: Tools, row: PyramidRow) -> dict[str, Any]:
    """Where a worker finds a pyramid, and the job that makes it."""
    stored = None if row.result_key is None else blob_path(tools.workspace.db, row.result_key, INSIDE)
    job = None if stored else _active_job(tools, row)
    return {"chain": row.chain, "blob": stored, "growing": row.growing, "job": job.id if job else None}


def _plain_pyramid(tools: Tools, row: PyramidRow) -> dict[str, Any]:
    job = _active_job(tools, row) if row.result_key is None else None
    covered = 1.0 if row.result_key else (job.progress or 0.0) if job else 0.0
    chain = json.dumps(row.chain, separators=(",", ":")) if row.chain else ""
    number = job.id if job else None
    return {"chain_key": row.growing, "title": row.title, "chain": chain, "coverage": covered, "job": number}


def _active_job(tools: Tools, row: PyramidRow) -> Job | None:
    active = jobs.all(tools.workspace.db, states=("queued", "starting", "running"), recording_id=row.recording_id)
    named = [job for job in active if job.task == "pyramid" and (job.on_done or {}).get("growing") == row.growing]
    return named[0] if named else None


def _stored(tools: Tools, sorting: Sorting) -> dict[str, Any]:
    db = tools.workspace.db
    analyzer = blob_path(db, sorting.analyzer_key, "analyzer") if sorting.analyzer_key else None
    return {"sorting": blob_path(db, sorting.result_key, "sorting"), "analyzer": analyzer}


def _channel_count(tools: Tools, sorting: Sorting) -> int:
    if sorting.recording_id is None:
        return 0
    return int(recordings.get(tools.workspace.db, sorting.recording_id).facts["channel_count"])


def _tidy(tools: Tools) -> None:
    """Removes what grew for recordings that are gone."""
    named = pyramids.growing(tools.workspace.db)
    if tools.workspace.growing.is_dir():
        for folder in tools.workspace.growing.iterdir():
            if folder.name not in named:
                shutil.rmtree(folder, ignore_errors=True)
