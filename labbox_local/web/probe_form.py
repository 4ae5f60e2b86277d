"""The part of an import form that says where the contacts are: in the file, in a probe file, generated or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labbox_local.fields import Field
from labbox_local.web.forms import Form, Input, inputs

PREFIX = "probe."
SOURCES = (
    ("file", "From the recording's file"),
    ("probe_file", "From a probe file"),
    ("generated", "Generated"),
    ("none", "No probe"),
)
PITCH_HELP = "Between neighbouring contacts."
LAYOUTS: Mapping[str, tuple[Field, ...]] = {
    "linear": (Field("pitch_um", "float", 20.0, label="pitch", unit="µm", help=PITCH_HELP),),
    "grid": (
        Field("columns", "int", 2, help="Contacts side by side."),
        Field("x_pitch_um", "float", 20.0, label="pitch across", unit="µm", help=PITCH_HELP),
        Field("y_pitch_um", "float", 20.0, label="pitch along", unit="µm", help=PITCH_HELP),
    ),
    "tetrode": (
        Field("pitch_um", "float", 25.0, label="side", unit="µm", help="Between neighbouring contacts of a tetrode."),
        Field("spacing_um", "float", 300.0, label="spacing", unit="µm", help="Between tetrodes."),
    ),
}


@dataclass(frozen=True)
class ProbeForm:
    """The form as it is drawn; the parameters of every layout are on the page, those of the chosen one are shown."""

    source: str
    path: str
    layout: str
    params: Mapping[str, Sequence[Input]]
    error: str

    @property
    def names(self) -> set[str]:
        """The names in an error that have a place in this form."""
        return {"probe", *(each.field.name for made in self.params.values() for each in made)}

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """What can be chosen, with its words."""
        return SOURCES


def probe_form(entered: Mapping[str, str], errors: Mapping[str, str]) -> ProbeForm:
    """The form with what was entered (names without the prefix) and what was wrong with it."""
    layout = entered.get("layout", "linear")
    return ProbeForm(
        source=entered.get("source", "file"),
        path=entered.get("path", ""),
        layout=layout,
        params={name: _params(name, entered, errors if name == layout else {}) for name in LAYOUTS},
        error=errors.get("probe", ""),
    )


def probe_choice(form: Form) -> dict[str, Any]:
    """What the form chose, as services take it."""
    source = form.text("probe.source", "file")
    if source == "probe_file":
        return {"source": source, "path": form.text("probe.path")}
    if source == "generated":
        layout = form.text("probe.layout")
        return {"source": source, "layout": layout, "params": form.under(f"{PREFIX}{layout}.")}
    return {"source": source}


def _params(layout: str, entered: Mapping[str, str], errors: Mapping[str, str]) -> list[Input]:
    own = {name.removeprefix(f"{layout}."): text for name, text in entered.items() if name.startswith(f"{layout}.")}
    return inputs(LAYOUTS[layout], own, errors, f"{PREFIX}{layout}.")
