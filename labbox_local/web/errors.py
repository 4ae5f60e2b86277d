"""The one table that makes the domain's errors statuses, and answers as page, fragment or JSON.

Which of the three, the request says: fragments are fetched by htmx for a part of a page, data by our own scripts.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Template
from litestar.types import ExceptionHandlersMap

from labbox_local.errors import Conflict, Invalid, LabError, NotFound, Unavailable
from labbox_local.web.pages import shell

log = logging.getLogger(__name__)

STATUS = {NotFound: 404, Invalid: 422, Conflict: 409, Unavailable: 503, LabError: 400}
TITLES = {
    400: "This cannot be done",
    404: "Not found",
    405: "This address does not take that",
    409: "Not now",
    413: "Too large",
    422: "Something to correct",
    500: "The program made a mistake",
    503: "Not available",
}
NO_PAGE = "There is nothing at this address. It may have been deleted, or the link is from another workspace."
MISTAKE = "Something went wrong inside the program; your data is untouched."
MISTAKE_HINT = "The terminal that started the program shows the details; trying again is safe."


@dataclass(frozen=True)
class ErrorPage:
    """What error.html and _error.html show."""

    status: int
    title: str
    sentence: str
    hint: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def status_of(error: LabError) -> int:
    """The HTTP status of a domain error: that of its nearest ancestor in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def describe(error: Exception) -> ErrorPage:
    """An error in words for a person; what the program itself did wrong says so and shows no innards."""
    if isinstance(error, LabError):
        status = status_of(error)
        hint, fields = getattr(error, "hint", ""), getattr(error, "fields", {})
        return ErrorPage(status, TITLES[status], str(error), hint, dict(fields))
    if isinstance(error, HTTPException) and error.status_code < 500:
        title = TITLES.get(error.status_code, "This cannot be done")
        sentence = NO_PAGE if error.status_code == 404 else f"{error.detail.rstrip('.')}."
        return ErrorPage(error.status_code, title, sentence)
    return ErrorPage(500, TITLES[500], MISTAKE, MISTAKE_HINT)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The error as the kind of answer that the request wants."""
    page = describe(error)
    if page.status >= 500 and not isinstance(error, LabError):
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    if request.headers.get("accept", "").startswith("application/json"):
        body = {"error": page.sentence, "hint": page.hint, "fields": page.fields}
        return Response(body, status_code=page.status, media_type="application/json")
    whole = request.headers.get("hx-request-type", "full") == "full"
    context = {"page": page, "shell": shell(request.app.state.lab)}
    return Template("error.html" if whole else "_error.html", context=context, status_code=page.status)


HANDLERS: ExceptionHandlersMap = {LabError: answer, HTTPException: answer, Exception: answer}
