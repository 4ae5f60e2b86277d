"""Importing: a path, what it may hold, a look into it, and only then the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from litestar import get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from labbox_local.errors import Invalid, LabError, Unavailable
from labbox_local.fields import Field
from labbox_local.services import importing
from labbox_local.services.importing import RecordingRequest
from labbox_local.services.tools import Tools
from labbox_local.web.forms import Form, FormGiven, Input, inputs, leftover
from labbox_local.web.pages import LabGiven, ToolsGiven, fragment, refused, see, whole
from labbox_local.web.probe_form import ProbeForm, probe_choice, probe_form

OPTION = "option."


@dataclass(frozen=True)
class ImportPage:
    """The steps of an import so far; `format` is empty until a path was given that may be a recording."""

    path: str = ""
    name: str = ""
    format: str = ""
    formats: Sequence[Mapping[str, Any]] = ()
    candidates: Sequence[Mapping[str, Any]] = ()
    picked: int | None = None
    sortings: Sequence[Mapping[str, Any]] = ()
    options: Sequence[Input] = ()
    probe: ProbeForm = field(default_factory=lambda: probe_form({}, {}))
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The entry of the chosen format."""
        return next((entry for entry in self.formats if entry["format"] == self.format), {})

    @property
    def general(self) -> list[str]:
        """What is wrong with no input of the page in particular."""
        drawn = {each.name for each in self.options} | {each.field.name for each in self.options}
        return leftover(self.errors, drawn | self.probe.names | {"path", "format", "name"})


def request_of(form: Form) -> RecordingRequest:
    """What the form says of a recording."""
    return RecordingRequest(form.text("path"), form.text("format"), form.under(OPTION), probe_choice(form))


def explained(error: LabError) -> dict[str, str]:
    """The sentences of an error by field, for a form that shows them."""
    if isinstance(error, Invalid):
        return error.fields
    return {"": f"{error} {getattr(error, 'hint', '')}".strip()}


def asked(tools: Tools, path: str, format: str, pick: int | None) -> ImportPage:
    """The page for a path: with the candidate that was picked, the format that was chosen, or else the likeliest."""
    if not path.strip():
        return ImportPage()
    try:
        found = importing.detect(tools, path)
    except (Invalid, Unavailable) as error:
        return ImportPage(path=path, errors=explained(error), **_formats_if(tools, format))
    candidates = found["candidates"]
    picked = _picked(candidates, format, pick)
    suggested = candidates[picked]["options"] if picked is not None else {}
    page = ImportPage(
        path=path,
        name=PurePath(path.rstrip("/\\")).name,
        format=candidates[picked]["format"] if picked is not None else format,
        formats=importing.formats(tools),
        candidates=candidates,
        picked=picked,
        sortings=found["sortings"],
    )
    return _with_options(page, suggested, {})


def as_posted(tools: Tools, form: Form, error: LabError) -> ImportPage:
    """The page as it was posted, with what was wrong at its place."""
    errors = explained(error)
    page = ImportPage(
        path=form.text("path"),
        name=form.text("name"),
        format=form.text("format"),
        formats=importing.formats(tools),
        probe=probe_form(form.under("probe."), errors),
        errors=errors,
    )
    return _with_options(page, form.under(OPTION), errors)


@get("/import", sync_to_thread=True)
def import_page(
    lab: LabGiven, path: FromQuery[str] = "", format: FromQuery[str] = "", pick: FromQuery[int | None] = None
) -> Template:
    """The form for a recording, as far as the path is known."""
    page = asked(lab.tools, path, format, pick)
    return whole(lab, "library/import.html", page, 422 if page.errors else 200)


@post("/import", sync_to_thread=True)
def import_recording(lab: LabGiven, form: FormGiven) -> Template | Redirect:
    """Put the recording into the library, or say what is wrong."""
    try:
        recording = importing.commit(lab.tools, request_of(form), form.text("name"))
    except (Invalid, Unavailable) as error:
        return refused(lab, "library/import.html", as_posted(lab.tools, form, error))
    return see(f"/recordings/{recording.id}")


@post("/import/preview", sync_to_thread=True, status_code=200)
def preview(tools: ToolsGiven, form: FormGiven) -> Template:
    """Facts, probe and first traces of the recording as it would be imported."""
    return fragment("library/_preview.html", importing.preview(tools, request_of(form)))


def _picked(candidates: Sequence[Mapping[str, Any]], format: str, pick: int | None) -> int | None:
    """The position of the candidate that the page is about, None where there is none of the chosen format."""
    if format:
        return next((position for position, each in enumerate(candidates) if each["format"] == format), None)
    if pick is not None and 0 <= pick < len(candidates):
        return pick
    return 0 if candidates else None


def _formats_if(tools: Tools, format: str) -> dict[str, Any]:
    return {"format": format, "formats": importing.formats(tools)} if format else {}


def _with_options(page: ImportPage, entered: Mapping[str, Any], errors: Mapping[str, str]) -> ImportPage:
    fields = [Field.of(plain) for plain in page.chosen.get("fields", ())]
    options = inputs(fields, entered, errors, OPTION)
    return replace(page, options=options)


ROUTES: list[ControllerRouterHandler] = [import_page, import_recording, preview]
