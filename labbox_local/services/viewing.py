"""A sorting's page: its panels, and the figures and tables that the views compute in a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labbox_local.errors import NotFound
from labbox_local.fields import Field, check
from labbox_local.services.tools import Tools, blob_path
from labbox_local.store import jobs, recordings, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.recordings import Recording
from labbox_local.store.sortings import Sorting

DEFAULT_LAYOUT = ("units_table", "autocorrelograms", "waveforms", "amplitudes")


@dataclass(frozen=True)
class SortingPage:
    """One sorting with its panels (ids of views) and the job that computes what the views need, while it is active."""

    sorting: Sorting
    recording: Recording | None
    panels: Sequence[str]
    jobs: Sequence[Job]
    analysis: Job | None
    analyzed: bool
    can_analyze: bool


@dataclass(frozen=True)
class Panel:
    """A view's frame: title, help, kind, settings form; its content is fetched from the view's data address."""

    sorting_id: int
    view: str
    title: str
    help: str
    kind: str
    fields: Sequence[Field]


@dataclass(frozen=True)
class Selection:
    """What the views show: unit ids as text (in order), a time range, a cursor, electrodes as channel ids."""

    units: Sequence[str] = ()
    time_range_s: tuple[float, float] | None = None
    cursor_s: float | None = None
    electrodes: Sequence[str] = ()


def page(tools: Tools, sorting_id: int) -> SortingPage:
    """The frame of a sorting's page; asks no worker, so it is there at once."""
    db = tools.workspace.db
    sorting = sortings.get(db, sorting_id)
    related = jobs.all(db, sorting_id=sorting_id, limit=20)
    analyses = [job for job in related if job.task == "analyze"]
    return SortingPage(
        sorting=sorting,
        recording=recordings.get(db, sorting.recording_id) if sorting.recording_id is not None else None,
        panels=DEFAULT_LAYOUT,
        jobs=related,
        analysis=analyses[0] if analyses and (analyses[0].active or sorting.analyzer_key is None) else None,
        analyzed=sorting.analyzer_key is not None,
        can_analyze=sorting.recording_id is not None and sorting.spike_count > 0,
    )


def catalog(tools: Tools) -> dict[str, Any]:
    """Every view as data, built-in and plug-in, and the plug-ins that failed to load with their errors."""
    known: dict[str, Any] = tools.interactive.ask("views", {})
    return known


def panel(tools: Tools, sorting_id: int, view: str) -> Panel:
    """The frame of one view on a sorting."""
    sortings.get(tools.workspace.db, sorting_id)
    entry = _entry(tools, view)
    fields = [Field.of(plain) for plain in entry["fields"]]
    return Panel(sorting_id, view, entry["title"], entry["help"], entry["kind"], fields)


def draw(
    tools: Tools, sorting_id: int, view: str, selection: Selection, entered: Mapping[str, Any] | None = None
) -> bytes:
    """What the view shows of the selection: JSON text (figure or table), ready to send.

    Raises
    ------
    Unavailable
        With a sentence, when the sorting lacks what the view needs.
    """
    db = tools.workspace.db
    sorting = sortings.get(db, sorting_id)
    settings = check([Field.of(plain) for plain in _entry(tools, view)["fields"]], entered or {})
    drawn: bytes = tools.interactive.ask(
        "draw",
        {
            "view": view,
            **data(tools, sorting),
            "selection": {
                "units": list(selection.units),
                "time_range_s": selection.time_range_s,
                "cursor_s": selection.cursor_s,
                "electrodes": list(selection.electrodes),
            },
            "settings": settings,
        },
        topic=f"draw {sorting_id} {view}",
    )
    return drawn


def data(tools: Tools, sorting: Sorting) -> dict[str, Any]:
    """Where a worker finds the sorting: blob references of its spikes and, if there is one, its analyzer."""
    db = tools.workspace.db
    return {
        "sorting": blob_path(db, sorting.result_key, "sorting"),
        "analyzer": blob_path(db, sorting.analyzer_key, "analyzer") if sorting.analyzer_key else None,
        "labels": sorting.labels,
        "has_recording": sorting.recording_id is not None,
    }


def _entry(tools: Tools, view: str) -> Mapping[str, Any]:
    for entry in catalog(tools)["views"]:
        if entry["id"] == view:
            return entry  # type: ignore[no-any-return]
    raise NotFound(f"There is no view named “{view}”.")
