"""The library: its recordings and sortings, what belongs to each, renaming, notes, tags and deletion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from labbox_local.errors import Invalid, NotFound
from labbox_local.services.tools import Tools
from labbox_local.store import jobs, recordings, results, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.recordings import Recording
from labbox_local.store.sortings import Sorting

Noun = TypeVar("Noun", Recording, Sorting)
NOTES_LENGTH = 100_000


@dataclass(frozen=True)
class RecordingRow:
    """A line of the recordings table."""

    recording: Recording
    sorting_count: int
    active_jobs: int
    state: str


@dataclass(frozen=True)
class LibraryPage:
    """The recordings that pass the search and the tag; ``total`` counts all, ``loose_sortings`` have no recording."""

    rows: Sequence[RecordingRow]
    total: int
    tags: Sequence[str]
    search: str
    tag: str
    loose_sortings: Sequence[Sorting]
    workspace: str


@dataclass(frozen=True)
class RecordingPage:
    """All that is known of one recording; ``measured`` is None until its channels were measured."""

    recording: Recording
    sortings: Sequence[Sorting]
    jobs: Sequence[Job]
    measured: Mapping[str, Any] | None
    trouble: str
    missing: bool


@dataclass(frozen=True)
class Deletion:
    """What goes when a recording or a sorting is deleted; raw data never does."""

    name: str
    kind: str
    sorting_count: int
    active_jobs: int
    size_bytes: int
    raw_path: str


def page(tools: Tools, search: str = "", tag: str = "") -> LibraryPage:
    """The recordings whose name, path, format or tags hold every word of `search`, newest first."""
    db = tools.workspace.db
    every = recordings.all(db)
    counts = sortings.counts_by_recording(db)
    active = jobs.active_by_recording(db)
    words = search.lower().split()
    shown = [known for known in every if _matches(known, words) and (not tag or tag in known.tags)]
    return LibraryPage(
        rows=[_row(known, counts.get(known.id, 0), active.get(known.id, 0)) for known in shown],
        total=len(every),
        tags=sorted({name for known in every for name in known.tags}),
        search=search,
        tag=tag,
        loose_sortings=sortings.loose(db),
        workspace=str(tools.workspace.folder),
    )


def recording_page(tools: Tools, recording_id: int) -> RecordingPage:
    """One recording with its sortings, jobs and measurements."""
    db = tools.workspace.db
    recording = recordings.get(db, recording_id)
    trouble, missing = file_trouble(recording)
    return RecordingPage(
        recording=recording,
        sortings=sortings.all(db, recording_id=recording_id),
        jobs=jobs.all(db, recording_id=recording_id, limit=20),
        measured=measurements(tools, recording),
        trouble=trouble,
        missing=missing,
    )


def measurements(tools: Tools, recording: Recording) -> Mapping[str, Any] | None:
    """Noise levels and bad channels of a recording, or None before they were measured."""
    if recording.measure_key is None:
        return None
    return results.get(tools.workspace.db, recording.measure_key).summary


def file_trouble(recording: Recording) -> tuple[str, bool]:
    """What is wrong with the recording's files since the import (empty when nothing is), and whether any is gone."""
    for seen in (recording.fingerprint or {}).get("files", ()):
        path = Path(seen["path"])
        try:
            now = path.stat()
        except OSError:
            return f"The file {path} is not there any more, or cannot be read.", True
        if now.st_size != seen["size_bytes"]:
            return (
                f"The file {path} has changed: it had {seen['size_bytes']} bytes at the import, it has {now.st_size}.",
                False,
            )
        if now.st_mtime_ns != seen["mtime_ns"]:
            return f"The file {path} was written to since the import.", False
    return "", False


def traces(
    tools: Tools,
    recording_id: int,
    start_s: float,
    duration_s: float,
    segment: int = 0,
    channels: Sequence[str] | None = None,
    max_points: int = 2000,
) -> Any:
    """Minimum and maximum per pixel of a stretch of a recording, at most `max_points` wide."""
    recording = recordings.get(tools.workspace.db, recording_id)
    params = {
        "spec": recording.spec,
        "start_s": start_s,
        "duration_s": duration_s,
        "segment": segment,
        "channels": list(channels) if channels else None,
        "preprocessing": [],
        "max_points": max_points,
    }
    return tools.interactive.ask("traces", params, topic=f"traces {recording_id}")


def update_recording(tools: Tools, recording_id: int, **entered: str) -> Recording:
    """Change the name, notes or tags (comma-separated) of a recording."""
    recordings.update(tools.workspace.db, recording_id, **_checked(entered, ("name", "notes", "tags")))
    tools.supervisor.tell("library", {"recording": recording_id})
    return recordings.get(tools.workspace.db, recording_id)


