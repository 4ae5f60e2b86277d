"""Correlograms, interval violations and firing rates of a sorting, defined as SpikeInterface defines them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labbox_local.ephys.kernels import add_autocorrelogram, add_crosscorrelograms, count_short_intervals
from labbox_local.ephys.sortings import SortingData
from labbox_local.errors import Invalid

WINDOW_MS = 50.0
BIN_MS = 1.0
ISI_THRESHOLD_MS = 1.5


@dataclass(frozen=True)
class Bins:
    """Bins of a correlogram in whole samples: ``window`` on either side of zero, a multiple of ``width``."""

    window: int
    width: int
    sampling_rate_hz: float

    @property
    def count(self) -> int:
        """How many bins there are, half of them before zero."""
        return 2 * (self.window // self.width)

    @property
    def edges_ms(self) -> NDArray[np.float64]:
        """Edges of the bins, (count + 1,)."""
        edges = np.arange(-self.window, self.window + self.width, self.width).astype(np.float64)
        return edges * 1e3 / self.sampling_rate_hz

    @property
    def centres_ms(self) -> NDArray[np.float64]:
        """Middles of the bins, (count,): bin k lies between edges k and k + 1."""
        edges = self.edges_ms
        centres: NDArray[np.float64] = (edges[:-1] + edges[1:]) / 2
        return centres


def bins(sampling_rate_hz: float, window_ms: float = WINDOW_MS, bin_ms: float = BIN_MS) -> Bins:
    """Bins as SpikeInterface makes them: window and bin rounded to samples, the window cut to whole bins.

    Parameters
    ----------
    sampling_rate_hz : float
    window_ms : float
        From the first edge to the last, both sides together.
    bin_ms : float

    Raises
    ------
    Invalid
        Keyed ``window_ms`` or ``bin_ms``, when a bin is shorter than a sample or the window than two bins.
    """
    width = round(sampling_rate_hz * bin_ms * 1e-3)
    window = round(sampling_rate_hz * window_ms / 2 * 1e-3)
    if width < 1:
        sample_ms = 1e3 / sampling_rate_hz
        raise Invalid({"bin_ms": f"Must be at least one sample, {sample_ms:.3g} ms; {bin_ms:g} ms is not."})
    if window < width:
        raise Invalid({"window_ms": f"Must hold at least two bins of {bin_ms:g} ms; {window_ms:g} ms does not."})
    return Bins(window - window % width, width, float(sampling_rate_hz))


def autocorrelograms(sorting: SortingData, units: Sequence[int], chosen: Bins) -> NDArray[np.int64]:
    """Autocorrelograms of units, summed over segments.

    Parameters
    ----------
    sorting : SortingData
    units : sequence of int, (n,)
        Positions in ``sorting.unit_ids``.
    chosen : Bins

    Returns
    -------
    int64 array, (n, chosen.count)
        Numbers of spike pairs, without each spike's pair with itself.
    """
    counts = np.zeros((len(units), chosen.count), dtype=np.int64)
    for row, unit in enumerate(units):
        for segment in range(sorting.segment_count):
            add_autocorrelogram(sorting.spike_train(unit, segment), chosen.window, chosen.width, counts[row])
    return counts


def crosscorrelograms(sorting: SortingData, units: Sequence[int], chosen: Bins) -> NDArray[np.int64]:
    """Correlograms of all pairs of units, summed over segments.

    Parameters
    ----------
    sorting : SortingData
    units : sequence of int, (n,)
        Positions in ``sorting.unit_ids``, each once.
    chosen : Bins

    Returns
    -------
    int64 array, (n, n, chosen.count)
        ``[a, b]`` holds times of a minus times of b; ``[a, a]`` is the autocorrelogram.
    """
    rows = np.full(max(sorting.unit_count, 1), -1, dtype=np.int64)
    rows[list(units)] = np.arange(len(units))
    counts = np.zeros((len(units), len(units), chosen.count), dtype=np.int64)
    samples = np.ascontiguousarray(sorting.sample_index)
    owners = np.ascontiguousarray(sorting.unit_index)
    for start, stop in sorting.segment_bounds():
        add_crosscorrelograms(samples[start:stop], owners[start:stop], rows, chosen.window, chosen.width, counts)
    return counts


def firing_rates_hz(sorting: SortingData) -> NDArray[np.float64]:
    """Spikes of each unit by the length of the recording, (units,); NaN where that length is zero."""
    duration_s = sorting.duration_s
    counts = sorting.spike_counts().astype(np.float64)
    return counts / duration_s if duration_s > 0 else np.full(len(counts), math.nan)


def isi_violation_counts(sorting: SortingData, threshold_ms: float = ISI_THRESHOLD_MS) -> NDArray[np.int64]:
    """Intervals between neighbouring spikes of a unit that are shorter than the threshold, (units,)."""
    counts = np.zeros(sorting.unit_count, dtype=np.int64)
    for unit in range(sorting.unit_count):
        for segment in range(sorting.segment_count):
            train = sorting.spike_train(unit, segment)
            counts[unit] += count_short_intervals(train, sorting.sampling_rate_hz, threshold_ms / 1000)
    return counts


def isi_violation_ratios(
    sorting: SortingData, threshold_ms: float = ISI_THRESHOLD_MS, min_isi_ms: float = 0.0
) -> NDArray[np.float64]:
    """The contamination that the violations speak for, as SpikeInterface's ``isi_violation`` (Hill et al. 2011).

    Parameters
    ----------
    sorting : SortingData
    threshold_ms : float
        Refractory period.
    min_isi_ms : float
        Shortest interval that the detection allows.

    Returns
    -------
    float array, (units,)
        Rate of violations in the time in which they can happen, by the unit's rate; NaN for units without spikes.
    """
    spikes = sorting.spike_counts().astype(np.float64)
    violations = isi_violation_counts(sorting, threshold_ms)
    violation_time_s = 2 * spikes * (threshold_ms / 1000 - min_isi_ms / 1000)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: NDArray[np.float64] = (violations / violation_time_s) / (spikes / sorting.duration_s)
    return ratio
