"""The library's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from labbox_local.services import library
from labbox_local.services.library import LibraryPage, RecordingRow
from labbox_local.web.pages import LabGiven, ToolsGiven, fragment, whole

NEWEST_FIRST = "-imported"
SORT_KEYS: dict[str, Callable[[RecordingRow], Any]] = {
    "name": lambda row: row.recording.name.lower(),
    "format": lambda row: row.recording.facts["format"],
    "channels": lambda row: row.recording.facts["channel_count"],
    "rate": lambda row: row.recording.facts["sampling_rate_hz"],
    "duration": lambda row: row.recording.facts["duration_s"],
    "segments": lambda row: len(row.recording.facts["sample_counts"]),
    "probe": lambda row: row.recording.facts["probe_name"] or "",
    "sortings": lambda row: row.sorting_count,
    "state": lambda row: row.state,
    "imported": lambda row: row.recording.id,
}


def in_order(rows: Sequence[RecordingRow], sort: str) -> list[RecordingRow]:
    """The rows by the column that `sort` names, descending with a minus before it; equal ones keep their order."""
    key = SORT_KEYS.get(sort.removeprefix("-"), SORT_KEYS[NEWEST_FIRST.removeprefix("-")])
    return sorted(rows, key=key, reverse=sort.startswith("-"))


def _shown(tools: ToolsGiven, search: str, tag: str, sort: str) -> LibraryPage:
    page = library.page(tools, search, tag)
    return replace(page, rows=in_order(page.rows, sort))


@get("/", sync_to_thread=True)
def library_page(
    lab: LabGiven, search: FromQuery[str] = "", tag: FromQuery[str] = "", sort: FromQuery[str] = NEWEST_FIRST
) -> Template:
    """All recordings."""
    return whole(lab, "library/library.html", _shown(lab.tools, search, tag, sort), sort=sort)


@get("/library/rows", sync_to_thread=True)
def library_rows(
    tools: ToolsGiven, search: FromQuery[str] = "", tag: FromQuery[str] = "", sort: FromQuery[str] = NEWEST_FIRST
) -> Template:
    """The recordings that a search leaves, while it is being typed or the library changes."""
    return fragment("library/_table.html", _shown(tools, search, tag, sort), sort=sort)


ROUTES: list[ControllerRouterHandler] = [library_page, library_rows]
