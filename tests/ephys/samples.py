"""Small sortings and recordings for the tests of sorters, analyzers and views; everything from fixed seeds."""

from __future__ import annotations

import gc
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import spikeinterface.core as si
from numpy.typing import NDArray
from probeinterface import generate_tetrode
from spikeinterface.core import BaseRecording

from labbox_local.ephys import sortings
from labbox_local.ephys.sortings import SortingData

RATE_HZ = 30_000.0
LOCUST_RATE_HZ = 15_000.0


def nothing(stage: str, fraction: float | None) -> None:
    """A progress report that nobody reads."""


def random_sorting(
    unit_ids: tuple[int | str, ...],
    durations_s: tuple[float, ...] = (20.0,),
    rate_hz: float = 30.0,
    silent: tuple[int, ...] = (),
    seed: int = 0,
) -> SortingData:
    """Poisson trains with bursts, so that short intervals and equal samples occur; `silent` units have no spikes."""
    rng = np.random.default_rng(seed)
    segments = []
    for duration_s in durations_s:
        samples, units = [], []
        for unit in range(len(unit_ids)):
            if unit in silent:
                continue
            train = rng.integers(0, int(duration_s * RATE_HZ) - 100, int(duration_s * rate_hz))
            train = np.concatenate([train, train[::7] + 30, train[::11] + 45, train[::13]])
            samples.append(train)
            units.append(np.full(len(train), unit))
        segments.append((np.concatenate(samples), np.concatenate(units)))
    counts = tuple(int(duration_s * RATE_HZ) for duration_s in durations_s)
    return sortings.build(unit_ids, segments, RATE_HZ, segment_sample_counts=counts)


def generated(
    durations_s: tuple[float, ...] = (8.0,), channels: int = 4, units: int = 3, seed: int = 0, gain: float = 0.25
) -> tuple[BaseRecording, SortingData]:
    """A generated recording in int16 with a gain to µV, in memory, and its true units."""
    made, truth = si.generate_ground_truth_recording(
        durations=list(durations_s),
        num_channels=channels,
        num_units=units,
        seed=seed,
        sampling_frequency=RATE_HZ,
        generate_unit_locations_kwargs={
            "margin_um": 10.0,
            "minimum_z": 5.0,
            "maximum_z": 20.0,
            "minimum_distance": 15.0,
        },
    )
    segments = [np.round(made.get_traces(segment) / gain).astype(np.int16) for segment in range(len(durations_s))]
    recording = si.NumpyRecording(segments, RATE_HZ)
    recording.set_probe(made.get_probe())
    recording.set_channel_gains(gain)
    recording.set_channel_offsets(0.0)
    return recording, sortings.from_spikeinterface(truth, recording)


def without_probe(channels: int = 4, seconds: float = 4.0) -> BaseRecording:
    """Noise on channels of which nobody knows where they lie, and without gains."""
    rng = np.random.default_rng(0)
    traces = rng.normal(0, 20, (int(seconds * RATE_HZ), channels)).astype(np.int16)
    return si.NumpyRecording([traces], RATE_HZ)


def saved(recording: BaseRecording, folder: Path) -> BaseRecording:
    """The recording as a SpikeInterface folder, which a sorter's process can open."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The extractor is not serializable to file")
        warnings.filterwarnings("ignore", category=ResourceWarning)
        written = recording.save(folder=folder, n_jobs=1, progress_bar=False, verbose=False)
        gc.collect()  # SpikeInterface leaves the files it wrote to be closed with its executor
    return written


def locust(data: Path, trials: int = 1) -> BaseRecording:
    """The real tetrode recording: 28.8 s a trial, one segment each, with a probe."""
    paths = [data / "raw-locust" / f"locust_trial_{trial + 1:02}.raw" for trial in range(trials)]
    recording = si.read_binary(paths, sampling_frequency=LOCUST_RATE_HZ, dtype="int16", num_channels=4)
    probe = generate_tetrode()
    probe.set_device_channel_indices(np.arange(4))
    recording.set_probe(probe)
    return recording


def detected(recording: BaseRecording, threshold: float = 5.0) -> SortingData:
    """Spikes by threshold, the unit being the channel that was lowest: no sorter, but real times in no time."""
    segments = []
    for segment in range(recording.get_num_segments()):
        traces = recording.get_traces(segment).astype(np.float64)
        traces -= np.median(traces, axis=0)
        scaled = traces / (np.median(np.abs(traces), axis=0) / 0.6745)
        lowest = scaled.min(axis=1)
        middle = lowest[1:-1]
        peaks = np.flatnonzero((middle < -threshold) & (middle <= lowest[:-2]) & (middle < lowest[2:]))
        peaks = _apart(peaks + 1, 8)
        peaks = peaks[(peaks > 60) & (peaks < len(traces) - 60)]
        segments.append((peaks, scaled[peaks].argmin(axis=1)))
    counts = tuple(recording.get_num_samples(segment) for segment in range(recording.get_num_segments()))
    units = range(recording.get_num_channels())
    return sortings.build(list(units), segments, recording.get_sampling_frequency(), segment_sample_counts=counts)


def _apart(peaks: NDArray[Any], samples: int) -> NDArray[Any]:
    kept = [int(peaks[0])]
    for peak in peaks[1:]:
        if peak - kept[-1] >= samples:
            kept.append(int(peak))
    return np.array(kept)
