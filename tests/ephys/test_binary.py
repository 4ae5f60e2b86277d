"""A flat binary file opens when its numbers fit, and says at the right field when they do not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbox_local.ephys import binary, readers
from labbox_local.errors import Invalid

RATE = {"sampling_frequency": 1000, "num_channels": 4}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "a.raw"
    np.arange(400, dtype="int16").tofile(path)
    return path


def wrong(path: Path, **options: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        binary.open_binary(path, {**RATE, **options})
    return caught.value.fields


def test_samples_are_those_of_the_file(raw: Path) -> None:
    recording = binary.open_binary(raw, RATE)
    assert np.array_equal(recording.get_traces(), np.arange(400).reshape(100, 4))
    assert not recording.has_scaleable_traces()


def test_channels_first(raw: Path) -> None:
    recording = binary.open_binary(raw, {**RATE, "time_axis": 1})
    assert np.array_equal(recording.get_traces(), np.arange(400).reshape(4, 100).T)


def test_a_header_is_skipped(raw: Path) -> None:
    recording = binary.open_binary(raw, {**RATE, "file_offset": 80})
    assert recording.get_traces()[0].tolist() == [40, 41, 42, 43]


def test_big_endian_samples(tmp_path: Path) -> None:
    np.arange(8, dtype=">i2").tofile(tmp_path / "b.dat")
    recording = binary.open_binary(tmp_path / "b.dat", {**RATE, "dtype": ">i2"})
    assert recording.get_traces().tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


@pytest.mark.parametrize(
    ("given_name", "name"), [("<i2", "int16"), ("short", "int16"), ("f4", "float32"), ("double", "float64")]
)
def test_other_names_of_a_sample_type_are_understood(given_name: str, name: str) -> None:
    assert binary.spelled({"dtype": given_name})["dtype"] == name


def test_gain_and_offset_make_microvolts(raw: Path) -> None:
    recording = binary.open_binary(raw, {**RATE, "gain_to_uv": 0.5, "offset_to_uv": -1})
    assert recording.get_traces(return_in_uV=True)[0].tolist() == [-1.0, -0.5, 0.0, 0.5]


def test_further_files_become_segments(raw: Path, tmp_path: Path) -> None:
    more = tmp_path / "b.raw"
    np.zeros(40, dtype="int16").tofile(more)
    recording = binary.open_binary(raw, {**RATE, "more_paths": [str(more)]})
    assert [recording.get_num_samples(s) for s in range(2)] == [100, 10]


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        ({"sampling_frequency": 0}, "sampling_frequency", "0 is not"),
        ({"sampling_frequency": -5}, "sampling_frequency", "-5 is not"),
        ({"sampling_frequency": "fast"}, "sampling_frequency", "must be a number|Must be a number"),
        ({"num_channels": 0}, "num_channels", "0 is not"),
        ({"num_channels": 2.5}, "num_channels", "whole number"),
        (
            {"num_channels": 7},
            "num_channels",
            r"800 bytes.*7 channels × 2 bytes = 14 .*2 are left over.*fit 8, 5, 4, 10",
        ),
        ({"dtype": "float23"}, "dtype", "float23"),
        ({"dtype": "U5"}, "dtype", "U5"),
        ({"dtype": "float64", "file_offset": 1}, "dtype", "no multiple of the 8 bytes"),
        ({"file_offset": 800}, "file_offset", "only 800 bytes"),
        ({"file_offset": -1}, "file_offset", "-1 is not"),
        ({"gain_to_uv": 0}, "gain_to_uv", "every sample 0"),
        ({"gain_to_uv": "nan"}, "gain_to_uv", "finite"),
        ({"time_axis": 2}, "time_axis", "one of 0, 1"),
        ({"more_paths": "x"}, "more_paths", "JSON"),
        ({"more_paths": {"a": 1}}, "more_paths", "JSON list"),
        ({"more_paths": ["/nowhere/b.raw"]}, "more_paths", "nothing at"),
        ({"unheard": 1}, "unheard", "no option of this name"),
    ],
)
def test_each_mistake_is_said_at_its_field(raw: Path, options: dict[str, Any], field: str, words: str) -> None:
    fields = wrong(raw, **options)
    assert list(fields) == [field]
    assert re.search(words, fields[field])


def test_all_mistakes_are_said_at_once(raw: Path) -> None:
    assert set(wrong(raw, sampling_frequency="x", num_channels="y", dtype="z")) == {
        "sampling_frequency",
        "num_channels",
        "dtype",
    }


def test_missing_values_are_asked_for(raw: Path) -> None:
    with pytest.raises(Invalid) as caught:
        binary.open_binary(raw, {})
    assert set(caught.value.fields) == {"sampling_frequency", "num_channels"}


def test_a_segment_of_another_size_is_said_at_the_further_paths(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "b.raw").write_bytes(b"123456")
    assert list(wrong(raw, more_paths=[str(tmp_path / "b.raw")])) == ["more_paths"]


@pytest.mark.parametrize("kind", ["missing", "empty", "folder"])
def test_no_file_no_recording(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.raw"
    if kind == "empty":
        path.touch()
    if kind == "folder":
        path.mkdir()
    with pytest.raises(Invalid, match={"missing": "nothing at", "empty": "empty", "folder": "folder"}[kind]):
        binary.open_binary(path, RATE)


def test_a_name_with_quotes_and_brackets_opens(tmp_path: Path) -> None:
    path = tmp_path / "a 'b' \"c\" <d> é.raw"
    np.zeros(40, dtype="int16").tofile(path)
    recording, _ = readers.open_path("binary", path, RATE)
    assert recording.get_num_samples() == 10


@given(st.integers(1, 10_000), st.sampled_from([1, 2, 4, 8]), st.integers(1, 100))
def test_near_fits_do_fit(samples: int, item: int, wanted: int) -> None:
    fits = binary.near_fits(samples * item, item, wanted)
    assert 1 <= len(fits) <= 4
    assert all(samples % count == 0 for count in fits)
    nearest = min((count for count in range(1, samples + 1) if samples % count == 0), key=lambda n: abs(n - wanted))
    assert abs(fits[0] - wanted) == abs(nearest - wanted) or nearest > 2048
