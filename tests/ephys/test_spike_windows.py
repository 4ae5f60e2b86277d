"""Spikes in a window, next and previous ones and templates, each against a slow search."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbox_local.ephys import frames, tracing
from labbox_local.ephys.sortings import SortingData, build
from labbox_local.ephys.spike_windows import next_spike, spikes_frame, spikes_in, templates_frame, templates_of
from labbox_local.ephys.windows import Window, answer
from labbox_local.errors import Invalid, NotFound, Unavailable

from .trace_data import view_of, write_flat


def sorting_of(count: int = 3000, **rest: Any) -> SortingData:
    random = np.random.default_rng(4)
    segments = [(random.integers(0, 100_000, n), random.integers(0, 5, n)) for n in (count, 0, 200)]
    return build([10, 11, 12, 13, 14, 15], segments, 30000.0, **rest)


def slow(sorting: SortingData, segment: int, start: int, stop: int, units: list[int] | None) -> list[tuple[int, int]]:
    first, last = sorting.segment_bounds()[segment]
    pairs = zip(sorting.sample_index[first:last].tolist(), sorting.unit_index[first:last].tolist(), strict=True)
    return [(s, u) for s, u in pairs if start <= s < stop and (units is None or u in units)]


def planes(frame: bytes) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    header, data = frames.decode(frame)
    shown = header["shown"]
    offsets = np.frombuffer(data[: 4 * shown], dtype="<i4")
    owners = np.frombuffer(data[4 * shown :], dtype="<u4")
    return header, list(zip((offsets + header["start"]).tolist(), owners.tolist(), strict=True))


units = st.none() | st.lists(st.integers(0, 5), max_size=4, unique=True)


@settings(deadline=None)
@given(segment=st.integers(0, 2), start=st.integers(-10, 100_000), count=st.integers(1, 20_000), chosen=units)
def test_the_spikes_of_a_window_stand_on_their_samples(
    segment: int, start: int, count: int, chosen: list[int] | None
) -> None:
    sorting = sorting_of()
    expected = slow(sorting, segment, start, start + count, chosen)
    header, seen = planes(spikes_frame(sorting, segment, start, count, chosen))
    assert seen == expected
    assert header["total"] == len(expected)
    shown = range(6) if chosen is None else chosen
    assert header["counts"] == [sum(u == unit for _, u in expected) for unit in shown]


@settings(deadline=None)
@given(segment=st.integers(0, 2), sample=st.integers(-10, 100_010), chosen=units, direction=st.sampled_from([1, -1]))
def test_the_next_spike_is_the_nearest_one_further_on(
    segment: int, sample: int, chosen: list[int] | None, direction: int
) -> None:
    sorting = sorting_of(50)
    every = [(n, s, u) for n in range(3) for s, u in slow(sorting, n, -1, 10**9, chosen)]
    here = (segment, sample)
    further = [place for place in every if (place[:2] > here if direction == 1 else place[:2] < here)]
    if not further:
        with pytest.raises(NotFound, match="spike of these units"):
            next_spike(sorting, segment, sample, chosen, direction)
        return
    found = next_spike(sorting, segment, sample, chosen, direction)
    nearest = min(further)[:2] if direction == 1 else max(further)[:2]
    assert (found["segment"], found["sample"]) == nearest


def test_a_rare_unit_is_found_beyond_the_first_stretch() -> None:
    samples, owners = np.arange(200_000), np.zeros(200_000, dtype=int)
    owners[[5, 190_000]] = 1
    sorting = build([0, 1], [(samples, owners)], 30000.0)
    assert next_spike(sorting, 0, 5, [1], 1)["sample"] == 190_000
    assert next_spike(sorting, 0, 190_000, [1], -1)["sample"] == 5


def test_too_many_spikes_are_thinned_and_said_so() -> None:
    header, seen = planes(spikes_frame(sorting_of(), 0, 0, 100_000, None, limit=500))
    assert (header["total"], header["shown"], len(seen)) == (3000, 500, 500)
    assert header["message"] == "500 of 3 000 spikes are shown."


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda s: spikes_frame(s, 3, 0, 10, None), "segment"),
        (lambda s: spikes_frame(s, 0, 0, 10, [6]), "units"),
        (lambda s: spikes_frame(s, 0, 0, 10, None, limit=0), "limit"),
        (lambda s: next_spike(s, 0, 0, None, 0), "direction"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(call: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        call(sorting_of())
    assert list(refused.value.fields) == [field]


def test_templates_come_from_the_sorting_when_nothing_better_is_there() -> None:
    templates = np.zeros((6, 20, 3), dtype=np.float32)
    templates[:, 7, 1] = -5
    stored, before = templates_of(sorting_of(templates=templates), None, 3)
    assert before == 7
    header, data = frames.decode(templates_frame(stored, before, [4, 2], "µV"))
    assert (header["units"], header["sample_count"], header["channels"], header["nbefore"]) == ([4, 2], 20, 3, 7)
    np.testing.assert_array_equal(np.frombuffer(data, dtype="<f4").reshape(2, 20, 3), templates[[4, 2]])


def test_templates_that_do_not_fit_the_recording_are_a_sentence() -> None:
    with pytest.raises(Unavailable, match="no templates"):
        templates_of(sorting_of(), None, 3)
    with pytest.raises(Unavailable, match="on 3 channels, the recording has 4"):
        templates_of(sorting_of(templates=np.zeros((6, 20, 3))), None, 4)


def test_a_residual_is_the_trace_without_its_templates(tmp_path: Any) -> None:
    random = np.random.default_rng(9)
    templates = random.normal(0, 100, size=(2, 30, 3)).astype(np.float32)
    templates[1] = 7.0
    trains = np.array([50, 60, 400, 2990]), np.array([0, 0, 1, 0])
    sorting = build([0, 1], [trains], 30000.0)
    quiet = random.integers(-5, 5, size=(3000, 3)).astype(np.float32)
    view = view_of(write_flat(tmp_path, [quiet]))
    steps = templates / view.scale
    loud = quiet.copy()
    for sample, unit in zip(*trains, strict=True):
        if unit == 0:
            stretch = loud[max(0, sample - 10) : sample + 20]
            stretch += steps[0][: len(stretch)].astype(np.float32)
    view = view_of(write_flat(tmp_path, [loud]))

    left = tracing.residual(view, lambda *window: spikes_in(sorting, *window, [0]), templates, 10)

    for window in (Window(0, 0, 3000, 3000), Window(0, 55, 20, 100), Window(0, 2985, 15, 100)):
        header, seen = frames.planes_of(answer(left, None, window))
        first = header["first_sample"]
        np.testing.assert_allclose(seen[0].T, quiet[first : first + header["columns"]], atol=1e-2)
    header, seen = frames.planes_of(answer(left, None, Window(0, 0, 3000, 100)))
    assert header["kind"] == "envelope"
    np.testing.assert_allclose(seen[1].max(axis=1), quiet.max(axis=0), atol=1e-2)
