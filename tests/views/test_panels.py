"""The grid of small multiples."""

from __future__ import annotations

import pytest

from labbox_local.views.panels import ROWS_THAT_FIT, Grid


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 12, 36, 100])
def test_there_is_a_place_for_every_panel(count: int) -> None:
    grid = Grid(count)
    assert grid.columns * (grid.rows - 1) < count <= grid.columns * grid.rows
    assert grid.columns >= grid.rows
    assert sum(grid.in_bottom_row(panel) for panel in range(count)) == min(count, grid.columns)
    assert sum(grid.in_first_column(panel) for panel in range(count)) == grid.rows


def test_one_panel_takes_everything() -> None:
    assert Grid(1).domains(0) == ([0.0, 1.0], [0.0, 1.0])


def test_only_many_rows_ask_for_a_height() -> None:
    few, many = Grid(2), Grid(30)
    assert few.rows <= ROWS_THAT_FIT < many.rows
    assert "height" not in few.layout()
    assert many.layout()["height"] > 118 * many.rows
