"""Small multiples laid out by hand: a grid of panels in one Plotly figure, an axis pair each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

PANEL_PX = 118
MARGIN_PX = 64
# Up to here the panels share the height that the view's place has; from here on it is scrolled.
ROWS_THAT_FIT = 2
GAP = 0.04


@dataclass(frozen=True)
class Grid:
    """`count` panels in rows of equal length, the first at the top left."""

    count: int

    @property
    def columns(self) -> int:
        """Panels side by side: somewhat more than there are rows, as screens are wide."""
        return max(1, min(self.count, math.ceil(math.sqrt(self.count * 1.6))))

    @property
    def rows(self) -> int:
        """Panels one over the other."""
        return math.ceil(self.count / self.columns)

    def in_bottom_row(self, panel: int) -> bool:
        """Whether no panel stands below this one."""
        return panel + self.columns >= self.count

    def in_first_column(self, panel: int) -> bool:
        """Whether the panel begins a row."""
        return panel % self.columns == 0

    def layout(self) -> dict[str, Any]:
        """What the whole figure needs: a height, when the panels would not fit otherwise."""
        height = {"height": self.rows * PANEL_PX + MARGIN_PX} if self.rows > ROWS_THAT_FIT else {}
        return {"showlegend": False, "margin": {"l": 52, "r": 12, "t": 18, "b": 44}, **height}

    def domains(self, panel: int) -> tuple[list[float], list[float]]:
        """The panel's part of the figure's width and height, each from 0 to 1."""
        column, row = panel % self.columns, panel // self.columns
        gap_y = GAP + 0.10 / self.rows
        width = (1 - GAP * (self.columns - 1)) / self.columns
        height = (1 - gap_y * (self.rows - 1)) / self.rows
        left, top = column * (width + GAP), 1 - row * (height + gap_y)
        return [left, min(1.0, left + width)], [max(0.0, top - height), top]


def axis_number(panel: int) -> str:
    """Plotly's suffix of the axes of a panel: the first has none."""
    return "" if panel == 0 else str(panel + 1)


def label(panel: int, text: str, colour: str) -> dict[str, Any]:
    """The name of what a panel shows, over its left edge."""
    number = axis_number(panel)
    return {
        "text": text,
        "xref": f"x{number} domain",
        "yref": f"y{number} domain",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": colour, "size": 12},
    }
