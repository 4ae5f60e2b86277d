"""Autocorrelograms: how often a unit fires so long after itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labbox_local.ephys.correlograms import BIN_MS, WINDOW_MS, Bins, autocorrelograms, bins
from labbox_local.views.base import Figure, Selection, View, ViewData, choose, plain, require, setting, unit_colour
from labbox_local.views.panels import Grid, axis_number, label

MOST_UNITS = 36
MOST_BINS = 2000
REFRACTORY_MS = 1.5
TITLES = {"pairs": "Pairs", "rate": "Rate (Hz)"}


@dataclass(frozen=True)
class AutocorrelogramSettings:
    """Window and bin, and whether counts become rates."""

    window_ms: float = setting(
        WINDOW_MS, "window", "From the first edge to the last, both sides together.", unit="ms", minimum=1
    )
    bin_ms: float = setting(BIN_MS, "bin", "Rounded to whole samples.", unit="ms", minimum=0.01)
    scale: str = setting(
        "pairs",
        "scale",
        "Numbers of spike pairs, or the firing rate at that distance from a spike.",
        choices=tuple(TITLES),
    )


class Autocorrelograms(View):
    """A bar chart for each unit."""

    id = "autocorrelograms"
    title = "Autocorrelograms"
    help = """For each unit, how many pairs of its spikes lie a given time apart (later minus earlier and earlier
        minus later, so it is nearly symmetric; a spike's pair with itself is left out). A bin holds differences from
        its left edge up to and without its right edge. A clean single unit leaves the middle empty: shaded is
        ±1.5 ms, the refractory period that ISI violations are counted with. As rate, each count is divided by the
        number of spikes and the length of a bin. Counts are SpikeInterface's exact ones."""
    Settings = AutocorrelogramSettings

    def compute(self, data: ViewData, selection: Selection, settings: AutocorrelogramSettings) -> Figure:
        """Bars in a panel per unit."""
        chosen = bins(data.sorting.sampling_rate_hz, settings.window_ms, settings.bin_ms)
        require(
            chosen.count <= MOST_BINS, "bin_ms", f"Would make {chosen.count} bins; choose one for at most {MOST_BINS}."
        )
        units, note = choose(data, selection, MOST_UNITS)
        heights = autocorrelograms(data.sorting, units, chosen)
        if settings.scale == "rate":
            heights = _rates_hz(data, units, heights, chosen)
        return {
            "data": [_bars(panel, data, unit, heights[panel], chosen) for panel, unit in enumerate(units)],
            "layout": _layout(data, units, chosen, settings.scale),
            "note": note,
            "table": _table(data, units, heights, chosen),
        }


def _rates_hz(data: ViewData, units: tuple[int, ...], counts: Any, chosen: Bins) -> Any:
    spikes = data.sorting.spike_counts()[list(units)].astype(np.float64)
    bin_s = chosen.width / chosen.sampling_rate_hz
    return counts / np.maximum(spikes, 1)[:, np.newaxis] / bin_s


def _bars(panel: int, data: ViewData, unit: int, heights: Any, chosen: Bins) -> dict[str, Any]:
    number = axis_number(panel)
    unit_id = data.sorting.unit_ids[unit]
    return {
        "type": "bar",
        "name": f"Unit {unit_id}",
        "x": plain(chosen.centres_ms),
        "y": plain(heights),
        "width": chosen.width * 1e3 / chosen.sampling_rate_hz,
        "marker": {"color": unit_colour(unit), "line": {"width": 0}},
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "hovertemplate": f"Unit {unit_id}<br>%{{x:.4~g}} ms: %{{y:.5~g}}<extra></extra>",
    }


def _layout(data: ViewData, units: tuple[int, ...], chosen: Bins, scale: str) -> dict[str, Any]:
    grid = Grid(len(units))
    edges = chosen.edges_ms
    layout: dict[str, Any] = {**grid.layout(), "bargap": 0, "annotations": [], "shapes": []}
    for panel, unit in enumerate(units):
        number, (across, up) = axis_number(panel), grid.domains(panel)
        layout[f"xaxis{number}"] = {
            "domain": across,
            "anchor": f"y{number}",
            "range": [float(edges[0]), float(edges[-1])],
            "showticklabels": grid.in_bottom_row(panel),
            "nticks": 5,
            **({"title": {"text": "Time difference (ms)"}} if grid.in_bottom_row(panel) else {}),
        }
        layout[f"yaxis{number}"] = {
            "domain": up,
            "anchor": f"x{number}",
            "rangemode": "tozero",
            "nticks": 3,
            "fixedrange": True,
            **({"title": {"text": TITLES[scale]}} if grid.in_first_column(panel) else {}),
        }
        layout["annotations"].append(label(panel, str(data.sorting.unit_ids[unit]), unit_colour(unit)))
        layout["shapes"].append(_refractory_band(number))
    return layout


def _refractory_band(number: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "layer": "below",
        "xref": f"x{number}",
        "yref": f"y{number} domain",
        "x0": -REFRACTORY_MS,
        "x1": REFRACTORY_MS,
        "y0": 0,
        "y1": 1,
        "line": {"width": 0},
        "fillcolor": "rgba(128,136,144,0.18)",
    }


def _table(data: ViewData, units: tuple[int, ...], heights: Any, chosen: Bins) -> dict[str, list[Any]]:
    edges = chosen.edges_ms
    columns = {"from (ms)": plain(edges[:-1]), "to (ms)": plain(edges[1:])}
    return columns | {f"unit {data.sorting.unit_ids[unit]}": plain(heights[panel]) for panel, unit in enumerate(units)}
