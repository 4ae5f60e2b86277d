"""The start-up benchmark measures the real program."""

from __future__ import annotations

from pathlib import Path

import startup


def test_the_first_page_lists_every_recording_and_no_science_was_imported(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    startup.fill(workspace, startup.RECORDING_COUNT)
    assert 0 < startup.first_page_s(workspace) < startup.STOP_SECONDS
    assert startup.imported_by_server(workspace) == []


def test_a_row_holds_median_and_extremes() -> None:
    assert startup.row("x", [3.0, 1.0, 2.0]) == {"what": "x", "median_s": 2.0, "least_s": 1.0, "most_s": 3.0, "runs": 3}
