"""What the program is made of."""

from __future__ import annotations

from litestar import get
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from labbox_local.services import about
from labbox_local.web.pages import LabGiven, ToolsGiven, fragment, whole


@get("/about", sync_to_thread=True)
def about_page(lab: LabGiven) -> Template:
    """Versions, licences and places."""
    return whole(lab, "about/about.html", about.page(lab.tools))


@get("/about/plugins", sync_to_thread=True)
def plugins(tools: ToolsGiven) -> Template:
    """The views and what failed to load, which a worker has to be asked for."""
    return fragment("about/_plugins.html", about.plugins(tools))


ROUTES: list[ControllerRouterHandler] = [about_page, plugins]
