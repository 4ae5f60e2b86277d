"""The trace viewer's addresses: its page, frames of traces and spikes, overviews, notes and named chains.

All but the page answer binary frames or JSON, for scripts; so do their errors.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Response, Template
from litestar.types import ControllerRouterHandler

from labbox_local.errors import Invalid
from labbox_local.services import annotating, tracing
from labbox_local.services.annotating import NoteText
from labbox_local.services.tracing import Asked
from labbox_local.web.forms import Form, FormGiven
from labbox_local.web.pages import LabGiven, ToolsGiven, whole

MOST_SPIKES = 50_000
BINARY = "application/octet-stream"
NOT_STORED = {"Cache-Control": "no-store"}
SAMPLE = QueryParameter(ge=-(2**62), le=2**62)
COUNT = QueryParameter(ge=1, le=2**62)


@get("/recordings/{recording_id:int}/tracer", sync_to_thread=True)
def tracer_page(lab: LabGiven, recording_id: FromPath[int]) -> Template:
    """The viewer as a page of its own."""
    return whole(lab, "traces/page.html", tracing.page(lab.tools, recording_id))


@get("/recordings/{recording_id:int}/tracing", sync_to_thread=True)
def recording_tracing(tools: ToolsGiven, recording_id: FromPath[int]) -> Response[dict[str, Any]]:
    """What a viewer needs to know first."""
    return Response(tracing.tracing(tools, recording_id), headers=NOT_STORED)


@get("/recordings/{recording_id:int}/frame", sync_to_thread=True)
def recording_frame(
    tools: ToolsGiven,
    recording_id: FromPath[int],
    start: Annotated[int, SAMPLE],
    count: Annotated[int, COUNT],
    columns: FromQuery[int],
    segment: FromQuery[int] = 0,
    channels: FromQuery[str] = "",
    chain: FromQuery[str] = "",
    view: FromQuery[str] = "",
    residual: FromQuery[int | None] = None,
    units: FromQuery[str] = "",
) -> Response[bytes]:
    """A window of traces."""
    asked = Asked(
        segment=segment, start=start, count=count, columns=columns, channels=positions(channels, "channels"),
        chain=chain, view=view, residual=residual, units=positions(units, "units"),
    )  # fmt: skip
    return framed(tracing.frame(tools, recording_id, asked))


@post("/recordings/{recording_id:int}/pyramid", sync_to_thread=True, status_code=200)
def build_pyramid(tools: ToolsGiven, form: FormGiven, recording_id: FromPath[int]) -> Response[dict[str, int]]:
    """Make the overview, so that wide windows show every sample."""
    return Response({"job": tracing.build_pyramid(tools, recording_id, form.text("chain")).id})


@post("/recordings/{recording_id:int}/bad_channels", sync_to_thread=True, status_code=200)
def find_bad_channels(tools: ToolsGiven, recording_id: FromPath[int]) -> Response[dict[str, int]]:
    """Measure the channels again."""
    return Response({"job": tracing.find_bad_channels(tools, recording_id).id})


@get("/recordings/{recording_id:int}/notes", sync_to_thread=True)
def recording_notes(tools: ToolsGiven, recording_id: FromPath[int]) -> Response[dict[str, Any]]:
    """The notes of a recording."""
    return Response(annotating.notes(tools, recording_id), headers=NOT_STORED)


@get("/recordings/{recording_id:int}/notes.json", sync_to_thread=True)
def notes_json(tools: ToolsGiven, recording_id: FromPath[int]) -> Response[dict[str, Any]]:
    """The notes as a file."""
    return Response(annotating.notes(tools, recording_id), headers=attached(f"notes-{recording_id}.json"))


@get("/recordings/{recording_id:int}/notes.csv", sync_to_thread=True)
def notes_csv(tools: ToolsGiven, recording_id: FromPath[int]) -> Response[str]:
    """The notes as a table."""
    headers = attached(f"notes-{recording_id}.csv")
    return Response(annotating.notes_csv(tools, recording_id), media_type="text/csv", headers=headers)


@post("/recordings/{recording_id:int}/notes", sync_to_thread=True, status_code=200)
def add_note(tools: ToolsGiven, form: FormGiven, recording_id: FromPath[int]) -> Response[dict[str, Any]]:
    """Write a note."""
    return Response(annotating.add_note(tools, recording_id, note_of(form)))


@post("/notes/{note_id:int}", sync_to_thread=True, status_code=200)
def change_note(tools: ToolsGiven, form: FormGiven, note_id: FromPath[int]) -> Response[dict[str, Any]]:
    """Change a note."""
    return Response(annotating.change_note(tools, note_id, note_of(form)))


@post("/notes/{note_id:int}/delete", sync_to_thread=True, status_code=200)
def delete_note(tools: ToolsGiven, note_id: FromPath[int]) -> Response[dict[str, Any]]:
    """Remove a note."""
    return Response(annotating.delete_note(tools, note_id))


@post("/recordings/{recording_id:int}/presets", sync_to_thread=True, status_code=200)
def save_preset(tools: ToolsGiven, form: FormGiven, recording_id: FromPath[int]) -> Response[dict[str, Any]]:
    """Keep a chain under a name."""
    return Response(annotating.save_preset(tools, form.text("name"), tracing.chain_of(form.text("chain"))))


@post("/presets/{preset_id:int}/delete", sync_to_thread=True, status_code=200)
def delete_preset(tools: ToolsGiven, preset_id: FromPath[int]) -> Response[dict[str, Any]]:
    """Forget a named chain."""
    annotating.delete_preset(tools, preset_id)
    return Response({})


@get("/sortings/{sorting_id:int}/tracer", sync_to_thread=True)
def sorting_tracer_page(lab: LabGiven, sorting_id: FromPath[int]) -> Template:
    """The viewer with the spikes of a sorting, as a page of its own."""
    return whole(lab, "traces/page.html", tracing.sorting_page(lab.tools, sorting_id))


@get("/sortings/{sorting_id:int}/tracing", sync_to_thread=True)
def sorting_tracing(tools: ToolsGiven, sorting_id: FromPath[int]) -> Response[dict[str, Any]]:
    """What a viewer needs to know of a sorting first."""
    return Response(tracing.sorting_tracing(tools, sorting_id), headers=NOT_STORED)


@get("/sortings/{sorting_id:int}/spikes", sync_to_thread=True)
def sorting_spikes(
    tools: ToolsGiven,
    sorting_id: FromPath[int],
    start: Annotated[int, SAMPLE],
    count: Annotated[int, COUNT],
    segment: FromQuery[int] = 0,
    units: FromQuery[str] = "",
    limit: FromQuery[int] = MOST_SPIKES,
) -> Response[bytes]:
    """The spikes of a window."""
    chosen = positions(units, "units")
    return framed(tracing.spikes(tools, sorting_id, segment, start, count, chosen, min(limit, MOST_SPIKES)))


@get("/sortings/{sorting_id:int}/next_spike", sync_to_thread=True)
def next_spike(
    tools: ToolsGiven,
    sorting_id: FromPath[int],
    sample: Annotated[int, SAMPLE],
    segment: FromQuery[int] = 0,
    units: FromQuery[str] = "",
    direction: FromQuery[int] = 1,
) -> Response[dict[str, int]]:
    """The nearest spike further on."""
    found = tracing.next_spike(tools, sorting_id, segment, sample, positions(units, "units"), direction)
    return Response(found, headers=NOT_STORED)


@get("/sortings/{sorting_id:int}/templates", sync_to_thread=True)
def sorting_templates(tools: ToolsGiven, sorting_id: FromPath[int], units: FromQuery[str] = "") -> Response[bytes]:
    """Templates of some units."""
    return framed(tracing.templates(tools, sorting_id, positions(units, "units")))


def positions(text: str, field: str) -> list[int] | None:
    """Whole numbers with commas between them; None for all, which an empty text means."""
    if not text.strip():
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise Invalid({field: "Must be whole numbers with commas between them, such as 0,1,5."}) from None


def note_of(form: Form) -> NoteText:
    """A note as it was entered."""
    return NoteText(*(form.text(name) for name in ("segment", "start_sample", "end_sample", "text")))


def framed(content: bytes) -> Response[bytes]:
    """A binary frame, which no cache but the viewer's own keeps."""
    return Response(content, media_type=BINARY, headers=NOT_STORED)


def attached(name: str) -> dict[str, str]:
    """Headers of a file that is to be saved."""
    return {**NOT_STORED, "Content-Disposition": f'attachment; filename="{name}"'}


ROUTES: list[ControllerRouterHandler] = [
    tracer_page,
    recording_tracing,
    recording_frame,
    build_pyramid,
    find_bad_channels,
    recording_notes,
    notes_json,
    notes_csv,
    add_note,
    change_note,
    delete_note,
    save_preset,
    delete_preset,
    sorting_tracer_page,
    sorting_tracing,
    sorting_spikes,
    next_spike,
    sorting_templates,
]
