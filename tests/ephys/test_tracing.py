"""Recordings of real formats in the viewer: every sample where SpikeInterface says it is, raw and through a chain."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labbox_local.ephys import frames, pyramid, recordings, sources, tracing
from labbox_local.ephys.windows import Window
from labbox_local.errors import Invalid, Unavailable

from .trace_data import slow_columns

FLAT: dict[str, tuple[str, dict[str, Any]]] = {
    "raw-locust/locust_trial_01.raw": ("binary", {"sampling_frequency": 15000, "num_channels": 4, "dtype": "int16"}),
    "spikeglx-np1-nidq": ("spikeglx", {"stream_id": "imec0.ap"}),
    "spikeglx-np2-nidq": ("spikeglx", {"stream_id": "imec0.ap-SYNC"}),
    "openephysbinary-hippocampus": ("openephysbinary", {}),
    "openephysbinary-mixed": ("openephysbinary", {"stream_id": "1"}),
    "neuroscope-yutamouse/YutaMouse42-151117.xml": ("neuroscope", {}),
    "spikeinterface-binary": ("spikeinterface", {}),
}
OTHER: dict[str, tuple[str, dict[str, Any]]] = {
    "blackrock-ns2-nev/l101210-001.ns2": ("blackrock", {}),
    "intan-rhd-64ch/sampledata.rhd": ("intan", {"stream_id": "0"}),
    "openephyslegacy-16ch/Record Node 101": ("openephyslegacy", {}),
    "neuralynx-tetrode": ("neuralynx", {}),
    "plexon-plx-lfp-units/File_plexon_3.plx": ("plexon", {}),
    "nwb-neuropixels-lf/sub-001_ses-1.nwb": ("nwb", {}),
    "biocam-brw16/biocam_hw3.0_fw1.6.brw": ("biocam", {}),
    "spike2-smr/File_spike2_3.smr": ("spike2", {}),
    "axona-bin/axona_raw.set": ("axona", {}),
    "spikegadgets-stub/W122_06_09_2019_1_fromSD.rec": ("spikegadgets", {}),
}
ALL = {**FLAT, **OTHER}


def opened(data: Path, name: str) -> Any:
    format, options = ALL[name]
    return recordings.open_recording({"format": format, "path": str(data / name), "options": options})


@pytest.mark.parametrize("name", sorted(ALL))
def test_windows_hold_the_samples_of_every_format(data: Path, name: str, tmp_path: Path) -> None:
    recording = opened(data, name)
    view = tracing.open_view(recording, path=str(data / name))
    built = tracing.build(recording, [], tmp_path / "pyramid", threads=2, progress=lambda fraction: None, factor=2)
    channels = [recording.get_num_channels() - 1, 0]
    for segment in range(recording.get_num_segments()):
        total = recording.get_num_samples(segment)
        traces = np.asarray(recording.get_traces(segment_index=segment))
        for start, count in ((0, min(total, 60)), (total - min(total, 60), min(total, 60))):
            window = Window(segment, start, count, 100, channels)
            header, planes = frames.planes_of(tracing.frame(view, built, window))
            np.testing.assert_array_equal(planes[0].T, traces[start : start + count, header["channels"]])
        for known in (None, built):
            header, planes = frames.planes_of(tracing.frame(view, known, Window(segment, 0, total, 7, channels)))
            if header["kind"] == "envelope":
                np.testing.assert_array_equal(planes.astype(float), slow_columns(traces, header))


@pytest.mark.parametrize("name", sorted(FLAT))
def test_flat_formats_are_read_without_their_reader(data: Path, name: str) -> None:
    recording = opened(data, name)
    flat = sources.flat_files(recording)
    assert flat is not None
    assert flat.sample_counts == tuple(recordings.sample_counts(recording))


@pytest.mark.parametrize("name", ["intan-rhd-64ch/sampledata.rhd", "raw-locust/locust_trial_01.raw"])
def test_values_are_those_of_the_recording_in_its_unit(data: Path, name: str) -> None:
    recording = opened(data, name)
    header, planes = frames.planes_of(tracing.frame(tracing.open_view(recording), None, Window(0, 500, 100, 100)))
    scaled = bool(recording.has_scaleable_traces())
    expected = recording.get_traces(start_frame=500, end_frame=600, return_in_uV=scaled)
    values = planes[0] * np.array(header["scale"])[:, None] + np.array(header["offset"])[:, None]
    np.testing.assert_allclose(values.T, expected, rtol=1e-6, atol=1e-3)
    assert header["unit"] == ("µV" if scaled else "a.u.")


def test_unequal_gains_stay_with_their_channels(data: Path) -> None:
    recording = opened(data, "axona-bin/axona_raw.set")
    header, _ = frames.planes_of(tracing.frame(tracing.open_view(recording), None, Window(0, 0, 10, 10, [5, 2, 11])))
    assert header["scale"] == recording.get_channel_gains()[[5, 2, 11]].tolist()


def test_a_chain_that_removes_channels_shows_those_that_are_left(data: Path) -> None:
    recording = opened(data, "intan-rhd-64ch/sampledata.rhd")
    bad = recording.channel_ids[[1, 4]].tolist()
    chain = [{"step": "detect_and_remove_bad_channels", "params": {"bad_channel_ids": bad}}]
    view = tracing.open_view(recording, chain)
    header, _ = frames.planes_of(tracing.frame(view, None, Window(0, 0, 50, 50, [0, 1, 2, 4, 5])))
    assert header["channels"] == [0, 2, 5]
    assert header["channel_ids"] == recording.channel_ids[[0, 2, 5]].tolist()
    with pytest.raises(Invalid, match="leaves none"):
        tracing.frame(view, None, Window(0, 0, 50, 50, [1, 4]))


def test_the_pyramid_of_a_chain_holds_what_its_near_windows_show(data: Path, tmp_path: Path) -> None:
    recording = opened(data, "raw-locust/locust_trial_01.raw")
    chain = [{"step": "bandpass_filter", "params": {}}, {"step": "common_reference", "params": {}}]
    built = tracing.build(recording, chain, tmp_path / "pyramid", threads=2, progress=lambda fraction: None)
    view = tracing.open_view(recording, chain)
    whole = np.asarray(view.source.recording.get_traces())  # type: ignore[attr-defined]
    header, planes = frames.planes_of(tracing.frame(view, built, Window(0, 1000, 400_000, 500)))
    assert header["source"] == "pyramid"
    np.testing.assert_allclose(planes, slow_columns(whole, header), rtol=0, atol=1e-6 * np.abs(whole).max())


def test_a_mapped_file_cut_short_is_a_sentence_and_not_a_crash(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "sampledata.rhd"
    shutil.copyfile(data / "intan-rhd-64ch" / "sampledata.rhd", path)
    path.chmod(0o644)
    recording = recordings.open_recording({"format": "intan", "path": str(path), "options": {"stream_id": "0"}})
    view = tracing.open_view(recording, path=str(path))
    tracing.frame(view, None, Window(0, 0, 100, 100))
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(Unavailable, match="has become shorter"):
        tracing.frame(view, None, Window(0, 0, 100, 100))


def test_what_was_computed_is_kept_for_the_next_window(data: Path) -> None:
    recording = opened(data, "raw-locust/locust_trial_01.raw")
    held: dict[Any, Any] = {}

    def keep(key: Any, make: Any, size_bytes: Any) -> Any:
        if key not in held:
            held[key] = make()
            assert size_bytes(held[key]) == held[key].nbytes
        return held[key]

    view = tracing.open_view(recording, [{"step": "bandpass_filter"}], keep=keep, name="locust")
    first = tracing.frame(view, None, Window(0, 0, 1000, 1000))
    assert list(held) == [("locust", 0, 0)]
    assert tracing.frame(view, None, Window(0, 0, 1000, 1000)) == first
    assert list(held) == [("locust", 0, 0)]


def test_a_pyramid_reads_the_same_whether_its_counts_have_holes(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).normal(size=(4000, 2)).astype(np.float32)
    samples[3000, 1] = np.nan
    path = tmp_path / "floats.raw"
    samples.tofile(path)
    options = {"sampling_frequency": 1000, "num_channels": 2, "dtype": "float32"}
    recording = recordings.open_recording({"format": "binary", "path": str(path), "options": options})
    built = pyramid.grow(tracing.open_view(recording).source, tmp_path / "pyramid", factor=2)
    header, _ = frames.planes_of(tracing.frame(tracing.open_view(recording), built, Window(0, 0, 4000, 20)))
    assert (header["source"], header["invalid"]) == ("pyramid", 1)
