"""The settings as a form, and the switch of the theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import get, post
from litestar.params import FromQuery
from litestar.response import Redirect, Response, Template
from litestar.types import ControllerRouterHandler

from labbox_local.errors import Invalid
from labbox_local.fields import Field
from labbox_local.web.formats import without
from labbox_local.web.forms import FormGiven, Input, inputs, leftover
from labbox_local.web.pages import Lab, LabGiven, refused, see, whole


@dataclass(frozen=True)
class SettingsPage:
    """The form; ``saved`` after a change was written."""

    inputs: Sequence[Input]
    file: str
    saved: bool
    general: Sequence[str]


def drawn(lab: Lab, entered: Mapping[str, Any], errors: Mapping[str, str], saved: bool = False) -> SettingsPage:
    """The page of the settings in force, or as they were entered."""
    described = lab.settings.described()
    fields = [Field.of({**without(each, "value"), "label": _label(each["name"])}) for each in described]
    values = {each["name"]: each["value"] for each in described}
    made = inputs(fields, {**values, **entered}, errors)
    return SettingsPage(made, str(lab.settings.file), saved, leftover(errors, values))


@get("/settings", sync_to_thread=True)
def settings_page(lab: LabGiven, saved: FromQuery[bool] = False) -> Template:
    """All settings."""
    return whole(lab, "settings/settings.html", drawn(lab, {}, {}, saved))


@post("/settings", sync_to_thread=True)
def save_settings(lab: LabGiven, form: FormGiven) -> Template | Redirect:
    """Write what differs from what is in force."""
    entered = form.under("")
    now = {each["name"]: str(each["value"]) for each in lab.settings.described()}
    changes = {name: text for name, text in entered.items() if now.get(name) != text}
    try:
        lab.settings = lab.settings.save(changes)
    except Invalid as error:
        return refused(lab, "settings/settings.html", drawn(lab, entered, error.fields))
    return see("/settings?saved=true")


@post("/settings/theme", sync_to_thread=True, status_code=204)
def save_theme(lab: LabGiven, form: FormGiven) -> Response[None]:
    """Remember the theme that was switched to."""
    lab.settings = lab.settings.save({"theme": form.text("theme")})
    return Response(None, status_code=204)


def _label(name: str) -> str:
    """The name as words; its unit stands in the field."""
    return name.removesuffix("_mb").replace("_", " ")


ROUTES: list[ControllerRouterHandler] = [settings_page, save_settings, save_theme]
