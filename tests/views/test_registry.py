"""Built-in views and plug-ins through one door."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from labbox_local.errors import NotFound
from labbox_local.views import registry

BUILT_IN = ["units_table", "autocorrelograms", "waveforms", "amplitudes"]
PLUGIN = '''
from labbox_local.views.base import View

class Raster(View):
    """A plug-in's view."""
    id, title, help = "raster", "Raster", "Spikes as dots."
    def compute(self, data, selection, settings):
        return {"data": [], "layout": {}, "note": ""}

class Impostor(Raster):
    id = "waveforms"

NOT_A_VIEW = 7
'''


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "raster_plugin.py").write_text(PLUGIN)
    (tmp_path / "broken_plugin.py").write_text("import a_package_that_is_not_there")
    (tmp_path / "rude_plugin.py").write_text("raise RuntimeError('not today')")
    monkeypatch.syspath_prepend(str(tmp_path))


def point(name: str, place: str) -> EntryPoint:
    return EntryPoint(name, place, registry.GROUP)


def test_all_built_in_views_load() -> None:
    found = registry.load([])
    assert list(found.views) == BUILT_IN
    assert found.failed == ()
    plain = found.plain()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert {view["plugin"] for view in plain["views"]} == {""}
    assert [view["kind"] for view in plain["views"]] == ["table", "figure", "figure", "figure"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_view_says_what_it_shows(name: str) -> None:
    view = registry.load([]).get(name)
    assert view.id == name
    assert view.title
    assert len(view.help) > 100
    assert all(field["help"] for field in view.plain()["fields"])


@pytest.mark.usefixtures("plugin")
def test_a_plugin_comes_after_the_built_in_views() -> None:
    found = registry.load([point("raster", "raster_plugin:Raster")])
    assert list(found.views) == [*BUILT_IN, "raster"]
    assert found.plain()["views"][-1]["plugin"] == "raster_plugin"


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("broken_plugin:View", "ModuleNotFoundError: No module named 'a_package_that_is_not_there'"),
        ("rude_plugin:View", "RuntimeError: not today"),
        ("raster_plugin:Missing", "AttributeError"),
        ("raster_plugin:NOT_A_VIEW", "raster_plugin:NOT_A_VIEW is not a View"),
        ("raster_plugin:Impostor", "another view is already called “waveforms”"),
    ],
)
def test_a_plugin_that_fails_is_reported_and_skipped(place: str, words: str) -> None:
    found = registry.load([point("bad", place), point("good", "raster_plugin:Raster")])
    assert list(found.views) == [*BUILT_IN, "raster"]
    (failure,) = found.failed
    assert failure.name == "bad"
    assert words in failure.error
    assert "Traceback" in failure.traceback
    json.dumps(found.plain())


def test_an_unknown_view_is_named() -> None:
    with pytest.raises(NotFound, match="no view named “sonogram”"):
        registry.load([]).get("sonogram")
