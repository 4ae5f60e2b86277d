"""MountainLab's arrays, with every header that its tools write."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from spikeinterface.extractors.mdaextractors import writemda16i

from labbox_local.ephys import mda
from labbox_local.errors import Invalid


def write(path: Path, array: np.ndarray, code: int, wide: bool = False) -> None:
    count = array.ndim
    header = struct.pack("<iii", code, array.itemsize, -count if wide else count)
    header += struct.pack(f"<{count}{'q' if wide else 'i'}", *array.shape)
    path.write_bytes(header + array.tobytes(order="F"))


CODES = [("uint8", -2), ("float32", -3), ("int16", -4), ("int32", -5), ("uint16", -6), ("float64", -7), ("uint32", -8)]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("dtype", "code"), CODES)
def test_arrays_of_every_type_are_read(tmp_path: Path, dtype: str, code: int, wide: bool) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)
    write(tmp_path / "a.mda", array, code, wide)
    assert np.array_equal(mda.read_array(tmp_path / "a.mda"), array)


def test_spikeinterface_writes_what_is_read(tmp_path: Path) -> None:
    array = np.arange(12, dtype="int16").reshape(3, 4)
    writemda16i(array, str(tmp_path / "a.mda"))
    assert np.array_equal(mda.read_array(tmp_path / "a.mda"), array)


def recording_folder(folder: Path) -> Path:
    write(folder / "raw.mda", np.arange(40, dtype="int16").reshape(4, 10), -4)
    (folder / "params.json").write_text(json.dumps({"samplerate": 20000}))
    np.savetxt(folder / "geom.csv", np.c_[np.zeros(4), np.arange(4) * 25.0], delimiter=",")
    return folder


def test_a_folder_is_a_recording_with_its_geometry(tmp_path: Path) -> None:
    recording = mda.open_mda(recording_folder(tmp_path), {})
    assert recording.get_sampling_frequency() == 20000
    assert np.array_equal(recording.get_traces(), np.arange(40).reshape(4, 10).T)
    assert recording.get_channel_locations()[:, 1].tolist() == [0, 25, 50, 75]


def test_a_file_alone_asks_for_its_rate(tmp_path: Path) -> None:
    folder = recording_folder(tmp_path)
    (folder / "params.json").unlink()
    with pytest.raises(Invalid) as caught:
        mda.open_mda(folder / "raw.mda", {})
    assert list(caught.value.fields) == ["sampling_frequency"]
    assert mda.open_mda(folder / "raw.mda", {"sampling_frequency": 5000}).get_sampling_frequency() == 5000


@pytest.mark.parametrize("params", ["[]", "{}", '{"samplerate": -1}', '{"samplerate": "x"}'])
def test_params_without_a_rate_ask_for_it(tmp_path: Path, params: str) -> None:
    folder = recording_folder(tmp_path)
    (folder / "params.json").write_text(params)
    with pytest.raises(Invalid, match="does not either"):
        mda.open_mda(folder, {})


def test_a_geometry_of_other_size_is_left_out(tmp_path: Path) -> None:
    folder = recording_folder(tmp_path)
    (folder / "geom.csv").write_text("0,0\n")
    assert not mda.open_mda(folder, {}).has_probe()


@pytest.mark.parametrize("content", ["a,b\n", "x"])
def test_a_geometry_that_is_none_is_left_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "geom.csv").write_text(content)
    assert mda.read_positions(tmp_path / "geom.csv") is None
    assert mda.read_positions(tmp_path / "none.csv") is None


@pytest.mark.parametrize("content", [b"", b"abc", b"\0" * 40, struct.pack("<iiiii", -4, 8, 2, 1, 1)])
def test_no_header_no_array(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mda").write_bytes(content)
    with pytest.raises(Invalid, match=r"no \.mda file"):
        mda.read_header(tmp_path / "a.mda")


def test_a_cut_file_is_noticed(tmp_path: Path) -> None:
    write(tmp_path / "a.mda", np.zeros((4, 10), dtype="int16"), -4)
    whole = (tmp_path / "a.mda").read_bytes()
    (tmp_path / "a.mda").write_bytes(whole[:-1])
    with pytest.raises(Invalid, match="80 bytes should follow its header, 79 do"):
        mda.read_header(tmp_path / "a.mda")
    (tmp_path / "a.mda").write_bytes(whole[:14])
    with pytest.raises(Invalid, match="cut off in its header"):
        mda.read_header(tmp_path / "a.mda")


@pytest.mark.parametrize("shape", [(4,), (10, 4), (0, 5)])
def test_arrays_that_are_no_traces(tmp_path: Path, shape: tuple[int, ...]) -> None:
    write(tmp_path / "a.mda", np.zeros(shape, dtype="int16"), -4)
    with pytest.raises(Invalid, match=r"traces are|no recording"):
        mda.open_mda(tmp_path / "a.mda", {"sampling_frequency": 1000})


def test_a_folder_of_firings_is_no_recording(data: Path) -> None:
    with pytest.raises(Invalid, match="holds a sorting"):
        mda.open_mda(data / "mda-firings", {})
    assert mda.read_array(data / "mda-firings" / "firings_true.mda").shape == (3, 1000)


def test_a_folder_of_nothing_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"no raw\.mda"):
        mda.open_mda(tmp_path, {})
