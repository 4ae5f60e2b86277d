"""Styles, scripts and images as they are served."""

from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from labbox_local.web import assets, static


def test_a_file_with_its_version_is_kept_for_ever(client: TestClient[Litestar]) -> None:
    answer = client.get(static.asset_url("css/tokens.css"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == static.FOR_EVER
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.content == (assets.static_dir() / "css/tokens.css").read_bytes()


def test_a_file_without_version_is_asked_for_again_and_not_sent_twice(client: TestClient[Litestar]) -> None:
    first = client.get("/static/js/app.js")
    assert first.headers["cache-control"] == static.ASK_AGAIN
    second = client.get("/static/js/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, second.content) == (304, b"")


def test_an_outdated_version_is_not_kept(client: TestClient[Litestar]) -> None:
    assert client.get("/static/js/app.js?v=old").headers["cache-control"] == static.ASK_AGAIN


@pytest.mark.parametrize(
    ("name", "kind"),
    [("js/app.js", "text/javascript"), ("img/favicon.svg", "image/svg+xml"), ("img/icons.svg", "image/svg+xml")],
)
def test_media_types_do_not_depend_on_the_machine(client: TestClient[Litestar], name: str, kind: str) -> None:
    assert client.get(f"/static/{name}").headers["content-type"].startswith(kind)


def test_plotly_comes_from_the_installed_package(client: TestClient[Litestar]) -> None:
    answer = client.get(static.asset_url(static.PLOTLY))
    assert answer.status_code == 200
    assert b"plotly.js v" in answer.content[:200]


@pytest.mark.parametrize(
    "path",
    [
        "../pyproject.toml",
        "css/../../pyproject.toml",
        "..%2fpyproject.toml",
        "%2e%2e/pyproject.toml",
        "/etc/passwd",
        "css",
        "no.css",
        "a%00b",
    ],
)
def test_nothing_outside_the_folder_is_served(client: TestClient[Litestar], path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_an_asset_that_is_missing_has_an_address_without_version() -> None:
    assert static.asset_url("vendor/none.js") == "/static/vendor/none.js"
