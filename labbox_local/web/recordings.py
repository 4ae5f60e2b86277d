"""A recording's page: facts, probe, traces, what was made of it, its name, notes and tags, and its deletion."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect, Response, Template
from litestar.types import ControllerRouterHandler

from labbox_local.errors import Invalid
from labbox_local.services import importing, library, provenance
from labbox_local.web.forms import FormGiven
from labbox_local.web.pages import LabGiven, ToolsGiven, fragment, refused, see, whole

NO_ERRORS: dict[str, str] = {}
EDITABLE = ("name", "notes", "tags")
POINTS = QueryParameter(ge=10, le=20_000)


@get("/recordings/{recording_id:int}", sync_to_thread=True)
def recording_page(lab: LabGiven, recording_id: FromPath[int]) -> Template:
    """One recording."""
    page = library.recording_page(lab.tools, recording_id)
    return whole(lab, "recordings/recording.html", page, errors=NO_ERRORS, entered=NO_ERRORS)


@get("/recordings/{recording_id:int}/made", sync_to_thread=True)
def recording_made(tools: ToolsGiven, recording_id: FromPath[int]) -> Template:
    """Its sortings and jobs, which change while it is open."""
    return fragment("recordings/_made.html", library.recording_page(tools, recording_id))


@get("/recordings/{recording_id:int}/probe", sync_to_thread=True)
def recording_probe(tools: ToolsGiven, recording_id: FromPath[int]) -> Template:
    """Its probe with the noise of each channel, which comes after the import."""
    return fragment("recordings/_probe.html", library.recording_page(tools, recording_id))


@post("/recordings/{recording_id:int}", sync_to_thread=True)
def update_recording(lab: LabGiven, form: FormGiven, recording_id: FromPath[int]) -> Template | Redirect:
    """Change name, notes or tags."""
    entered = {name: form.text(name) for name in EDITABLE if name in form.names()}
    try:
        library.update_recording(lab.tools, recording_id, **entered)
    except Invalid as error:
        page = library.recording_page(lab.tools, recording_id)
        return refused(lab, "recordings/recording.html", page, errors=error.fields, entered=entered)
    return see(f"/recordings/{recording_id}")


@post("/recordings/{recording_id:int}/locate", sync_to_thread=True)
def locate_recording(lab: LabGiven, form: FormGiven, recording_id: FromPath[int]) -> Template | Redirect:
    """Say where the file is now."""
    entered = {"path": form.text("path")}
    try:
        importing.locate(lab.tools, recording_id, entered["path"])
    except Invalid as error:
        page = library.recording_page(lab.tools, recording_id)
        return refused(lab, "recordings/recording.html", page, errors=error.fields, entered=entered)
    return see(f"/recordings/{recording_id}")


@get("/recordings/{recording_id:int}/delete", sync_to_thread=True)
def ask_deletion(tools: ToolsGiven, recording_id: FromPath[int]) -> Template:
    """What would go with it."""
    deletion = library.recording_deletion(tools, recording_id)
    return fragment("library/_delete.html", deletion, action=f"/recordings/{recording_id}/delete")


@post("/recordings/{recording_id:int}/delete", sync_to_thread=True)
def delete_recording(tools: ToolsGiven, recording_id: FromPath[int]) -> Redirect:
    """Take it out of the library."""
    library.delete_recording(tools, recording_id)
    return see("/")


@get("/recordings/{recording_id:int}/traces", sync_to_thread=True)
def recording_traces(
    request: Request[Any, Any, Any],
    tools: ToolsGiven,
    recording_id: FromPath[int],
    start_s: FromQuery[float] = 0.0,
    duration_s: Annotated[float, QueryParameter(gt=0)] = 1.0,
    segment: Annotated[int, QueryParameter(ge=0)] = 0,
    max_points: Annotated[int, POINTS] = 2000,
) -> Response[Any]:
    """A stretch of its traces as data; ``channel`` may be given several times."""
    channels = request.query_params.getall("channel", [])
    return Response(library.traces(tools, recording_id, start_s, duration_s, segment, channels, max_points))


@get("/recordings/{recording_id:int}/provenance.json", sync_to_thread=True)
def recording_provenance(tools: ToolsGiven, recording_id: FromPath[int]) -> Response[dict[str, Any]]:
    """Where it came from, as data."""
    return Response(provenance.of_recording(tools, recording_id))


ROUTES: list[ControllerRouterHandler] = [
    recording_page,
    recording_made,
    recording_probe,
    update_recording,
    locate_recording,
    ask_deletion,
    delete_recording,
    recording_traces,
    recording_provenance,
]
