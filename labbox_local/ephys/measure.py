"""What is measured of a recording once: noise of every channel, and channels that are dead, saturated or noisy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spikeinterface.core import BaseRecording, get_noise_levels
from spikeinterface.preprocessing import detect_bad_channels

from labbox_local.ephys import preprocessing, recordings
from labbox_local.ephys.sortings import plain
from labbox_local.ephys.third_party import reading

Progress = Callable[[str, float | None], None]
SEED = 0
CHUNK_S = 0.5
CHUNKS = 20
# Values of all channels that one look at random chunks takes: 128 MB as float64, whatever the number of channels.
MOST_VALUES = 16_000_000
GROUP_VALUES = 4_000_000
# What spikeinterface's coherence method needs: its median filter runs over 11 neighbours, its high-pass is at 300 Hz.
COHERENCE_CHANNELS, COHERENCE_RATE_HZ, COHERENCE_S = 24, 2000.0, 1.0
DEVIATION_CHANNELS = 8
BAD_CHUNK_S, FEWEST_BAD_CHUNKS, MOST_BAD_CHUNKS = 0.3, 5, 60
MAD_TO_SD = 1.4826
RAIL_SHARE, RAIL_DEVIATIONS = 0.005, 5.0
FEWEST_STEPS = 20.0
MOST_BAD_SHARE = 1 / 3


@dataclass(frozen=True)
class Sampled:
    """What random chunks say of each channel, (C,) each, in the recording's own steps."""

    spread: NDArray[np.float64]
    largest: NDArray[np.float64]
    saturated_share: NDArray[np.float64]
    broken_share: NDArray[np.float64]


def measure(spec: Mapping[str, Any], progress: Progress = lambda stage, fraction: None) -> dict[str, Any]:
    """Noise levels and bad channels of a recording.

    Parameters
    ----------
    spec : mapping
        Of a recording.
    progress : callable
        Told a stage and a fraction.

    Returns
    -------
    dict
        ``noise``: per channel, from the median absolute deviation of random chunks of the raw traces;
        ``noise_band``: the same after the default band-pass, None when the sampling rate leaves no band;
        ``peak``: largest absolute value seen; ``noise_unit`` of all three; ``saturated_share``: part of the samples
        at a rail; ``bad_channels``: list of ``{id, channel_index, label, reason}``; ``bad_method``; ``notes``.
    """
    progress("opening", 0.0)
    recording = recordings.open_recording(spec)
    progress("noise", 0.1)
    noise = noise_levels(recording)
    progress("noise in the spike band", 0.3)
    band = _band_noise(recording, recordings.facts(recording, spec))
    progress("flat and saturated channels", 0.5)
    sampled = sample(recording)
    progress("bad channels", 0.7)
    labels, method, notes = _foreign_labels(recording, sampled)
    progress("done", 1.0)
    scale = recording.get_channel_gains() if recording.has_scaleable_traces() else np.ones(len(noise))
    return {
        "noise": plain(noise),
        "noise_band": None if band is None else plain(band),
        "peak": plain(sampled.largest * np.abs(scale)),
        "noise_unit": recordings.unit(recording),
        "saturated_share": plain(sampled.saturated_share),
        "bad_channels": bad_channels(recording, sampled, labels),
        "bad_method": method,
        "notes": notes,
    }


def noise_levels(recording: BaseRecording) -> NDArray[np.float64]:
    """Noise per channel, (C,), from the median absolute deviation of random chunks; the same at every call."""
    with reading("The noise cannot be measured", ""):
        levels = get_noise_levels(
            recording,
            return_in_uV=bool(recording.has_scaleable_traces()),
            method="mad",
            force_recompute=True,
            random_slices_kwargs=_slices(recording),
            n_jobs=1,
            progress_bar=False,
        )
    return np.asarray(levels, dtype=np.float64)


