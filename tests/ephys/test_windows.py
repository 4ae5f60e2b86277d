"""What a window shows: exact extremes at any zoom, from samples and from the pyramid, and honest words otherwise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from labbox_local.ephys import frames, pyramid, windows
from labbox_local.ephys.windows import Window, answer
from labbox_local.errors import Invalid, Unavailable

from .test_pyramid_kernels import rows_of
from .trace_data import slow_columns, view_of, write_flat

DTYPES = ("int16", "uint16", "int32", "float32")
thorough = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", params=DTYPES)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two segments of odd lengths, their source, and its pyramid of small blocks so that there are many levels."""
    folder = tmp_path_factory.mktemp(request.param)
    segments = [rows_of(request.param, 20011, 5, seed=2), rows_of(request.param, 777, 5, seed=3)]
    source = write_flat(folder, segments, header=13)
    return segments, view_of(source), pyramid.grow(source, folder / "pyramid", factor=2)


def check(frame: bytes, samples: NDArray[Any], window: Window) -> dict[str, Any]:
    header, planes = frames.planes_of(frame)
    first, last = header["first_sample"], header["first_sample"] + header["sample_count"]
    assert first <= max(0, min(window.start, len(samples)))
    assert last >= min(len(samples), window.start + window.count)
    assert header["columns"] <= window.columns + 2
    if header["kind"] == "lines":
        np.testing.assert_array_equal(planes[0], samples[first:last, header["channels"]].T)
        drawn = samples[first:last, header["channels"]]
    else:
        assert header["columns"] == -(-header["sample_count"] // header["samples_per_column"])
        assert header["built"] == [[0, header["columns"]]]
        np.testing.assert_array_equal(planes.astype(float), slow_columns(samples, header))
        drawn = samples[first:last, header["channels"]]
    assert header["invalid"] == np.count_nonzero(~np.isfinite(drawn))
    return header


@thorough
@given(data=st.data())
def test_every_window_is_exact(recorded: Any, data: st.DataObject) -> None:
    segments, view, built = recorded
    segment = data.draw(st.integers(0, 1))
    total = len(segments[segment])
    window = Window(
        segment=segment,
        start=data.draw(st.integers(-50, total - 1)),
        count=data.draw(st.integers(51, total + 100)),
        columns=data.draw(st.integers(1, 400)),
        channels=data.draw(st.none() | st.lists(st.integers(0, 4), min_size=1, unique=True)),
    )
    check(answer(view, None, window), segments[segment], window)
    check(answer(view, built, window), segments[segment], window)


def test_wide_windows_come_from_the_pyramid_and_near_ones_from_the_file(recorded: Any) -> None:
    segments, view, built = recorded
    header = check(answer(view, built, Window(0, 0, 20011, 100)), segments[0], Window(0, 0, 20011, 100))
    assert header["source"] == "pyramid"
    header = check(answer(view, built, Window(0, 500, 700, 100)), segments[0], Window(0, 500, 700, 100))
    assert header["source"] == "file"


def test_a_window_of_no_more_samples_than_columns_is_every_sample(recorded: Any) -> None:
    segments, view, built = recorded
    header = check(answer(view, built, Window(0, 1000, 100, 100)), segments[0], Window(0, 1000, 100, 100))
    assert (header["kind"], header["first_sample"], header["columns"]) == ("lines", 1000, 100)


def test_panning_does_not_change_what_a_column_holds(recorded: Any) -> None:
    _, view, built = recorded
    near = [frames.planes_of(answer(view, built, Window(0, start, 5000, 250))) for start in (1000, 1000 + 7 * 20)]
    (one, first), (two, second) = near
    width = one["samples_per_column"]
    assert two["samples_per_column"] == width
    moved = (two["first_sample"] - one["first_sample"]) // width
    shared = one["columns"] - moved
    np.testing.assert_array_equal(first[:, :, moved:], second[:, :, :shared])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "uint32", "int64", "float64", ">i2", ">f4"])
def test_rarer_types_travel_as_one_that_a_browser_has(tmp_path: Path, dtype: str) -> None:
    random = np.random.default_rng(0)
    samples = random.integers(0, 100, size=(3001, 3)).astype(dtype)
    view = view_of(write_flat(tmp_path, [samples]))
    header = check(answer(view, None, Window(0, 0, 3001, 50)), samples, Window(0, 0, 3001, 50))
    assert header["dtype"] in ("int16", "uint16", "int32", "float32")


def test_files_of_one_channel_after_the_other_read_the_same(tmp_path: Path) -> None:
    samples = rows_of("int16", 5000, 3)
    view = view_of(write_flat(tmp_path, [samples], header=6, channelwise=True))
    check(answer(view, None, Window(0, 300, 4000, 77, [2, 0])), samples, Window(0, 300, 4000, 77, [2, 0]))


