"""Generated recordings whose true units are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import spikeinterface
from spikeinterface.core import BaseRecording, BaseSorting, generate_ground_truth_recording
from spikeinterface.preprocessing import scale

from labbox_local.ephys import fingerprints, paths, preprocessing, preview, probes, recordings, sortings
from labbox_local.ephys.third_party import reading
from labbox_local.errors import Invalid

Progress = Callable[[str, float | None], None]
# One step of a common 16-bit headstage.
GAIN_UV = 0.195
NOISE_UV = 5.0
FIRING_RATES_HZ = (2.0, 15.0)
REFRACTORY_MS = 4.0
LIMITS: dict[str, tuple[float, float]] = {
    "duration_s": (1, 3600),
    "channel_count": (1, 1024),
    "unit_count": (1, 500),
    "seed": (0, 2**31 - 1),
    "sampling_rate_hz": (5000, 100_000),
}


def make(
    folder: Path,
    duration_s: float = 60.0,
    channel_count: int = 32,
    unit_count: int = 15,
    seed: int = 0,
    sampling_rate_hz: float = 30_000.0,
    progress: Progress = lambda stage, fraction: None,
) -> dict[str, Any]:
    """Writes ``folder/recording`` (SpikeInterface binary folder, int16) and ``folder/sorting`` (its true units).

    Parameters
    ----------
    folder : Path
        Must not hold either of them.
    duration_s, channel_count, unit_count, seed, sampling_rate_hz
        The same values make the same samples and spikes.
    progress : callable
        Told a stage and a fraction.

    Returns
    -------
    dict
        ``spec`` (its path relative to `folder`: "recording"), ``facts``, ``probe``, ``provenance``, ``fingerprint``,
        ``preprocessing``, ``unit_count``, ``spike_count``.
    """
    given = {
        "duration_s": duration_s,
        "channel_count": channel_count,
        "unit_count": unit_count,
        "seed": seed,
        "sampling_rate_hz": sampling_rate_hz,
    }
    _check(given)
    progress("generating units", 0.0)
    with reading("The example cannot be made", ""):
        recording, truth = _generate(given)
        progress("writing samples", 0.1)
        written = recording.save(
            folder=folder / "recording", format="binary", n_jobs=1, progress_bar=True, verbose=False
        )
    progress("writing true units", 0.9)
    provenance = {
        "generator": "spikeinterface.core.generate_ground_truth_recording",
        "spikeinterface": spikeinterface.__version__,
        "parameters": {**given, "noise_uv": NOISE_UV, "gain_uv": GAIN_UV, "firing_rates_hz": list(FIRING_RATES_HZ)},
    }
    found = sortings.from_spikeinterface(truth, written, source={"kind": "truth", **provenance})
    sortings.save(found, folder / "sorting")
    progress("done", 1.0)
    return _summary(folder, written, found, provenance)


def _generate(given: dict[str, Any]) -> tuple[BaseRecording, BaseSorting]:
    rng = np.random.default_rng(given["seed"])
    columns = 1 if given["channel_count"] < 8 else 2
    recording, truth = generate_ground_truth_recording(
        durations=[given["duration_s"]],
        sampling_frequency=given["sampling_rate_hz"],
        num_channels=given["channel_count"],
        num_units=given["unit_count"],
        generate_probe_kwargs={
            "num_columns": columns,
            "xpitch": 20,
            "ypitch": 20,
            "contact_shapes": "circle",
            "contact_shape_params": {"radius": 6},
        },
        generate_sorting_kwargs={
            "firing_rates": rng.uniform(*FIRING_RATES_HZ, size=given["unit_count"]).tolist(),
            "refractory_period_ms": REFRACTORY_MS,
        },
        noise_kwargs={"noise_levels": NOISE_UV, "strategy": "on_the_fly"},
        generate_unit_locations_kwargs={
            "margin_um": 10.0,
            "minimum_z": 5.0,
            "maximum_z": 30.0,
            "minimum_distance": 20.0,
        },
        seed=given["seed"],
    )
    stepped = scale(recording, gain=1 / GAIN_UV, offset=0.0, dtype="int16")
    stepped.set_channel_gains(GAIN_UV)
    stepped.set_channel_offsets(0.0)
    stepped.annotate(is_filtered=False)
    return stepped, truth


def _summary(
    folder: Path, written: BaseRecording, found: sortings.SortingData, provenance: dict[str, Any]
) -> dict[str, Any]:
    probe = probes.as_plain(written.get_probegroup())
    spec = {"format": "spikeinterface", "path": "recording", "options": {}, "probe": probe}
    facts = recordings.facts(written, spec)
    files = fingerprints.of_paths(fingerprints.files_of(paths.existing(folder / "recording")))
    return {
        "spec": spec,
        "facts": facts,
        "probe": probes.drawing(written),
        "provenance": provenance,
        "fingerprint": {"sha256": files["sha256"]},
        "preprocessing": preprocessing.default_chain(facts),
        "unit_count": found.unit_count,
        "spike_count": found.spike_count,
        "traces": preview.first_traces(written, []),
    }


def _check(given: dict[str, Any]) -> None:
    wrong = {
        name: f"Must be from {low:g} to {high:g}; {given[name]:g} is not."
        for name, (low, high) in LIMITS.items()
        if not low <= given[name] <= high
    }
    if wrong:
        raise Invalid(wrong)
