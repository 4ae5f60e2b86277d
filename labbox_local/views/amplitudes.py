"""Spike amplitudes over time, with their distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbox_local.ephys.sortings import SortingData
from labbox_local.views.base import Figure, Selection, View, ViewData, choose, plain, setting, thin, unit_colour

MOST_UNITS = 24
SEED = 0


@dataclass(frozen=True)
class AmplitudeSettings:
    """How many marks, and the distribution beside them."""

    marks: int = setting(
        20_000,
        "marks",
        "More spikes than this are thinned out evenly over the units, at random but always the same.",
        minimum=100,
        maximum=20_000,
    )
    histogram: bool = setting(True, "distribution", "How often each amplitude occurs, counted from all spikes.")
    bins: int = setting(60, "bins", "Of the distribution.", minimum=5, maximum=500)


@dataclass(frozen=True, eq=False)
class SpikeAmplitudes:
    """Times and amplitudes of the spikes of each unit shown."""

    times_s: list[NDArray[np.float64]]
    values: list[NDArray[Any]]
    unit: str


class Amplitudes(View):
    """A mark per spike."""

    id = "amplitudes"
    title = "Spike amplitudes"
    help = """A mark for each spike: when it was, and how large on its unit's peak channel (SpikeInterface's
        spike_amplitudes, in µV when the recording has gains). Segments follow each other, a line between them. A
        steady band is a well isolated unit; a slow slope is drift; a band cut off at the bottom loses spikes below
        the detection threshold. Sortings imported without a recording show the amplitudes that came with them."""
    needs = ("spike_amplitudes",)
    Settings = AmplitudeSettings

    def compute(self, data: ViewData, selection: Selection, settings: AmplitudeSettings) -> Figure:
        """Marks over time and bars beside them."""
        units, note = choose(data, selection, MOST_UNITS)
        found = _collect(data, units, selection.time_range_s)
        shown = _thinned(found, settings.marks)
        total, kept = sum(map(len, found.values)), sum(map(len, shown.values))
        if kept < total:
            note = f"{thin(kept)} of {thin(total)} spikes. {note}".strip()
        traces = [_marks(data, unit, *pair) for unit, *pair in zip(units, shown.times_s, shown.values, strict=True)]
        if settings.histogram:
            traces += _distribution(data, units, found, settings.bins)
        return {
            "data": traces,
            "layout": _layout(data.sorting, found.unit, selection.time_range_s, settings.histogram),
            "note": note,
            "table": _table(data, units, shown),
        }


def _collect(data: ViewData, units: tuple[int, ...], span_s: tuple[float, float] | None) -> SpikeAmplitudes:
    sorting = data.sorting
    amplitude, unit = _source(data)
    offsets_s = segment_offsets_s(sorting)
    times, values = [], []
    for position in units:
        where = [sorting.spike_positions(position, segment) for segment in range(sorting.segment_count)]
        starts = np.repeat(offsets_s[:-1], [len(one) for one in where])
        all_of = np.concatenate(where) if where else np.zeros(0, np.int64)
        seconds = np.asarray(sorting.sample_index)[all_of] / sorting.sampling_rate_hz + starts
        inside = slice(None) if span_s is None else (seconds >= span_s[0]) & (seconds <= span_s[1])
        times.append(seconds[inside])
        values.append(np.asarray(amplitude)[all_of][inside])
    return SpikeAmplitudes(times, values, unit)


def _source(data: ViewData) -> tuple[NDArray[Any], str]:
    extension = data.extension("spike_amplitudes")
    if extension is not None:
        return extension.get_data(), data.amplitude_unit
    if data.sorting.amplitude is not None:
        return data.sorting.amplitude, data.sorting.amplitude_unit
    raise data.missing("Spike amplitudes")


def segment_offsets_s(sorting: SortingData) -> NDArray[np.float64]:
    """Where each segment begins when they are put end to end, and where the last one ends, (segments + 1,)."""
    if sorting.segment_sample_counts is not None:
        lengths = list(sorting.segment_sample_counts)
    else:
        lengths = [
            int(sorting.sample_index[stop - 1]) + 1 if stop > start else 0 for start, stop in sorting.segment_bounds()
        ]
    offsets: NDArray[np.float64] = np.concatenate([[0], np.cumsum(lengths)]) / sorting.sampling_rate_hz
    return offsets


def _thinned(found: SpikeAmplitudes, marks: int) -> SpikeAmplitudes:
    total = sum(map(len, found.values))
    if total <= marks:
        return found
    kept = np.zeros(total, dtype=bool)
    kept[np.random.default_rng(SEED).choice(total, marks, replace=False)] = True
    pieces = np.split(kept, np.cumsum([len(one) for one in found.values])[:-1])
    return SpikeAmplitudes(
        [times[piece] for times, piece in zip(found.times_s, pieces, strict=True)],
        [values[piece] for values, piece in zip(found.values, pieces, strict=True)],
        found.unit,
    )


def _marks(data: ViewData, unit: int, times_s: NDArray[Any], values: NDArray[Any]) -> dict[str, Any]:
    unit_id = data.sorting.unit_ids[unit]
    # Not scattergl: WebGL may be missing, and in software it is slower than this.
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"Unit {unit_id}",
        "x": plain(times_s),
        "y": plain(values),
        "marker": {"color": unit_colour(unit), "size": 3, "opacity": 0.7},
        "hovertemplate": f"Unit {unit_id}<br>%{{x:.3f}} s<br>%{{y:.4~g}}<extra></extra>",
    }


def _distribution(data: ViewData, units: tuple[int, ...], found: SpikeAmplitudes, count: int) -> list[dict[str, Any]]:
    everything = np.concatenate([np.asarray(one, dtype=np.float64) for one in found.values] or [np.zeros(0)])
    everything = everything[np.isfinite(everything)]
    if len(everything) == 0:
        return []
    edges = np.histogram_bin_edges(everything, bins=count)
    centres = plain((edges[:-1] + edges[1:]) / 2)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"Unit {data.sorting.unit_ids[unit]} distribution",
            "x": plain(np.histogram(values[np.isfinite(values)], edges)[0]),
            "y": centres,
            "line": {"color": unit_colour(unit), "width": 1.2, "shape": "hvh"},
            "xaxis": "x2",
            "yaxis": "y",
            "hovertemplate": "%{y:.4~g}: %{x} spikes<extra></extra>",
        }
        for unit, values in zip(units, found.values, strict=True)
    ]


def _layout(sorting: SortingData, unit: str, span_s: tuple[float, float] | None, histogram: bool) -> dict[str, Any]:
    offsets_s = segment_offsets_s(sorting)
    span = [0.0, float(offsets_s[-1])] if span_s is None else list(span_s)
    layout: dict[str, Any] = {
        "showlegend": False,
        "xaxis": {
            "domain": [0, 0.86 if histogram else 1],
            "title": {"text": "Time (s)"},
            "range": span,
            "zeroline": False,
        },
        "yaxis": {"title": {"text": f"Amplitude ({unit})"}, "zeroline": False},
        "shapes": [
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": edge,
                "x1": edge,
                "y0": 0,
                "y1": 1,
                "line": {"width": 1, "dash": "dot", "color": "#808790"},
            }
            for edge in plain(offsets_s[1:-1])
        ],
    }
    if histogram:
        layout["xaxis2"] = {
            "domain": [0.88, 1],
            "anchor": "y",
            "title": {"text": "Spikes"},
            "nticks": 3,
            "rangemode": "tozero",
            "fixedrange": True,
        }
    return layout


def _table(data: ViewData, units: tuple[int, ...], shown: SpikeAmplitudes) -> dict[str, list[Any]]:
    ids = [data.sorting.unit_ids[unit] for unit in units]
    return {
        "unit": [unit_id for unit_id, values in zip(ids, shown.values, strict=True) for _ in range(len(values))],
        "time (s)": [time for times in shown.times_s for time in plain(times)],
        f"amplitude ({shown.unit})": [value for values in shown.values for value in plain(values)],
    }