@pytest.mark.parametrize(("count", "channels"), [(1, 1), (1, 4), (2, 1), (33, 1)])
def test_one_sample_and_one_channel_are_enough(tmp_path: Path, count: int, channels: int) -> None:
    samples = rows_of("int16", count, channels)
    source = write_flat(tmp_path, [samples])
    built = pyramid.grow(source, tmp_path / "pyramid", factor=2)
    for columns in (1, 100):
        check(answer(view_of(source), built, Window(0, 0, count, columns)), samples, Window(0, 0, count, columns))


def test_the_header_says_what_the_numbers_mean(recorded: Any) -> None:
    _, view, built = recorded
    header, _ = frames.planes_of(answer(view, built, Window(1, 0, 700, 10, [3, 1]), {"job": 7}))
    assert header["channel_ids"] == ["ch3", "ch1"]
    assert header["scale"] == view.scale[[3, 1]].tolist()
    assert header["offset"] == view.offset[[3, 1]].tolist()
    assert (header["unit"], header["sampling_rate_hz"], header["segment"], header["job"]) == ("µV", 30000.0, 1, 7)


def test_planes_begin_at_a_multiple_of_eight(recorded: Any) -> None:
    _, view, _ = recorded
    for columns in range(1, 20):
        frame = answer(view, None, Window(0, 0, 1000, columns))
        assert (8 + int.from_bytes(frame[4:8], "little")) % 8 == 0


@pytest.mark.parametrize(
    ("window", "field"),
    [
        (Window(2, 0, 10, 10), "segment"),
        (Window(-1, 0, 10, 10), "segment"),
        (Window(0, 0, 0, 10), "count"),
        (Window(0, 0, 10, 0), "columns"),
        (Window(0, 0, 10, 100_000), "columns"),
        (Window(0, 0, 10, 10, [5]), "channels"),
        (Window(0, 0, 10, 10, []), "channels"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(recorded: Any, window: Window, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        answer(recorded[1], None, window)
    assert list(refused.value.fields) == [field]


def test_beyond_the_end_there_is_nothing_to_see(recorded: Any) -> None:
    header, planes = frames.planes_of(answer(recorded[1], None, Window(0, 30000, 100, 50)))
    assert (header["columns"], planes.size) == (0, 0)


def test_a_long_window_without_a_pyramid_shows_some_samples_of_every_part(
    recorded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments, view, _ = recorded
    monkeypatch.setattr(windows, "EXACT_BYTES", 1000)
    monkeypatch.setattr(windows, "SAMPLED_BYTES", 10_000)
    header, planes = frames.planes_of(answer(view, None, Window(0, 0, 20011, 100)))
    assert (header["built"], header["coverage"]) == ([], 0.0)
    assert header["message"].endswith("% of the samples are drawn; build the overview to see all of them.")
    exact = slow_columns(segments[0], header)
    seen = planes[0] <= planes[1]
    assert seen.mean() > 0.9
    assert (planes[0].astype(float) >= exact[0])[seen].all()
    assert (planes[1].astype(float) <= exact[1])[seen].all()


def test_a_growing_pyramid_shows_how_far_it_is(recorded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    segments, view, built = recorded
    monkeypatch.setattr(windows, "EXACT_BYTES", 1000)
    partial = pyramid.Pyramid(built.folder, built.plan, pyramid.State(0, 8000))
    header, planes = frames.planes_of(answer(view, partial, Window(0, 0, 20011, 100)))
    ready = header["built"][0][1]
    assert ready == 8000 // header["samples_per_column"]
    np.testing.assert_array_equal(planes[:, :, :ready].astype(float), slow_columns(segments[0], header)[:, :, :ready])
    assert header["coverage"] == pytest.approx(8000 / (20011 + 777))
    assert header["message"].startswith("38.5 % of the overview are built; of the rest, ")


def test_a_file_cut_short_while_open_is_a_sentence(tmp_path: Path) -> None:
    samples = rows_of("int16", 5000, 4)
    view = view_of(write_flat(tmp_path, [samples]))
    answer(view, None, Window(0, 0, 5000, 100))
    os.truncate(tmp_path / "0.raw", 16000)
    with pytest.raises(Unavailable, match="has become shorter since it was opened: it had at least 40,000 bytes"):
        answer(view, None, Window(0, 0, 5000, 100))
    answer(view, None, Window(0, 0, 2000, 100))


def test_a_file_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    view = view_of(write_flat(tmp_path, [rows_of("int16", 5000, 4)]))
    (tmp_path / "0.raw").unlink()
    with pytest.raises(Unavailable, match=r"0\.raw is not there any more") as gone:
        answer(view, None, Window(0, 0, 5000, 100))
    assert gone.value.hint
