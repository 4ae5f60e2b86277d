"""A sorting's page: its views with their data, post-processing, name and notes, and its deletion; and the import."""

from __future__ import annotations

import json
from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template
from litestar.types import ControllerRouterHandler

from labbox_local.errors import Invalid, Unavailable
from labbox_local.services import analysis, library, provenance, viewing
from labbox_local.services.viewing import Selection
from labbox_local.web.forms import FormGiven, inputs
from labbox_local.web.pages import LabGiven, ToolsGiven, fragment, refused, see, whole

SETTING = "s."
EDITABLE = ("name", "notes")
NO_ERRORS: dict[str, str] = {}


@get("/sortings/{sorting_id:int}", sync_to_thread=True)
def sorting_page(lab: LabGiven, sorting_id: FromPath[int]) -> Template:
    """One sorting; its views fetch what they show."""
    page = viewing.page(lab.tools, sorting_id)
    return whole(lab, "sortings/sorting.html", page, errors=NO_ERRORS, entered=NO_ERRORS)


@get("/sortings/{sorting_id:int}/status", sync_to_thread=True)
def sorting_status(tools: ToolsGiven, sorting_id: FromPath[int]) -> Template:
    """How far its post-processing is."""
    return fragment("sortings/_status.html", viewing.page(tools, sorting_id))


@post("/sortings/{sorting_id:int}", sync_to_thread=True)
def update_sorting(lab: LabGiven, form: FormGiven, sorting_id: FromPath[int]) -> Template | Redirect:
    """Change name or notes."""
    entered = {name: form.text(name) for name in EDITABLE if name in form.names()}
    try:
        library.update_sorting(lab.tools, sorting_id, **entered)
    except Invalid as error:
        page = viewing.page(lab.tools, sorting_id)
        return refused(lab, "sortings/sorting.html", page, errors=error.fields, entered=entered)
    return see(f"/sortings/{sorting_id}")


@post("/sortings/{sorting_id:int}/analyze", sync_to_thread=True)
def analyze_sorting(tools: ToolsGiven, sorting_id: FromPath[int]) -> Redirect:
    """Compute what the views need."""
    analysis.analyze(tools, sorting_id)
    return see(f"/sortings/{sorting_id}")


@get("/sortings/{sorting_id:int}/delete", sync_to_thread=True)
def ask_deletion(tools: ToolsGiven, sorting_id: FromPath[int]) -> Template:
    """What would go with it."""
    deletion = library.sorting_deletion(tools, sorting_id)
    return fragment("library/_delete.html", deletion, action=f"/sortings/{sorting_id}/delete")


@post("/sortings/{sorting_id:int}/delete", sync_to_thread=True)
def delete_sorting(tools: ToolsGiven, sorting_id: FromPath[int]) -> Redirect:
    """Take it out of the library and go back to its recording."""
    recording = viewing.page(tools, sorting_id).recording
    library.delete_sorting(tools, sorting_id)
    return see(f"/recordings/{recording.id}" if recording else "/")


@get("/sortings/{sorting_id:int}/views/{view:str}", sync_to_thread=True)
def view_panel(tools: ToolsGiven, sorting_id: FromPath[int], view: FromPath[str]) -> Template:
    """The frame of one view, with the form of its settings."""
    panel = viewing.panel(tools, sorting_id, view)
    return fragment("sortings/_panel.html", panel, inputs=inputs(panel.fields, {}, {}, SETTING))


@get("/sortings/{sorting_id:int}/views/{view:str}/data", sync_to_thread=True)
def view_data(
    request: Request[Any, Any, Any], tools: ToolsGiven, sorting_id: FromPath[int], view: FromPath[str]
) -> Response[bytes]:
    """What a view shows of a selection. The query bears ``unit`` and ``electrode`` (several times), ``s.<setting>``."""
    query = request.query_params
    settings = {name.removeprefix(SETTING): query[name] for name in query if name.startswith(SETTING)}
    selection = Selection(
        units=query.getall("unit", []),
        time_range_s=_range(query.get("from_s"), query.get("to_s")),
        cursor_s=_seconds(query.get("cursor_s")),
        electrodes=query.getall("electrode", []),
    )
    try:
        drawn = viewing.draw(tools, sorting_id, view, selection, settings)
    except Unavailable as error:
        # What a view lacks is part of its state, no failed request: browsers report those on their console.
        drawn = json.dumps({"lack": str(error), "hint": error.hint}).encode()
    return Response(drawn, media_type="application/json")


@get("/sortings/{sorting_id:int}/provenance.json", sync_to_thread=True)
def sorting_provenance(tools: ToolsGiven, sorting_id: FromPath[int]) -> Response[dict[str, Any]]:
    """Where it came from, as data."""
    return Response(provenance.of_sorting(tools, sorting_id))


def _range(start: str | None, end: str | None) -> tuple[float, float] | None:
    first, last = _seconds(start), _seconds(end)
    return None if first is None or last is None else (first, last)


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        raise Invalid({"": f"A time must be a number of seconds; “{text}” is not."}) from None


ROUTES: list[ControllerRouterHandler] = [
    sorting_page,
    sorting_status,
    update_sorting,
    analyze_sorting,
    ask_deletion,
    delete_sorting,
    view_panel,
    view_data,
    sorting_provenance,
]
