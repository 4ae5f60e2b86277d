"""A sorting against the truth."""

from __future__ import annotations

import json

import numpy as np
import pytest

from labbox_local.ephys import comparison, sortings
from labbox_local.ephys.sortings import SortingData
from labbox_local.errors import Invalid
from tests.ephys.samples import RATE_HZ

TRAINS = {"one": np.arange(1000, 200_000, 2000), "two": np.arange(1500, 200_000, 4000)}


def sorting_of(trains: dict[int, np.ndarray] | dict[str, np.ndarray], segments: int = 1) -> SortingData:
    one = (np.concatenate(list(trains.values())), np.repeat(np.arange(len(trains)), [len(x) for x in trains.values()]))
    return sortings.build(list(trains), [one] * segments, RATE_HZ, segment_sample_counts=(300_000,) * segments)


def test_the_same_spikes_agree_whatever_the_ids() -> None:
    found = comparison.to_truth(sorting_of({7: TRAINS["two"], 3: TRAINS["one"] + 4}), sorting_of(TRAINS))
    json.dumps(found, allow_nan=False)
    assert [(unit["unit_id"], unit["best_match"], unit["accuracy"]) for unit in found["units"]] == [
        ("one", 3, 1.0), ("two", 7, 1.0),
    ]  # fmt: skip
    assert (found["well_detected"], found["fraction"], found["unit_count"], found["found_count"]) == (2, 1.0, 2, 2)


def test_scores_are_shares_of_spikes() -> None:
    kept = TRAINS["one"][:70]
    some = np.concatenate([kept, kept[:10] + 700])
    unit = comparison.to_truth(sorting_of({0: some}), sorting_of({"one": TRAINS["one"]}))["units"][0]
    true, found, both = len(TRAINS["one"]), len(some), len(kept)
    assert unit["spike_count"] == true
    assert unit["accuracy"] == pytest.approx(both / (true + found - both))
    assert unit["recall"] == pytest.approx(both / true)
    assert unit["precision"] == pytest.approx(both / found)


@pytest.mark.parametrize("late_samples", [11, 13])
def test_spikes_agree_up_to_the_tolerance(late_samples: int) -> None:
    late = sorting_of({0: TRAINS["one"] + late_samples})
    unit = comparison.to_truth(late, sorting_of({0: TRAINS["one"]}))["units"][0]
    assert unit["accuracy"] == (1.0 if late_samples / RATE_HZ < 0.0004 else 0.0)


def test_less_than_half_agreement_is_no_match() -> None:
    unit = comparison.to_truth(sorting_of({0: TRAINS["one"][:45]}), sorting_of({0: TRAINS["one"]}))["units"][0]
    assert (unit["best_match"], unit["accuracy"]) == (None, 0.0)


def test_a_unit_that_nothing_matches_has_no_match_and_no_score() -> None:
    found = comparison.to_truth(sorting_of({0: TRAINS["one"]}), sorting_of(TRAINS))
    missed = found["units"][1]
    assert (missed["best_match"], missed["accuracy"], missed["precision"], missed["recall"]) == (None, 0.0, 0.0, 0.0)
    assert (found["well_detected"], found["fraction"]) == (1, 0.5)


def test_two_segments_are_taken_together() -> None:
    found = comparison.to_truth(sorting_of(TRAINS, segments=2), sorting_of(TRAINS, segments=2))
    assert found["fraction"] == 1.0
    assert found["units"][0]["spike_count"] == 2 * len(TRAINS["one"])


def test_an_empty_sorting_misses_everything() -> None:
    nothing = sortings.build([], [(np.array([]), np.array([]))], RATE_HZ)
    found = comparison.to_truth(nothing, sorting_of(TRAINS))
    assert [unit["accuracy"] for unit in found["units"]] == [0.0, 0.0]
    assert comparison.to_truth(sorting_of(TRAINS), nothing)["units"] == []
    assert comparison.to_truth(sorting_of(TRAINS), nothing)["fraction"] == 0.0


def test_a_truth_of_another_recording_is_refused() -> None:
    with pytest.raises(Invalid, match="2 segments and the sorting 1"):
        comparison.to_truth(sorting_of(TRAINS), sorting_of(TRAINS, segments=2))
    slow = sortings.build(["a"], [(np.array([4]), np.array([0]))], 15_000.0)
    with pytest.raises(Invalid, match="15000 Hz"):
        comparison.to_truth(sorting_of(TRAINS), slow)
