"""The table of all units."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbox_local.ephys import correlograms
from labbox_local.ephys.analyzers import main_channels, metrics_of
from labbox_local.ephys.sortings import plain as plain_value
from labbox_local.views.base import Figure, Selection, View, ViewData, unit_colour

Values = list[Any]


@dataclass(frozen=True)
class Column:
    """A column of the table; ``decimals`` is how many to show, ``kind`` is ``"number"`` or ``"text"``."""

    field: str
    title: str
    help: str
    unit: str = ""
    decimals: int = 0
    kind: str = "number"

    def plain(self) -> dict[str, Any]:
        """The column as JSON-able data."""
        return {
            "field": self.field,
            "title": self.title,
            "unit": self.unit,
            "help": self.help,
            "decimals": self.decimals,
            "kind": self.kind,
        }


ID = Column("id", "unit", "The sorter's name of the unit.", kind="text")
LABEL = Column("label", "label", "Given by a person or by the sorter.", kind="text")
SPIKES = Column("spikes", "spikes", "Number of spikes over all segments.")
RATE = Column("rate", "rate", "Spikes by the length of the recording, all segments together.", "Hz", 2)
CHANNEL = Column("channel", "peak channel", "Channel on which the average waveform is largest.", kind="text")
DEPTH = Column("depth", "depth", "Position along the probe: centre of mass of the waveform over the channels.", "µm", 1)
AMPLITUDE = "Median over the unit's spikes of their amplitude on the peak channel."
SNR = Column(
    "snr", "SNR", "Largest value of the average waveform on the peak channel by that channel's noise (MAD).", decimals=1
)
ISI_RATIO = Column(
    "isi_violations",
    "ISI violations",
    "Contamination that intervals under 1.5 ms speak for: their rate in the time in which they can happen, by the "
    "unit's rate (Hill et al. 2011; SpikeInterface's isi_violations_ratio). 0 is clean; above 1 is possible.",
    decimals=3,
)
ISI_COUNT = Column("isi_count", "short ISIs", "Intervals under 1.5 ms between neighbouring spikes of the unit.")
PRESENCE = Column("presence", "presence", "Part of the recording's minutes in which the unit fires.", decimals=2)
CUTOFF = Column("cutoff", "amplitude cutoff", "Estimated part of spikes lost below the threshold.", decimals=3)
# Properties that say what other columns say, or that are SpikeInterface's own bookkeeping.
SKIPPED = {"main_channel_id", "gt_unit_locations", "original_cluster_id", "label", "labels"}


class UnitsTable(View):
    """One row for each unit."""

    id = "units_table"
    title = "Units"
    help = """One row for each unit. Rates and ISI violations are counted from the spikes at once; peak channel,
        depth, amplitude, SNR, presence and amplitude cutoff appear when post-processing is done. All are defined as
        in SpikeInterface; the help of each column says how. A dash means not known. Columns that came with an
        imported sorting keep their names."""
    kind = "table"
    needs = ("quality_metrics", "templates", "spike_amplitudes", "unit_locations")

    def compute(self, data: ViewData, selection: Selection, settings: Any) -> Figure:
        """Columns and rows of all units, whatever is selected."""
        pairs = [pair for source in SOURCES for pair in source(data)]
        columns = [column for column, _ in pairs]
        rows = [
            {"position": position, "colour": unit_colour(position)}
            | {column.field: values[position] for column, values in pairs}
            for position in range(data.sorting.unit_count)
        ]
        return {"columns": [column.plain() for column in columns], "rows": rows, "note": _note(data)}


def _note(data: ViewData) -> str:
    if data.sorting.unit_count == 0:
        return "This sorting has no units."
    if data.analyzer is not None:
        return ""
    if not data.has_recording:
        return "Imported without a recording: SNR, depth and amplitude cutoff are not known."
    return "Peak channel, depth, SNR and further metrics appear when post-processing is done."


def _basics(data: ViewData) -> list[tuple[Column, Values]]:
    sorting = data.sorting
    ids: Values = [str(unit_id) for unit_id in sorting.unit_ids]
    return [
        (ID, ids),
        (LABEL, [data.labels.get(unit_id) for unit_id in ids]),
        (SPIKES, sorting.spike_counts().tolist()),
        (RATE, _numbers(correlograms.firing_rates_hz(sorting))),
    ]


def _places(data: ViewData) -> list[tuple[Column, Values]]:
    spikes = data.sorting.spike_counts()
    found: list[tuple[Column, Values]] = []
    if data.analyzer is not None:
        ids = [str(plain_value(data.analyzer.channel_ids[channel])) for channel in main_channels(data.analyzer)]
        found.append((CHANNEL, [one if count else None for one, count in zip(ids, spikes, strict=True)]))
    locations = data.extension("unit_locations")
    if locations is not None:
        found.append((DEPTH, _where(spikes > 0, locations.get_data()[:, 1])))
    elif data.sorting.depth_um is not None:
        found.append((DEPTH, _medians(data, data.sorting.depth_um)))
    return found


def _amplitudes(data: ViewData) -> list[tuple[Column, Values]]:
    extension = data.extension("spike_amplitudes")
    if extension is not None:
        values, unit = extension.get_data(), data.amplitude_unit
    elif data.sorting.amplitude is not None:
        values, unit = data.sorting.amplitude, data.sorting.amplitude_unit
    else:
        return []
    return [(Column("amplitude", "amplitude", AMPLITUDE, unit, 1), _medians(data, values))]


def _quality(data: ViewData) -> list[tuple[Column, Values]]:
    metrics = metrics_of(data.analyzer) if data.analyzer is not None else {}
    spikes = data.sorting.spike_counts() > 0
    ratio = _numbers(correlograms.isi_violation_ratios(data.sorting))
    counts = _where(spikes, correlograms.isi_violation_counts(data.sorting))
    known = [(column, metrics[name]) for column, name in ((SNR, "snr"),) if name in metrics]
    later = ((PRESENCE, "presence_ratio"), (CUTOFF, "amplitude_cutoff"))
    return [
        *known,
        (ISI_RATIO, ratio),
        (ISI_COUNT, counts),
        *((column, metrics[name]) for column, name in later if name in metrics),
    ]


def _imported(data: ViewData) -> list[tuple[Column, Values]]:
    return [
        (_property_column(name, values), [_cell(value) for value in values])
        for name, values in data.sorting.properties.items()
        if name not in SKIPPED and len(values) == data.sorting.unit_count
    ]


def _property_column(name: str, values: Values) -> Column:
    numbers = all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values)
    whole = all(isinstance(value, int) for value in values if value is not None)
    return Column(
        f"property:{name}",
        name.replace("_", " "),
        f"“{name}”, as it came with the sorting.",
        decimals=0 if whole else 3,
        kind="number" if numbers else "text",
    )


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return str(value).lower() if isinstance(value, bool) else value
    return str(value)


def _medians(data: ViewData, values: NDArray[Any]) -> Values:
    """Median of a per-spike value for each unit, None for units without spikes."""
    sorting = data.sorting
    found: Values = []
    for unit in range(sorting.unit_count):
        where = [sorting.spike_positions(unit, segment) for segment in range(sorting.segment_count)]
        own = np.asarray(values)[np.concatenate(where)] if where else np.zeros(0)
        found.append(float(np.median(own)) if len(own) and np.isfinite(own).all() else None)
    return found


def _where(known: NDArray[np.bool_], values: NDArray[Any]) -> Values:
    return [value if is_known else None for is_known, value in zip(known, _numbers(values), strict=True)]


def _numbers(values: NDArray[Any]) -> Values:
    return [value if math.isfinite(value) else None for value in values.tolist()]


SOURCES: tuple[Callable[[ViewData], list[tuple[Column, Values]]], ...] = (
    _basics,
    _places,
    _amplitudes,
    _quality,
    _imported,
)
