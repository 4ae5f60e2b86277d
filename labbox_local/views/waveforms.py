"""Average waveforms: at their places on the probe, or channel over channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbox_local.views.base import Figure, Selection, View, ViewData, choose, plain, setting, unit_colour
from labbox_local.views.panels import Grid, axis_number, label
from labbox_local.views.templates import Template, read

MOST_UNITS = 12


@dataclass(frozen=True)
class WaveformSettings:
    """Where the channels stand, how many, and the spread."""

    arrangement: str = setting(
        "probe", "channels", "At their places on the probe, or one over the other.", choices=("probe", "stacked")
    )
    spread: bool = setting(True, "spread", "Shade one standard deviation on either side of the average.")
    channels: int = setting(12, "channels per unit", "Those nearest to the peak channel.", minimum=1, maximum=64)
    zoom: float = setting(1.0, "amplitude", "Enlarges the waveforms, not their numbers.", minimum=0.1, maximum=20)


@dataclass(frozen=True)
class Scale:
    """From waveform to drawing: ``x = place + ms × x_per_ms``, ``y = place + value × y_per_unit``."""

    x_per_ms: float
    y_per_unit: float


class Waveforms(View):
    """A panel per unit."""

    id = "waveforms"
    title = "Average waveforms"
    help = """The average of each unit's spikes on the channels around its largest, from up to 500 spikes chosen at
        random (always the same ones); shaded is one standard deviation of single spikes. All panels have the same
        scale, given by the bars: amplitude in µV when the recording has gains, time in ms. At their places means
        each waveform stands where its channel lies on the probe. Sortings imported without a recording show the
        sorter's own templates, which have no places and may have no physical unit."""
    needs = ("templates",)
    Settings = WaveformSettings

    def compute(self, data: ViewData, selection: Selection, settings: WaveformSettings) -> Figure:
        """Lines for each channel of each unit."""
        units, note = choose(data, selection, MOST_UNITS)
        templates = [read(data, unit, settings.channels, selection.electrodes) for unit in units]
        placed = [_places(template, settings.arrangement) for template in templates]
        scale = _scale(templates, placed, settings.zoom)
        figure: list[dict[str, Any]] = []
        for panel, (unit, template, places) in enumerate(zip(units, templates, placed, strict=True)):
            if settings.spread and template.spread is not None:
                figure.append(_band(panel, unit, template, places, scale))
            figure.append(_line(panel, data, unit, template, places, scale))
        layout = _layout(data, units, templates, placed, scale)
        return {"data": figure, "layout": layout, "note": note, "table": _table(templates)}


def _places(template: Template, arrangement: str) -> NDArray[np.float64]:
    """x and y of each channel, (channels, 2): in µm on the probe, else in steps of one."""
    if arrangement == "probe" and template.positions_um is not None:
        return template.positions_um
    count = len(template.channel_ids)
    return np.stack([np.zeros(count), np.arange(count)[::-1].astype(np.float64)], axis=1)


def _scale(templates: list[Template], placed: list[NDArray[np.float64]], zoom: float) -> Scale:
    span_ms = max((float(np.ptp(template.times_ms)) for template in templates), default=1.0) or 1.0
    peak = max((float(np.nanmax(np.abs(one.average), initial=0.0)) for one in templates), default=0.0) or 1.0
    across = min((_step(places[:, 0]) for places in placed), default=1.0)
    up = min((_step(places[:, 1]) for places in placed), default=1.0)
    return Scale(0.8 * across / span_ms, 1.3 * up / peak * zoom)


def _step(values: NDArray[np.float64]) -> float:
    """Distance between neighbouring columns or rows of channels; 20 (µm) when there is but one."""
    different = np.unique(np.round(values, 3))
    return float(np.min(np.diff(different))) if len(different) > 1 else 20.0


def _path(template: Template, places: NDArray[np.float64], scale: Scale, values: NDArray[Any]) -> tuple[Any, Any]:
    """x and y of the waveforms of all channels, a gap (NaN) after each."""
    middle = template.times_ms - np.mean(template.times_ms[[0, -1]])
    x = places[:, :1] + middle[np.newaxis, :] * scale.x_per_ms
    y = places[:, 1:] + values.T * scale.y_per_unit
    gap = np.full((len(places), 1), np.nan)
    return np.round(np.hstack([x, gap]), 3), np.round(np.hstack([y, gap]), 3)


