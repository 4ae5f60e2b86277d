"""Running a sorter on a recording: choose it, set it up, queue it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from labbox_local.errors import Invalid, Unavailable
from labbox_local.services import sorting
from labbox_local.services.sorting import PREPROCESSING_PREFIX, SorterForm
from labbox_local.web.forms import FormGiven, Input, inputs, leftover
from labbox_local.web.imports import explained
from labbox_local.web.pages import LabGiven, refused, see, whole

PARAMETER = "p."


@dataclass(frozen=True)
class SorterPage:
    """The form of the service, with its inputs as they are drawn."""

    form: SorterForm
    name: str
    parameters: Sequence[Input]
    preprocessing: Sequence[Input]
    general: Sequence[str]


def drawn(form: SorterForm, name: str = "") -> SorterPage:
    """The page of a form."""
    parameters = inputs(form.fields, form.entered, form.errors, PARAMETER)
    preprocessing = inputs(form.preprocessing_fields, form.entered, form.errors)
    names = {each.field.name for each in (*parameters, *preprocessing)} | {"name"}
    return SorterPage(form, name, parameters, preprocessing, leftover(form.errors, names))


@get("/recordings/{recording_id:int}/sort", sync_to_thread=True)
def sorter_page(lab: LabGiven, recording_id: FromPath[int], sorter: FromQuery[str] = "") -> Template:
    """The form for one sorter beside the list of all."""
    return whole(lab, "recordings/sort.html", drawn(sorting.form(lab.tools, recording_id, sorter)))


@post("/recordings/{recording_id:int}/sort", sync_to_thread=True)
def run_sorter(lab: LabGiven, form: FormGiven, recording_id: FromPath[int]) -> Template | Redirect:
    """Queue the run and go to its job, or to the sorting that already is its answer."""
    sorter, name = form.text("sorter"), form.text("name")
    preprocessing = {each: form.text(each) for each in form.names() if each.startswith(PREPROCESSING_PREFIX)}
    entered: Mapping[str, str] = {**form.under(PARAMETER), **preprocessing}
    try:
        run = sorting.run(lab.tools, recording_id, sorter, entered, name)
    except (Invalid, Unavailable) as error:
        page = drawn(sorting.form(lab.tools, recording_id, sorter, entered, explained(error)), name)
        return refused(lab, "recordings/sort.html", page)
    if run.sorting is not None:
        return see(f"/sortings/{run.sorting.id}")
    assert run.job is not None, "a run is a job or the sorting that it would make"
    return see(f"/jobs/{run.job.id}")


ROUTES: list[ControllerRouterHandler] = [sorter_page, run_sorter]
