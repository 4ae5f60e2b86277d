"""What every page needs around its own content, and how a route answers with a page or a fragment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect, Template

from labbox_local.services import jobs
from labbox_local.services.tools import Tools

Listener = Callable[[str, dict[str, Any]], None]


class Dialogs(Protocol):
    """The file dialogs of the program's window; each blocks until the person has chosen, None when nothing was."""

    def open_file(self) -> str | None:
        """Choose a file."""

    def open_folder(self) -> str | None:
        """Choose a folder."""

    def save_file(self) -> str | None:
        """Name a file to be written."""


class Lab(Protocol):
    """What the web room uses of the program it serves. ``dialogs`` is None where there is no window."""

    settings: Any
    token: str
    dialogs: Dialogs | None

    @property
    def tools(self) -> Tools:
        """What services are handed."""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event, from any thread; the answer ends that."""


LabGiven = NamedDependency[SkipValidation[Lab]]
ToolsGiven = NamedDependency[SkipValidation[Tools]]


@dataclass(frozen=True)
class Shell:
    """What the frame of a page shows; ``counts`` is None where they are to be fetched after the page is there."""

    theme: str
    has_window: bool
    counts: Mapping[str, int] | None


def shell(lab: Lab, counts: Mapping[str, int] | None = None) -> Shell:
    """The frame; without counts it needs no database, as an error page may not have one."""
    return Shell(lab.settings.theme, lab.dialogs is not None, counts)


def whole(lab: Lab, template: str, page: object, status: int = 200, **more: object) -> Template:
    """A whole page."""
    context = {"page": page, "shell": shell(lab, jobs.counts(lab.tools)), **more}
    return Template(template, context=context, status_code=status)


def refused(lab: Lab, template: str, page: object, **more: object) -> Template:
    """The page of a posted form again, with what was wrong; the address stays that of the form."""
    answer = whole(lab, template, page, 422, **more)
    answer.headers["HX-Push-Url"] = "false"
    return answer


def fragment(template: str, page: object, status: int = 200, **more: object) -> Template:
    """A part of a page, which htmx puts in its place."""
    return Template(template, context={"page": page, **more}, status_code=status)


def see(path: str) -> Redirect:
    """Go on to a page after something was done; reloading it does nothing twice."""
    return Redirect(path, status_code=303)
