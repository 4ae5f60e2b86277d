"""The settings as a form, and the theme."""

from __future__ import annotations

import json
import re

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from labbox_local.lab import Lab


def test_every_setting_is_on_the_form_with_its_help(client: TestClient[Litestar], lab: Lab) -> None:
    text = client.get("/settings").text
    for each in lab.settings.described():
        assert f'name="{each["name"]}"' in text
        assert each["help"].split("'")[0] in text


def test_changes_are_written_and_nothing_else(client: TestClient[Litestar], lab: Lab) -> None:
    form = {each["name"]: str(each["value"]) for each in lab.settings.described()} | {"cache_mb": "1024"}
    answer = client.post("/settings", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/settings?saved=true"
    assert json.loads(lab.settings.file.read_text()) == {"cache_mb": 1024}
    assert lab.settings.cache_mb == 1024
    assert "Saved." in client.get("/settings?saved=true").text


def test_every_wrong_value_is_said_at_once_and_kept(client: TestClient[Litestar], lab: Lab) -> None:
    answer = client.post("/settings", data={"port": "99999", "cache_mb": "lots", "batch_slots": "1"})
    assert answer.status_code == 422
    assert len(re.findall('aria-invalid="true"', answer.text)) == 2
    assert 'value="99999"' in answer.text
    assert 'value="lots"' in answer.text
    assert not lab.settings.file.exists()


@pytest.mark.parametrize("theme", ["dark", "light", "system"])
def test_the_theme_is_remembered_for_all_pages(client: TestClient[Litestar], lab: Lab, theme: str) -> None:
    assert client.post("/settings/theme", data={"theme": theme}).status_code == 204
    assert f'<html lang="en" data-theme="{theme}">' in client.get("/").text
    assert f'data-theme="{theme}"' in client.get("/nowhere").text


def test_a_theme_that_does_not_exist_is_refused(client: TestClient[Litestar], lab: Lab) -> None:
    assert client.post("/settings/theme", data={"theme": "pink"}).status_code == 422
    assert lab.settings.theme == "system"


def test_about_names_versions_and_licences(client: TestClient[Litestar]) -> None:
    text = client.get("/about").text
    for words in ("litestar", "2.25", "Apache License 2.0", "vendor/licenses/htmx.org.txt"):
        assert words in text