def _line(
    panel: int, data: ViewData, unit: int, template: Template, places: NDArray[np.float64], scale: Scale
) -> dict[str, Any]:
    x, y = _path(template, places, scale, template.average)
    number, unit_id = axis_number(panel), data.sorting.unit_ids[unit]
    # Drawn and read at the pointer, these are rounded; the numbers themselves are in the figure's table.
    times_ms = plain(np.round(template.times_ms, 3))
    told = [
        [[channel, ms, float(f"{value:.4g}")] for ms, value in zip(times_ms, values, strict=True)] + [None]
        for channel, values in zip(template.channel_ids, template.average.T, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"Unit {unit_id}",
        "x": plain(x.ravel()),
        "y": plain(y.ravel()),
        "customdata": [point for channel in told for point in channel],
        "line": {"color": unit_colour(unit), "width": 1.4},
        "connectgaps": False,
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "hovertemplate": f"Unit {unit_id}, channel %{{customdata[0]}}<br>%{{customdata[1]:.3f}} ms<br>"
        f"%{{customdata[2]:.4~g}} {template.unit}<extra></extra>",
    }


def _band(panel: int, unit: int, template: Template, places: NDArray[np.float64], scale: Scale) -> dict[str, Any]:
    assert template.spread is not None
    x, upper = _path(template, places, scale, template.average + template.spread)
    _, lower = _path(template, places, scale, template.average - template.spread)
    number = axis_number(panel)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": plain(np.hstack([x[:, :-1], x[:, -2::-1], x[:, -1:]]).ravel()),
        "y": plain(np.hstack([upper[:, :-1], lower[:, -2::-1], upper[:, -1:]]).ravel()),
        "fill": "toself",
        "fillcolor": unit_colour(unit) + "33",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
    }


def _layout(
    data: ViewData, units: tuple[int, ...], templates: list[Template], placed: list[NDArray[np.float64]], scale: Scale
) -> dict[str, Any]:
    grid = Grid(len(units))
    layout: dict[str, Any] = {**grid.layout(), "annotations": [], "shapes": []}
    if "height" in layout:
        layout["height"] = int(layout["height"] * 1.5)
    ranges_x, ranges_y = _ranges(templates, placed, scale)
    for panel, unit in enumerate(units):
        number, (across, up) = axis_number(panel), grid.domains(panel)
        hidden = {"showgrid": False, "showticklabels": False, "ticks": "", "showline": False, "zeroline": False}
        layout[f"xaxis{number}"] = {"domain": across, "anchor": f"y{number}", "range": ranges_x[panel], **hidden}
        layout[f"yaxis{number}"] = {"domain": up, "anchor": f"x{number}", "range": ranges_y[panel], **hidden}
        layout["annotations"].append(label(panel, str(data.sorting.unit_ids[unit]), unit_colour(unit)))
    bars = _scale_bars(templates[0], placed[0], scale)
    layout["shapes"] += bars["shapes"]
    layout["annotations"] += bars["annotations"]
    return layout


def _ranges(
    templates: list[Template], placed: list[NDArray[np.float64]], scale: Scale
) -> tuple[list[list[float]], list[list[float]]]:
    """Ranges of all panels' axes, equally long, so that one pair of scale bars holds for all of them."""
    half_ms = max(float(np.ptp(template.times_ms)) for template in templates) / 2
    side, step = half_ms * scale.x_per_ms, max(_step(places[:, 1]) for places in placed)
    x = [(places[:, 0].min() - 1.05 * side, places[:, 0].max() + 1.05 * side) for places in placed]
    y = [(places[:, 1].min() - 2.1 * step, places[:, 1].max() + 0.9 * step) for places in placed]
    return _equally_long(x), _equally_long(y)


def _equally_long(spans: list[tuple[float, float]]) -> list[list[float]]:
    """Each span about its middle, as long as the longest."""
    half = max(high - low for low, high in spans) / 2
    return [[float((low + high) / 2 - half), float((low + high) / 2 + half)] for low, high in spans]


def _scale_bars(template: Template, places: NDArray[np.float64], scale: Scale) -> dict[str, list[dict[str, Any]]]:
    """A bar for time and one for amplitude, at the lower left of the first panel; the same for all panels."""
    step, span_ms = _step(places[:, 1]), float(np.ptp(template.times_ms))
    tall, long_ms = _round_down(1.1 * step / scale.y_per_unit), _round_down(span_ms / 2)
    x = float(places[:, 0].min()) - span_ms / 2 * scale.x_per_ms
    y = float(places[:, 1].min()) - 1.8 * step
    top, end = y + tall * scale.y_per_unit, x + long_ms * scale.x_per_ms
    ends = [(x, y, x, top), (x, y, end, y)]
    line = {"color": "#808790", "width": 2}
    names = [(f"{tall:g} {template.unit}", x, top, "middle"), (f"{long_ms:g} ms", end, y, "middle")]
    return {
        "shapes": [
            {"type": "line", "xref": "x", "yref": "y", "x0": x0, "y0": y0, "x1": x1, "y1": y1, "line": line}
            for x0, y0, x1, y1 in ends
        ],
        "annotations": [
            {
                "text": text,
                "xref": "x",
                "yref": "y",
                "x": at,
                "y": over,
                "xanchor": "left",
                "yanchor": anchor,
                "xshift": 3,
                "showarrow": False,
                "font": {"size": 11},
            }
            for text, at, over, anchor in names
        ],
    }


def _round_down(value: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is not above `value`."""
    power = 10.0 ** np.floor(np.log10(value)) if value > 0 else 1.0
    return float(max(step * power for step in (1, 2, 5) if step * power <= value * (1 + 1e-9)))


def _table(templates: list[Template]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    for template in templates:
        if not columns:
            columns["time (ms)"] = plain(template.times_ms)
        for index, channel in enumerate(template.channel_ids):
            name = f"unit {template.unit_id} channel {channel}"
            columns[f"{name} ({template.unit})"] = plain(template.average[:, index])
            if template.spread is not None:
                columns[f"{name} SD ({template.unit})"] = plain(template.spread[:, index])
    return columns