def update_sorting(tools: Tools, sorting_id: int, **entered: str) -> Sorting:
    """Change the name or notes of a sorting."""
    sortings.update(tools.workspace.db, sorting_id, **_checked(entered, ("name", "notes")))
    tools.supervisor.tell("library", {"sorting": sorting_id})
    return sortings.get(tools.workspace.db, sorting_id)


def recording_deletion(tools: Tools, recording_id: int) -> Deletion:
    """What would go with the recording."""
    db = tools.workspace.db
    recording = recordings.get(db, recording_id)
    made = sortings.all(db, recording_id=recording_id)
    keys = [recording.measure_key, recording.result_key, *(key for own in made for key in _keys(own))]
    return Deletion(
        name=recording.name,
        kind="recording",
        sorting_count=len(made),
        active_jobs=recordings.dependents(db, recording_id)["active_jobs"],
        size_bytes=_size(tools, keys),
        raw_path="" if recording.result_key else str(recording.facts["path"]),
    )


def sorting_deletion(tools: Tools, sorting_id: int) -> Deletion:
    """What would go with the sorting."""
    db = tools.workspace.db
    sorting = sortings.get(db, sorting_id)
    active = jobs.all(db, states=jobs.ACTIVE, sorting_id=sorting_id)
    return Deletion(sorting.name, "sorting", 0, len(active), _size(tools, _keys(sorting)), "")


def delete_recording(tools: Tools, recording_id: int) -> None:
    """Cancel the recording's jobs, take it and its sortings out of the library and free what nothing else uses."""
    recordings.delete(tools.workspace.db, recording_id)
    _clean(tools, {"recording": recording_id})


def delete_sorting(tools: Tools, sorting_id: int) -> None:
    """Cancel the sorting's jobs, take it out of the library and free what nothing else uses."""
    sortings.delete(tools.workspace.db, sorting_id)
    _clean(tools, {"sorting": sorting_id})


def find_recording(tools: Tools, name_or_id: str) -> Recording:
    """The recording of this number or, failing that, of this very name."""
    return _find(recordings.all(tools.workspace.db), name_or_id, "recording")


def find_sorting(tools: Tools, name_or_id: str) -> Sorting:
    """The sorting of this number or, failing that, of this very name."""
    return _find(sortings.all(tools.workspace.db), name_or_id, "sorting")


def _find(known: Sequence[Noun], name_or_id: str, noun: str) -> Noun:
    for item in known:
        if str(item.id) == name_or_id:
            return item
    named = [item for item in known if item.name == name_or_id]
    if len(named) == 1:
        return named[0]
    if named:
        raise NotFound(
            f"{len(named)} {noun}s are named “{name_or_id}”; use a number: {', '.join(str(n.id) for n in named)}."
        )
    raise NotFound(f"There is no {noun} with the number or name “{name_or_id}”.")


def _matches(recording: Recording, words: Sequence[str]) -> bool:
    text = " ".join(
        [recording.name, str(recording.facts["path"]), str(recording.facts["format"]), *recording.tags]
    ).lower()
    return all(word in text for word in words)


def _row(recording: Recording, sorting_count: int, active_jobs: int) -> RecordingRow:
    trouble, missing = file_trouble(recording)
    state = "file missing" if missing else "file changed" if trouble else "working" if active_jobs else "ready"
    return RecordingRow(recording, sorting_count, active_jobs, state)


def _checked(entered: Mapping[str, str], allowed: Sequence[str]) -> dict[str, Any]:
    if unknown := sorted(set(entered) - set(allowed)):
        raise Invalid(dict.fromkeys(unknown, "This cannot be changed."))
    if len(entered.get("notes", "")) > NOTES_LENGTH:
        raise Invalid({"notes": f"Notes hold up to {NOTES_LENGTH} characters; these are {len(entered['notes'])}."})
    return {name: text.split(",") if name == "tags" else text for name, text in entered.items()}


def _keys(sorting: Sorting) -> list[str | None]:
    return [sorting.result_key, sorting.analyzer_key]


def _size(tools: Tools, keys: Sequence[str | None]) -> int:
    return sum(results.get(tools.workspace.db, key).size_bytes for key in {key for key in keys if key})


def _clean(tools: Tools, what: dict[str, Any]) -> None:
    tools.supervisor.ring()
    results.clean(tools.workspace)
    tools.supervisor.tell("library", what)
