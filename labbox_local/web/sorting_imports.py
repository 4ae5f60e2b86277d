"""Importing a sorting: a path, a look at what it holds, then the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from litestar import Request, get, post
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from labbox_local.errors import Conflict, Invalid, LabError, Unavailable
from labbox_local.fields import Field
from labbox_local.services import importing, library
from labbox_local.services.importing import SortingRequest
from labbox_local.services.library import RecordingRow
from labbox_local.services.tools import Tools
from labbox_local.web.forms import Form, FormGiven, Input, inputs, leftover
from labbox_local.web.imports import OPTION, explained
from labbox_local.web.pages import LabGiven, refused, see, whole

OWN_NAMES = {"path", "format", "name", "recording", "recording_id"}


@dataclass(frozen=True)
class SortingImportPage:
    """The form so far; ``seen`` is what the path holds, None until that could be read."""

    path: str
    name: str
    recording_id: int | None
    recordings: Sequence[RecordingRow]
    seen: Mapping[str, Any] | None = None
    options: Sequence[Input] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def general(self) -> list[str]:
        """What is wrong with no input of the page in particular."""
        return leftover(self.errors, {each.field.name for each in self.options} | OWN_NAMES)


def request_of(form: Form) -> SortingRequest:
    """What the form says of a sorting."""
    chosen = form.text("recording")
    return SortingRequest(
        path=form.text("path"),
        options={name: text for name, text in form.under(OPTION).items() if text.strip()},
        recording_id=int(chosen) if chosen.isdigit() else None,
        name=form.text("name"),
    )


def looked(tools: Tools, request: SortingRequest, entered: Mapping[str, str]) -> SortingImportPage:
    """The page after a look at the path, if there is one yet."""
    if not request.path.strip():
        return _page(tools, request, None, entered, {})
    try:
        seen = importing.preview_sorting(tools, request)
    except (Invalid, Unavailable, Conflict) as error:
        return _page(tools, request, None, entered, explained(error))
    return _page(tools, request, seen, entered, {})


@get("/sortings/import", sync_to_thread=True)
def sorting_import_page(request: Request[Any, Any, Any], lab: LabGiven) -> Template:
    """The form for a sorting, and what its path holds."""
    form = Form(request.query_params.multi_items())
    page = looked(lab.tools, request_of(form), form.under(OPTION))
    return whole(lab, "sortings/import.html", page, 422 if page.errors else 200)


@post("/sortings/import", sync_to_thread=True)
def import_sorting(lab: LabGiven, form: FormGiven) -> Template | Redirect:
    """Queue the import and go to its job."""
    asked = request_of(form)
    try:
        job = importing.import_sorting(lab.tools, asked)
    except (Invalid, Unavailable, Conflict) as error:
        return refused(lab, "sortings/import.html", _refused(lab.tools, asked, form, error))
    return see(f"/jobs/{job.id}")


def _refused(tools: Tools, asked: SortingRequest, form: Form, error: LabError) -> SortingImportPage:
    return _page(tools, asked, None, form.under(OPTION), explained(error))


def _page(
    tools: Tools,
    request: SortingRequest,
    seen: Mapping[str, Any] | None,
    entered: Mapping[str, str],
    errors: Mapping[str, str],
) -> SortingImportPage:
    # What cannot be read yet names the options that it lacks; they are asked for by those names.
    lacking = [Field(name, "text") for name in {**entered, **errors} if name and name not in OWN_NAMES]
    fields = [Field.of(plain) for plain in seen["fields"]] if seen else lacking
    return SortingImportPage(
        path=request.path,
        name=request.name or PurePath(request.path.rstrip("/\\")).name,
        recording_id=request.recording_id,
        recordings=library.page(tools).rows,
        seen=seen,
        options=inputs(fields, entered, errors, OPTION),
        errors=errors,
    )


ROUTES: list[ControllerRouterHandler] = [sorting_import_page, import_sorting]
