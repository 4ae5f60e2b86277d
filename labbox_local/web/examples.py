"""Making a recording with known true units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from litestar import get, post
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from labbox_local.errors import Invalid
from labbox_local.services import importing
from labbox_local.web.forms import FormGiven, Input, inputs, leftover
from labbox_local.web.pages import LabGiven, refused, see, whole


@dataclass(frozen=True)
class ExamplePage:
    """The form, and what is wrong with it."""

    inputs: Sequence[Input]
    general: Sequence[str] = ()


@get("/example", sync_to_thread=True)
def example_page(lab: LabGiven) -> Template:
    """The form for an example recording."""
    return whole(lab, "library/example.html", ExamplePage(inputs(importing.EXAMPLE_FIELDS, {}, {})))


@post("/example", sync_to_thread=True)
def make_example(lab: LabGiven, form: FormGiven) -> Template | Redirect:
    """Queue the example and go to its job."""
    entered = form.under("")
    try:
        job = importing.make_example(lab.tools, entered)
    except Invalid as error:
        return refused(lab, "library/example.html", _refused(entered, error.fields))
    return see(f"/jobs/{job.id}")


def _refused(entered: Mapping[str, str], errors: Mapping[str, str]) -> ExamplePage:
    made = inputs(importing.EXAMPLE_FIELDS, entered, errors)
    return ExamplePage(made, leftover(errors, [each.name for each in made]))


ROUTES: list[ControllerRouterHandler] = [example_page, make_example]
