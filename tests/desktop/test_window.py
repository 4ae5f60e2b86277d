"""A real window, offscreen: pages load, files are saved, dialogs answer, closing asks when jobs run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCENES = Path(__file__).parent / "window_scenes.py"
SCENE_SECONDS = 120

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Only Qt shows windows without a screen."),
]


def played(scene: str, folder: Path) -> list[dict[str, Any]]:
    """What the scene said, once its process has ended well."""
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    environ |= {name: str(folder / name) for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    done = subprocess.run(
        [sys.executable, str(SCENES), scene, str(folder)],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SCENE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_a_page_loads_and_the_window_closes(tmp_path: Path) -> None:
    assert played("load", tmp_path) == [{"title": "A page", "heading": "Units"}]


def test_a_file_that_a_page_offers_is_saved_where_the_person_says(tmp_path: Path) -> None:
    assert played("download", tmp_path) == [{"proposed": ["table.csv"], "saved": "unit,rate_hz\n1,2.5\n"}]


def test_file_dialogs_give_the_path_or_nothing(tmp_path: Path) -> None:
    assert played("dialogs", tmp_path) == [{"file": str(tmp_path / "trial.raw"), "folder": None}]


def test_the_program_opens_on_its_library(tmp_path: Path) -> None:
    assert played("library", tmp_path) == [{"heading": "Library", "dialogs": True, "address": "/"}]


def test_a_sorting_is_drawn_in_the_window(tmp_path: Path) -> None:
    assert played("units", tmp_path) == [{"rows": 2, "autocorrelograms": 2}]


def test_closing_asks_while_jobs_are_active_and_no_keeps_the_window(tmp_path: Path) -> None:
    first, last = played("closing", tmp_path)
    assert len(first["asked"]) == 1
    assert "Jobs are still running" in first["asked"][0]
    assert first["after_no"] == 2
    assert last == {"asked": 2, "ended": True}


def test_a_request_to_end_closes_the_window_without_a_question(tmp_path: Path) -> None:
    assert played("terminated", tmp_path) == [{"ended": True}]
