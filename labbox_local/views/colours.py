"""One colour per unit, the same in every view, legible on the light and on the dark background."""

from __future__ import annotations

import math

# Okabe and Ito's hues. Their yellow, orange and sky are too light for a white panel and their black for a dark one:
# here each has a contrast of at least 3 : 1 with both, the black having become a grey.
FIRST = ("#0072b2", "#d55e00", "#009e73", "#c56f9f", "#2a9bd6", "#c58600", "#9c9000", "#7d848d")
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
FIRST_HUE = 0.35
# At this lightness every hue has that contrast too; the chroma is what all hues have in sRGB, nearly.
LIGHTNESS = 0.64
CHROMA = 0.125
# From linear sRGB's point of view: OKLab's definition (Ottosson 2020).
TO_LMS = ((0.3963377774, 0.2158037573), (-0.1055613458, -0.0638541728), (-0.0894841775, -1.2914855480))
TO_RGB = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def unit_colour(position: int) -> str:
    """The colour of the unit at `position` in its sorting, as ``#rrggbb``.

    >>> unit_colour(0)
    '#0072b2'
    """
    if position < len(FIRST):
        return FIRST[position]
    return oklch(LIGHTNESS, CHROMA, FIRST_HUE + (position - len(FIRST)) * GOLDEN_ANGLE)


def oklch(lightness: float, chroma: float, hue: float) -> str:
    """An OKLCH colour as ``#rrggbb``, with as much of its chroma as sRGB has at that lightness and hue.

    Parameters
    ----------
    lightness, chroma : float
        0 to 1, and 0 to about 0.4.
    hue : float
        In radians.
    """
    while True:
        rgb = _linear_rgb(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        if all(-1e-4 <= part <= 1 + 1e-4 for part in rgb) or chroma < 1e-3:
            return "#" + "".join(f"{round(255 * _encoded(part)):02x}" for part in rgb)
        chroma *= 0.97


def _linear_rgb(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    cones = [(lightness + by_a * a + by_b * b) ** 3 for by_a, by_b in TO_LMS]
    red, green, blue = (sum(weight * cone for weight, cone in zip(row, cones, strict=True)) for row in TO_RGB)
    return red, green, blue


def _encoded(linear: float) -> float:
    linear = min(1.0, max(0.0, linear))
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
