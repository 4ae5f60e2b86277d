"""The benchmark of traces runs on a little data and says what it should."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What it prints as JSON; it leaves nothing in its folder."""
    folder = tmp_path_factory.mktemp("bench")
    little = ["--minutes", "0.2", "--repeats", "2", "--json", "--folder", str(folder)]
    command = [sys.executable, "bench/traces.py", *little]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert list(folder.iterdir()) == []
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_every_zoom_of_both_sizes_is_a_row(said: dict[str, Any]) -> None:
    windows = [row for row in said["rows"] if row["source"] in ("file", "pyramid")]
    assert [row["channels"] for row in windows] == [64] * 8 + [384] * 8
    assert all(row["ours_ms"] > 0 and row["naive_ms"] > 0 and row["read_ms"] > 0 for row in windows)
    assert windows[7]["seconds"] == pytest.approx(12.0)


def test_targets_name_zooms_plain_reads_and_builds(said: dict[str, Any]) -> None:
    names = [target["name"] for target in said["targets"]]
    assert sum("pyramid build" in name for name in names) == 2
    assert sum("against a plain read" in name for name in names) >= 8
    assert {target["limit"] for target in said["targets"] if target["unit"] == "ms"} >= {50.0, 150.0}
