"""Errors as statuses, and as the kind of answer that the request wants."""

from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.testing import TestClient

from labbox_local.errors import Conflict, Invalid, LabError, NotFound, Unavailable
from labbox_local.web.errors import MISTAKE, NO_PAGE, describe, status_of

DATA = {"Accept": "application/json"}
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Superseded(LabError):
    """An error that the table does not know by itself."""


class Gone(NotFound):
    """An error whose parent the table knows."""


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("x"), 404),
        (Gone("x"), 404),
        (Invalid({"a": "b"}), 422),
        (Conflict("x"), 409),
        (Unavailable("x"), 503),
        (LabError("x"), 400),
        (Superseded("x"), 400),
    ],
)
def test_every_error_of_the_domain_has_a_status(error: LabError, status: int) -> None:
    assert status_of(error) == status
    assert describe(error).status == status


def test_what_would_mend_it_travels_along() -> None:
    page = describe(Unavailable("No window can open.", "apt install libxcb-cursor0"))
    assert (page.sentence, page.hint) == ("No window can open.", "apt install libxcb-cursor0")
    assert describe(Invalid({"path": "Nothing is there."})).fields == {"path": "Nothing is there."}


def test_an_unknown_address_says_so_in_words() -> None:
    assert describe(NotFoundException()).sentence == NO_PAGE
    assert describe(MethodNotAllowedException()).status == 405


@pytest.mark.parametrize("error", [ValueError("secret innards"), HTTPException("secret innards", status_code=500)])
def test_a_mistake_of_the_program_shows_no_innards(error: Exception) -> None:
    page = describe(error)
    assert (page.status, page.sentence) == (500, MISTAKE)
    assert "secret" not in page.hint


def test_a_page_is_answered_by_a_whole_page(client: TestClient[Litestar]) -> None:
    answer = client.get("/recordings/99")
    assert answer.status_code == 404
    assert "<!doctype html>" in answer.text
    assert 'role="alert"' in answer.text


def test_a_fragment_is_answered_by_a_fragment(client: TestClient[Litestar]) -> None:
    answer = client.get("/recordings/99/made", headers=PART)
    assert answer.status_code == 404
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


def test_data_is_answered_by_data(client: TestClient[Litestar]) -> None:
    answer = client.get("/sortings/99/views/waveforms/data", headers=DATA)
    assert answer.status_code == 404
    assert "99" in answer.json()["error"]


def test_an_address_that_does_not_exist_is_answered_in_the_same_three_ways(client: TestClient[Litestar]) -> None:
    assert "<!doctype html>" in client.get("/nowhere").text
    assert "<html" not in client.get("/nowhere", headers=PART).text
    assert client.get("/nowhere", headers=DATA).json()["error"] == NO_PAGE


@pytest.mark.parametrize("path", ["/jobs/1/log?offset=-1", "/recordings/1/traces?duration_s=0", "/jobs/1/log?offset=x"])
def test_parameters_out_of_range_are_refused(client: TestClient[Litestar], path: str) -> None:
    assert client.get(path, headers=DATA).status_code == 400


def test_markup_in_an_error_is_shown_as_text(client: TestClient[Litestar]) -> None:
    answer = client.post("/recordings/1", data={"name": "x" * 201, "notes": "<img src=x>"})
    assert answer.status_code == 422
    assert "<img" not in answer.text
