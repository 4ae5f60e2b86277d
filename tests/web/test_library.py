"""The library's page."""

from __future__ import annotations

import re
from pathlib import Path

from litestar import Litestar
from litestar.testing import TestClient

from labbox_local.lab import Lab
from labbox_local.settings import Settings
from labbox_local.store import recordings
from labbox_local.web.app import create_app
from labbox_local.web.guard import cookie_name
from tests.web.conftest import ADDRESS, FACTS, HOSTILE, OWN_PAGE, PORT


def add(lab: Lab, name: str, **facts: object) -> None:
    """A recording whose file exists nowhere."""
    recordings.insert(
        lab.tools.workspace.db,
        name=name,
        spec={},
        facts={**FACTS, **facts},
        probe=None,
        provenance={},
        fingerprint=None,
    )


def names(text: str) -> list[str]:
    """The recordings of a page, from top to bottom."""
    return re.findall(r'<td class="name"><a[^>]*>([^<]*)</a>', text.split('id="recordings"')[1].split("</table>")[0])


def test_an_empty_library_says_what_to_do_first(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "empty", file=tmp_path / "settings.json")
    with Lab(settings, owner=False) as lab, TestClient(create_app(lab), base_url=ADDRESS) as client:
        client.cookies.set(cookie_name(PORT), lab.token)
        text = client.get("/", headers=OWN_PAGE).text
    assert "No recordings yet" in text
    assert 'href="/import"' in text
    assert 'href="/example"' in text


def test_a_row_tells_the_facts(client: TestClient[Litestar]) -> None:
    text = client.get("/").text
    for fact in ("binary", "15\u2009000", "28.770\u2009s", "4 contacts", "tetrode", "working"):
        assert fact in text, fact


def test_a_hostile_name_is_text_everywhere(client: TestClient[Litestar]) -> None:
    for path in ("/", "/recordings/1", "/recordings/1/delete", "/sortings/import", "/sortings/1", "/jobs/1"):
        text = client.get(path).text
        assert HOSTILE not in text, path
        assert "<script>alert" not in text, path


def test_rows_stand_in_the_order_that_was_asked_for(client: TestClient[Litestar], lab: Lab) -> None:
    add(lab, "Beta", channel_count=32)
    add(lab, "alpha", channel_count=384)
    first = names(client.get("/").text)
    assert first[:2] == ["alpha", "Beta"], "the newest first"
    assert names(client.get("/?sort=name").text)[1:] == ["alpha", "Beta"]
    assert names(client.get("/?sort=-channels").text)[:2] == ["alpha", "Beta"]
    assert names(client.get("/?sort=nonsense").text)[1:] == ["Beta", "alpha"]


def test_the_sorted_column_says_so_and_turns_round(client: TestClient[Litestar]) -> None:
    text = client.get("/?sort=name").text
    assert re.search(r'aria-sort="ascending">\s*<a href="/\?search=&amp;tag=&amp;sort=-name">name</a>', text)


def test_the_search_leaves_what_matches(client: TestClient[Litestar], lab: Lab) -> None:
    add(lab, "hippocampus day 2")
    assert names(client.get("/library/rows?search=HIPPO+day").text) == ["hippocampus day 2"]
    none = client.get("/library/rows", params={"search": "<b>"}).text
    assert "No recording matches" in none
    assert "<b>" not in none


def test_the_rows_alone_are_a_fragment(client: TestClient[Litestar]) -> None:
    text = client.get("/library/rows").text
    assert text.lstrip().startswith('<div id="recordings"')


def test_a_tag_narrows_the_library(client: TestClient[Litestar], lab: Lab) -> None:
    add(lab, "untagged")
    assert "untagged" not in names(client.get("/?tag=tetrode").text)
    assert "1 of 2 recordings shown" in client.get("/?tag=tetrode").text
