"""How well a sorting finds the spikes of a known truth."""

from __future__ import annotations

from typing import Any

from spikeinterface.comparison import compare_sorter_to_ground_truth

from labbox_local.ephys.sortings import SortingData, plain, to_spikeinterface
from labbox_local.errors import Invalid

WELL_DETECTED = 0.8
# Half an action potential: how far a found spike may lie from the true one.
TOLERANCE_MS = 0.4


def to_truth(sorting: SortingData, truth: SortingData, tolerance_ms: float = TOLERANCE_MS) -> dict[str, Any]:
    """Each true unit against the found unit that agrees with it best, one to one (Hungarian matching from 0.5 on).

    Parameters
    ----------
    sorting, truth : SortingData
        Of the same recording.
    tolerance_ms : float
        How far apart two spikes may lie that count as the same.

    Returns
    -------
    dict
        ``units``: one dict per true unit with ``unit_id``, ``spike_count``, ``best_match`` (id of the found unit or
        None), ``accuracy`` (both / (true + found − both)), ``precision``, ``recall`` (all 0 to 1, 0 without a match);
        ``unit_count`` (true), ``found_count`` (units of the sorting), ``well_detected`` (true units with an accuracy
        of at least ``threshold``), ``fraction`` of them and ``threshold``.

    Raises
    ------
    Invalid
        When the two do not belong to the same recording.
    """
    _check_same(sorting, truth)
    units = _compared(sorting, truth, tolerance_ms) if sorting.spike_count and truth.spike_count else _missed(truth)
    well = sum(unit["accuracy"] >= WELL_DETECTED for unit in units)
    return {
        "units": units,
        "unit_count": truth.unit_count,
        "found_count": sorting.unit_count,
        "well_detected": well,
        "fraction": well / len(units) if units else 0.0,
        "threshold": WELL_DETECTED,
    }


def _compared(sorting: SortingData, truth: SortingData, tolerance_ms: float) -> list[dict[str, Any]]:
    comparison = compare_sorter_to_ground_truth(
        to_spikeinterface(truth), to_spikeinterface(sorting), delta_time=tolerance_ms, exhaustive_gt=True
    )
    measured = comparison.get_performance()
    matches = comparison.hungarian_match_12
    units = []
    for missed, unit_id in zip(_missed(truth), comparison.sorting1.unit_ids, strict=True):
        match = plain(matches[unit_id])
        row = measured.loc[unit_id]
        found = match not in (-1, "", "-1")
        scores = {name: float(row[name]) if found else 0.0 for name in ("accuracy", "precision", "recall")}
        units.append({**missed, **scores, "best_match": match if found else None})
    return units


def _missed(truth: SortingData) -> list[dict[str, Any]]:
    counts = truth.spike_counts().tolist()
    return [
        {"unit_id": unit_id, "spike_count": count, "accuracy": 0.0, "precision": 0.0, "recall": 0.0, "best_match": None}
        for unit_id, count in zip(truth.unit_ids, counts, strict=True)
    ]


def _check_same(sorting: SortingData, truth: SortingData) -> None:
    if sorting.segment_count != truth.segment_count:
        raise Invalid({"truth": f"It has {truth.segment_count} segments and the sorting {sorting.segment_count}."})
    if abs(sorting.sampling_rate_hz - truth.sampling_rate_hz) > 0.1:
        raise Invalid(
            {
                "truth": f"Its sampling rate is {truth.sampling_rate_hz:g} Hz, "
                f"the sorting's {sorting.sampling_rate_hz:g} Hz."
            }
        )
