"""The average waveform of one unit around its peak channel, from the analyzer or from the sorter's own templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbox_local.ephys.sortings import UnitId, plain
from labbox_local.errors import Unavailable
from labbox_local.views.base import ViewData


@dataclass(frozen=True, eq=False)
class Template:
    """``average`` and ``spread`` (one standard deviation, or None) are (samples, channels), peak channel first."""

    unit_id: UnitId
    times_ms: NDArray[np.float64]
    average: NDArray[Any]
    spread: NDArray[Any] | None
    channel_ids: list[Any]
    positions_um: NDArray[np.float64] | None
    unit: str


def read(data: ViewData, unit: int, most_channels: int, electrodes: Sequence[str] = ()) -> Template:
    """The template of a unit on at most `most_channels` channels.

    Parameters
    ----------
    data : ViewData
    unit : int
        Position in the sorting.
    most_channels : int
        The peak channel and those around it are kept.
    electrodes : sequence of str
        Channel ids to choose among; empty for all.

    Raises
    ------
    Unavailable
        When neither the analyzer nor the sorting has templates, or none of the electrodes exist.
    """
    extension = data.extension("templates")
    if extension is not None:
        return _from_analyzer(data, extension, unit, most_channels, electrodes)
    if data.sorting.templates is not None:
        return _from_sorting(data, unit, most_channels, electrodes)
    raise data.missing("Waveforms")


def _from_analyzer(
    data: ViewData, extension: Any, unit: int, most_channels: int, electrodes: Sequence[str]
) -> Template:
    analyzer = data.analyzer
    average = extension.data["average"][unit]
    spread = extension.data["std"][unit] if "std" in extension.data else None
    known = np.ones(average.shape[1], bool) if analyzer.sparsity is None else analyzer.sparsity.mask[unit]
    ids = [plain(channel) for channel in analyzer.channel_ids]
    positions_um = np.asarray(analyzer.get_channel_locations(), dtype=np.float64)[:, :2]
    kept = _around_peak(average, positions_um, known, ids, most_channels, electrodes)
    return Template(
        unit_id=data.sorting.unit_ids[unit],
        times_ms=_times_ms(data, len(average), extension.nbefore),
        average=average[:, kept],
        spread=None if spread is None else spread[:, kept],
        channel_ids=[ids[channel] for channel in kept],
        positions_um=positions_um[kept],
        unit=data.amplitude_unit,
    )


def _from_sorting(data: ViewData, unit: int, most_channels: int, electrodes: Sequence[str]) -> Template:
    assert data.sorting.templates is not None
    average = np.asarray(data.sorting.templates[unit])
    # Zero everywhere is how these files say that a channel does not belong to the template.
    known = np.any(average != 0, axis=0)
    if not known.any():
        known = np.ones(average.shape[1], bool)
    ids: list[Any] = list(range(average.shape[1]))
    kept = _around_peak(average, None, known, ids, most_channels, electrodes)
    peak = int(np.argmax(np.max(np.abs(average), axis=1)))
    return Template(
        unit_id=data.sorting.unit_ids[unit],
        times_ms=_times_ms(data, len(average), peak),
        average=average[:, kept],
        spread=None,
        channel_ids=kept,
        positions_um=None,
        unit=data.sorting.template_unit,
    )


def _times_ms(data: ViewData, samples: int, peak: int) -> NDArray[np.float64]:
    samples_from_peak = np.arange(samples, dtype=np.float64) - peak
    times_ms: NDArray[np.float64] = np.divide(samples_from_peak * 1e3, data.sorting.sampling_rate_hz)
    return times_ms


def _around_peak(
    average: NDArray[Any],
    positions_um: NDArray[np.float64] | None,
    known: NDArray[np.bool_],
    ids: Sequence[Any],
    most: int,
    electrodes: Sequence[str],
) -> list[int]:
    """Peak channel first, then the nearest ones, or the largest where nothing is known of places."""
    if electrodes:
        known = known & np.array([str(channel) in electrodes for channel in ids])
        if not known.any():
            raise Unavailable("This unit has no waveform on the chosen electrodes.", "Choose others, or none.")
    size = np.where(known, np.ptp(average, axis=0), -1.0)
    peak = int(np.argmax(size))
    far = -size if positions_um is None else np.linalg.norm(positions_um - positions_um[peak], axis=1)
    order = np.lexsort((-size, np.round(far, 3), ~known))[: min(most, int(known.sum()))]
    return [peak, *(int(channel) for channel in order if channel != peak)]
