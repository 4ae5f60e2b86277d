"""The web application: routes, templates, errors, events and the guard, joined around one Lab."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template.config import TemplateConfig
from litestar.types import ControllerRouterHandler

from labbox_local.web import (
    about,
    assets,
    dialogs,
    drawing,
    errors,
    events,
    examples,
    formats,
    forms,
    imports,
    jobs,
    library,
    recordings,
    settings,
    sorters,
    sorting_imports,
    sortings,
    static,
    traces,
)
from labbox_local.web.guard import Guard
from labbox_local.web.pages import Lab

ROUTES: list[ControllerRouterHandler] = [
    events.events,
    static.static_file,
    *library.ROUTES,
    *imports.ROUTES,
    *examples.ROUTES,
    *recordings.ROUTES,
    *sorters.ROUTES,
    *sorting_imports.ROUTES,
    *sortings.ROUTES,
    *traces.ROUTES,
    *jobs.ROUTES,
    *about.ROUTES,
    *settings.ROUTES,
    *dialogs.ROUTES,
]


def create_app(lab: Lab) -> Litestar:
    """The application that serves `lab`, guarded by its token.

    ``app.state.broadcaster.stop()`` ends the open event streams. Call it before the server is told to exit, which
    otherwise waits for them.
    """
    broadcaster = events.Broadcaster()
    app = Litestar(
        # In a router, since an app that is given handlers one by one wraps those that share a path in two threads.
        route_handlers=[Router(path="/", route_handlers=ROUTES)],
        dependencies={
            "lab": Provide(lambda: lab, sync_to_thread=False),
            "tools": Provide(lambda: lab.tools, sync_to_thread=False),
            "form": Provide(forms.provide_form),
        },
        exception_handlers=errors.HANDLERS,
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment())),
        lifespan=[partial(_listening, lab, broadcaster)],
        state=State({"lab": lab, "broadcaster": broadcaster}),
        openapi_config=None,
        logging_config=None,
    )
    # Around everything, so that unknown addresses and whatever routes are added later are guarded as well.
    app.asgi_handler = Guard(app.asgi_handler, lab.token)
    return app


def environment() -> Environment:
    """The templates, in which a name that does not exist is an error instead of a gap on the page."""
    made = Environment(
        loader=FileSystemLoader(assets.templates_dir()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(formats.FILTERS)
    made.globals.update(
        asset=static.asset_url,
        plotly_url=static.asset_url(static.PLOTLY),
        probe_data=drawing.probe_data,
        topics=forms.topics,
        seconds_between=formats.seconds_between,
    )
    return made


@asynccontextmanager
async def _listening(lab: Lab, broadcaster: events.Broadcaster, app: Litestar) -> AsyncGenerator[None, Any]:
    """Pass the program's events on while the server runs."""
    forget = lab.subscribe(broadcaster.publish)
    try:
        yield
    finally:
        forget()
        broadcaster.stop()
