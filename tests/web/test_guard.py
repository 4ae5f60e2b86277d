"""Who may talk to the server: nobody without the cookie, and no other site, host or local server even with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from litestar import Litestar, get
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from labbox_local.lab import Lab
from labbox_local.web.app import create_app
from labbox_local.web.guard import SECURITY_HEADERS, clean_url, cookie_name, cookie_of, is_own_request, own_hosts
from tests.web.conftest import ADDRESS, OWN_PAGE, PORT

TEMPLATES = sorted((Path(__file__).parents[2] / "templates").rglob("*.html"))


def every_route(app: Litestar) -> list[tuple[str, str]]:
    """Method and path of all routes of the app, with 1 for every parameter, and two that no route answers."""
    found = [("GET", "/no/such/page"), ("POST", "/static/css/app.css")]
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        path = re.sub(r"\{[^}]*:int\}", "1", route.path_format and route.path)
        path = re.sub(r"\{[^}]*:path\}", "/css/app.css", path).replace("//", "/")
        path = re.sub(r"\{[^}]*\}", "units_table", path)
        found.extend((method, path) for method in route.methods if method != "OPTIONS")
    return found


def test_the_app_has_routes_to_guard(app: Litestar) -> None:
    assert len(every_route(app)) >= 40
    assert ("GET", "/events") in every_route(app)


def test_no_route_answers_without_the_cookie(app: Litestar, stranger: TestClient[Litestar]) -> None:
    wrong = {(m, p): s for m, p in every_route(app) if (s := stranger.request(m, p).status_code) != 401}
    assert wrong == {}


def test_no_route_answers_a_foreign_host(app: Litestar, client: TestClient[Litestar]) -> None:
    headers = {"Host": f"evil.example:{PORT}"}
    assert {client.request(m, p, headers=headers).status_code for m, p in every_route(app)} == {403}


def test_no_route_answers_a_foreign_origin(app: Litestar, client: TestClient[Litestar]) -> None:
    headers = {"Origin": "https://evil.example"}
    assert {client.request(m, p, headers=headers).status_code for m, p in every_route(app)} == {403}


def test_no_route_that_changes_something_answers_a_request_of_unknown_origin(
    app: Litestar, client: TestClient[Litestar]
) -> None:
    del client.headers["Sec-Fetch-Site"]
    unsafe = [(method, path) for method, path in every_route(app) if method != "GET"]
    assert {client.request(method, path).status_code for method, path in unsafe} == {403}


def test_pages_answer_with_the_cookie(client: TestClient[Litestar]) -> None:
    for path in ("/", "/jobs", "/jobs/1", "/recordings/1", "/sortings/1", "/about", "/settings", "/import", "/example"):
        assert client.get(path).status_code == 200, path


def test_the_first_address_sets_the_cookie_and_leaves_no_token_behind(stranger: TestClient[Litestar], lab: Lab) -> None:
    answer = stranger.get(f"/jobs?token={lab.token}&show=done", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/jobs?show=done"
    cookie = answer.headers["set-cookie"]
    assert cookie == f"{cookie_name(PORT)}={lab.token}; Path=/; HttpOnly; SameSite=Strict"
    assert stranger.get("/jobs").status_code == 200


def test_a_second_visit_with_the_token_is_cleaned_as_well(client: TestClient[Litestar], lab: Lab) -> None:
    answer = client.get(f"/?token={lab.token}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("token", ["", "wrong", "é", "x" * 10_000])
def test_a_wrong_token_opens_nothing(stranger: TestClient[Litestar], token: str) -> None:
    answer = stranger.get("/", params={"token": token}, follow_redirects=False)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_a_token_is_taken_from_a_page_address_only(stranger: TestClient[Litestar], lab: Lab) -> None:
    assert stranger.post(f"/example?token={lab.token}").status_code == 401


def test_the_cookie_of_another_instance_does_not_count(stranger: TestClient[Litestar], lab: Lab) -> None:
    stranger.cookies.set(cookie_name(PORT + 1), lab.token)
    assert stranger.get("/").status_code == 401
    stranger.cookies.set(cookie_name(PORT), "the token of an earlier run")
    assert stranger.get("/").status_code == 401


def test_every_answer_bears_the_security_headers(client: TestClient[Litestar]) -> None:
    answers = [client.get("/"), client.get("/static/css/app.css"), client.get("/nowhere"), client.post("/jobs")]
    client.cookies.clear()
    answers.append(client.get("/"))
    for answer in answers:
        assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_pages_are_not_kept_by_the_browser(client: TestClient[Litestar]) -> None:
    assert client.get("/").headers["cache-control"] == "no-store"


def test_the_policy_forbids_inline_scripts_and_other_origins() -> None:
    policy = dict(part.split(" ", 1) for part in SECURITY_HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "http" not in SECURITY_HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.name))
def test_templates_have_no_inline_scripts_styles_or_handlers(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|\|safe\b", text)


def test_a_page_of_another_local_server_is_foreign() -> None:
    assert not is_own_request("GET", {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"})
    assert not is_own_request("POST", {"sec-fetch-site": "same-site"})
    host = f"127.0.0.1:{PORT}"
    assert not is_own_request("POST", {"host": host, "origin": f"http://127.0.0.1:{PORT + 1}"})


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("GET", {"sec-fetch-site": "none"}),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}),
        ("POST", {"sec-fetch-site": "same-origin"}),
        ("POST", {"host": "127.0.0.1:1", "origin": "http://127.0.0.1:1"}),
    ],
)
def test_our_own_pages_and_the_address_bar_are_not_foreign(method: str, headers: dict[str, str]) -> None:
    assert is_own_request(method, headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_what_changes_something_comes_from_our_own_pages_only(site: str) -> None:
    assert not is_own_request("POST", {"sec-fetch-site": site, "host": "127.0.0.1:1", "origin": "http://127.0.0.1:1"})


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x", "///evil.example/x"])
def test_the_redirect_never_leaves_this_server(path: str) -> None:
    assert clean_url({"path": path, "query_string": b"token=t"}) == "/evil.example/x"  # type: ignore[typeddict-item]


def test_the_redirect_carries_no_line_break() -> None:
    assert clean_url({"path": "/a\r\nSet-Cookie: x", "query_string": b""}) == "/a%0D%0ASet-Cookie:%20x"  # type: ignore[typeddict-item]


def test_cookies_are_read_by_their_whole_name() -> None:
    assert cookie_of("a=1; labbox-local-1=x=y; labbox-local-12=z", "labbox-local-1") == "x=y"
    assert cookie_of("", "labbox-local-1") == ""


def test_the_port_is_part_of_the_host_unless_it_is_the_usual_one() -> None:
    assert own_hosts(80) == {"127.0.0.1:80", "localhost:80", "127.0.0.1", "localhost"}
    assert own_hosts(5000) == {"127.0.0.1:5000", "localhost:5000"}


@get("/added-later", sync_to_thread=False)
def added_later() -> str:
    """A route that the app did not have when its guard was made."""
    return "here"


def test_routes_that_are_added_later_are_guarded(lab: Lab) -> None:
    app = create_app(lab)
    app.register(added_later)
    with TestClient(app, base_url=ADDRESS) as client:
        client.headers.update(OWN_PAGE)
        assert client.get("/added-later").status_code == 401
        client.cookies.set(cookie_name(PORT), lab.token)
        assert client.get("/added-later").text == "here"
