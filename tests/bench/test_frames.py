"""The benchmark of frames measures the viewer on frames that say what the program's would."""

from __future__ import annotations

from typing import Any

import frames as bench
import numpy as np

from labbox_local.ephys.frames import planes_of

RECORDING = bench.Recording(2)


def frame(start: int, count: int, columns: int) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    query = {"start": str(start), "count": str(count), "columns": str(columns)}
    return planes_of(RECORDING.frame(query))


def test_near_windows_are_the_samples() -> None:
    header, planes = frame(29_990, 20, 20)
    assert (header["kind"], header["first_sample"]) == ("lines", 29_990)
    np.testing.assert_array_equal(planes[0], np.hstack([RECORDING.second[:, -10:], RECORDING.second[:, :10]]))


def test_wide_windows_are_their_extremes_on_a_grid_of_columns() -> None:
    header, planes = frame(1_005, 1_000, 100)
    assert (header["kind"], header["first_sample"], header["samples_per_column"]) == ("envelope", 1_000, 10)
    np.testing.assert_array_equal(planes[0][:, 3], RECORDING.samples(1_030, 1_040).min(axis=1))
    np.testing.assert_array_equal(planes[1][:, 3], RECORDING.samples(1_030, 1_040).max(axis=1))


def test_a_row_compares_medians() -> None:
    lines = {"whole": [3.0, 1.0, 2.0], "script": [1.0, 1.0, 5.0]}
    row = bench.row(32, "1 s", lines, lines, [10.0, 20.0, 30.0])
    names = ("frame_ms", "slow_ms", "draw_ms", "plotly_ms", "ratio")
    assert [row[name] for name in names] == [2.0, 3.0, 1.0, 20.0, 10.0]


def test_the_page_holds_the_programs_viewer() -> None:
    page = bench.page_html()
    assert "data-tracer=" in page
    assert "css/traces.css" in page