def sample(recording: BaseRecording) -> Sampled:
    """Spread, largest value and share of samples at a rail, of random chunks of the raw traces."""
    rng = np.random.default_rng(SEED)
    pieces = []
    channels = recording.get_num_channels()
    most = MOST_VALUES / (CHUNKS * recording.get_num_segments() * channels)
    for segment in range(recording.get_num_segments()):
        total = int(recording.get_num_samples(segment))
        wanted = min(CHUNK_S * recording.get_sampling_frequency(), most)
        size = min(total, max(1, int(wanted)))
        count = 1 if size == total else CHUNKS
        for start in np.sort(rng.integers(0, total - size, size=count, endpoint=True)):
            pieces.append(recording.get_traces(segment_index=segment, start_frame=start, end_frame=start + size))
    traces = np.concatenate(pieces)
    fewest = FEWEST_STEPS if np.dtype(recording.get_dtype()).kind in "iu" else 0.0
    step = max(1, GROUP_VALUES // len(traces))
    groups = [_sampled(traces[:, first : first + step], fewest) for first in range(0, channels, step)]
    return Sampled(
        spread=np.concatenate([group.spread for group in groups]),
        largest=np.concatenate([group.largest for group in groups]),
        saturated_share=np.concatenate([group.saturated_share for group in groups]),
        broken_share=np.concatenate([group.broken_share for group in groups]),
    )


def _sampled(own: NDArray[Any], fewest: float) -> Sampled:
    traces = own.astype(np.float64)
    broken = ~np.isfinite(traces)
    traces[broken] = np.nan
    known = np.where(broken, 0.0, traces)
    return Sampled(
        spread=np.ptp(known, axis=0),
        largest=np.abs(known).max(axis=0),
        saturated_share=saturated_share(known, fewest),
        broken_share=broken.mean(axis=0),
    )


def saturated_share(traces: NDArray[np.float64], fewest: float) -> NDArray[np.float64]:
    """Part of the samples that stand at the largest or smallest value, where that is far from the usual, (C,).

    Values near the middle of the distribution repeat in any quantised trace; a rail is far out and yet repeats.
    `fewest` is how far it is at least: a quiet channel of whole numbers takes only a few values at all.
    """
    middle = np.median(traces, axis=0)
    deviation = np.median(np.abs(traces - middle), axis=0) * MAD_TO_SD
    share = np.zeros(traces.shape[1])
    for rail in (traces.max(axis=0), traces.min(axis=0)):
        far = np.abs(rail - middle) > np.maximum(deviation * RAIL_DEVIATIONS, fewest)
        repeated = np.sum(traces == rail, axis=0)
        share += np.where(far & (deviation > 0) & (repeated > 1), repeated / len(traces), 0.0)
    return share


def bad_channels(recording: BaseRecording, sampled: Sampled, labels: Mapping[int, str]) -> list[dict[str, Any]]:
    """Every channel that something speaks against, with one label and the reason in words."""
    found: list[dict[str, Any]] = []
    for index, channel in enumerate(recording.channel_ids):
        share, broken = sampled.saturated_share[index], sampled.broken_share[index]
        if sampled.spread[index] == 0:
            label, reason = "dead", "Its value never changes."
        elif broken > 0:
            label, reason = "broken", f"{broken:.1%} of its samples are not numbers."
        elif share >= RAIL_SHARE:
            label, reason = "saturated", f"{share:.1%} of its samples are at a rail."
        elif index in labels:
            label, reason = labels[index], REASONS.get(labels[index], "")
        else:
            continue
        found.append({"id": plain(channel), "channel_index": index, "label": label, "reason": reason})
    return found


REASONS = {
    "dead": "It has little in common with its neighbours.",
    "noise": "It is noisier than the other channels.",
    "out": "It seems to lie outside the brain.",
}


def _slices(recording: BaseRecording) -> dict[str, Any]:
    shortest = min(recordings.sample_counts(recording))
    size = min(shortest, max(1, int(CHUNK_S * recording.get_sampling_frequency())))
    count = 1 if size == shortest else CHUNKS
    return {"num_chunks_per_segment": count, "chunk_duration": None, "chunk_size": size, "seed": SEED}


def _band_noise(recording: BaseRecording, facts: Mapping[str, Any]) -> NDArray[np.float64] | None:
    band = [step for step in preprocessing.default_chain(facts) if step["step"] == "bandpass_filter"]
    # A filter needs more samples than its own ringing; shorter recordings would say the noise of their edges.
    if not band or min(facts["sample_counts"]) < facts["sampling_rate_hz"] * 0.02:
        return None
    return noise_levels(preprocessing.apply(recording, band))


def _foreign_labels(recording: BaseRecording, sampled: Sampled) -> tuple[dict[int, str], str, list[str]]:
    """Labels of SpikeInterface's detection, the method that was used ("" for none), and notes."""
    method = _method(recording)
    if not method or sampled.broken_share.any():
        return {}, "", []
    with reading("Bad channels cannot be searched", "") as heard:
        _, labels = detect_bad_channels(
            preprocessing.signed(recording),
            method=method,
            seed=SEED,
            chunk_duration_s=BAD_CHUNK_S,
            num_random_chunks=_bad_chunks(recording),
            job_kwargs={"n_jobs": 1, "progress_bar": False},
        )
    found = {index: str(label) for index, label in enumerate(labels) if str(label) != "good"}
    if len(found) > MOST_BAD_SHARE * len(labels):
        note = (
            f"The search for bad channels ({method}) marked {len(found)} of {len(labels)} channels, "
            "more than it can tell apart, so its labels are left out."
        )
        return {}, method, [note]
    return found, method, [text for text in heard if "chunk" not in text]


def _bad_chunks(recording: BaseRecording) -> int:
    # No more chunks than a short recording has: reading the same second a hundred times takes 5 s and says no more.
    seconds = sum(recordings.sample_counts(recording)) / recording.get_sampling_frequency()
    values = BAD_CHUNK_S * recording.get_sampling_frequency() * recording.get_num_channels()
    return int(min(MOST_BAD_CHUNKS, max(FEWEST_BAD_CHUNKS, min(seconds / BAD_CHUNK_S, MOST_VALUES / values))))


def _method(recording: BaseRecording) -> str:
    channels, rate = recording.get_num_channels(), recording.get_sampling_frequency()
    seconds = min(recordings.sample_counts(recording)) / rate
    if rate < COHERENCE_RATE_HZ or seconds < COHERENCE_S:
        return ""
    if channels >= COHERENCE_CHANNELS and recording.has_probe() and recording.has_scaleable_traces():
        return "coherence+psd"
    return "mad" if channels >= DEVIATION_CHANNELS else ""
