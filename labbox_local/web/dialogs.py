"""The file dialogs of the program's window, for pages that want a path of this machine."""

from __future__ import annotations

from dataclasses import dataclass

from litestar import post
from litestar.types import ControllerRouterHandler

from labbox_local.errors import Invalid, Unavailable
from labbox_local.web.forms import FormGiven
from labbox_local.web.pages import LabGiven


@dataclass(frozen=True)
class Chosen:
    """What was chosen; None when the dialog was closed without."""

    path: str | None


@post("/dialogs/open", sync_to_thread=True, status_code=200)
def open_dialog(lab: LabGiven, form: FormGiven) -> Chosen:
    """Let the person choose a path; the answer waits for that."""
    if lab.dialogs is None:
        raise Unavailable("There is no window to show a file dialog in.", "Type or paste the path instead.")
    choose = {"file": lab.dialogs.open_file, "folder": lab.dialogs.open_folder, "save": lab.dialogs.save_file}
    kind = form.text("kind")
    if kind not in choose:
        raise Invalid({"kind": f"Must be one of {', '.join(choose)}; “{kind}” is not."})
    return Chosen(choose[kind]())


ROUTES: list[ControllerRouterHandler] = [open_dialog]
