"""Post-processing of a sorting: SpikeInterface's sorting analyzer, made and opened."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import spikeinterface.core as si
from probeinterface import generate_linear_probe
from spikeinterface.core import BaseRecording, SortingAnalyzer

# Importing these registers the extensions that are computed here by name.
from spikeinterface.metrics import quality as _quality  # noqa: F401
from spikeinterface.postprocessing import unit_locations as _unit_locations  # noqa: F401

from labbox_local.ephys import sortings
from labbox_local.ephys.sortings import SortingData
from labbox_local.errors import Invalid, LabError, Unavailable

Progress = Callable[[str, float | None], None]
SEED = 0
METRICS = ("num_spikes", "firing_rate", "presence_ratio", "snr", "isi_violation", "amplitude_cutoff")
# Extension to parameters, in the order in which each finds what it needs.
DEFAULT_EXTENSIONS: Mapping[str, Mapping[str, Any]] = {
    "random_spikes": {"method": "uniform", "max_spikes_per_unit": 500, "seed": SEED},
    "noise_levels": {"random_slices_kwargs": {"seed": SEED}},
    "waveforms": {"ms_before": 1.0, "ms_after": 2.0},
    "templates": {"operators": ["average", "std"]},
    "spike_amplitudes": {},
    "unit_locations": {"method": "center_of_mass"},
    "quality_metrics": {"metric_names": list(METRICS)},
}
# Named for people; a stage is what the job's page shows.
STAGES = {
    "random_spikes": "Choosing spikes",
    "noise_levels": "Measuring noise",
    "waveforms": "Cutting out waveforms",
    "templates": "Averaging waveforms",
    "spike_amplitudes": "Measuring spike amplitudes",
    "unit_locations": "Locating units",
    "quality_metrics": "Computing quality metrics",
    "template_metrics": "Computing template metrics",
}
# Up to here every unit keeps all channels: a tetrode's four belong together whatever the distances on its probe.
DENSE_CHANNELS = 8
SPARSITY_RADIUS_UM = 100.0
PICKLES = (".pkl", ".pickle")


def run(
    recording: BaseRecording,
    sorting: SortingData,
    folder: Path,
    scratch: Path,
    progress: Progress,
    extensions: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    n_jobs: int = 1,
) -> dict[str, Any]:
    """Makes the sorting analyzer of a sorting in `folder`.

    Parameters
    ----------
    recording : BaseRecording
        With the preprocessing that waveforms are to be seen through (lazily) on it.
    sorting : SortingData
        Units without spikes keep their place.
    folder : Path
        Must not exist; becomes SpikeInterface's ``binary_folder``.
    scratch : Path
        Existing folder; used when the recording is only in memory.
    progress : callable
        Told the stage and the fraction of stages done.
    extensions : mapping of str to parameters, optional
        Each after those that it needs; `DEFAULT_EXTENSIONS` when None.
    n_jobs : int
        Processes. One is faster than two on two cores (49 s against 80 s for 100 units × 10 min).

    Returns
    -------
    dict
        ``extensions`` (names), ``unit_count``, ``unit`` (``"µV"`` or ``"a.u."``), ``metrics`` (column to values per
        unit, None where undefined), ``seconds`` and ``notes``.

    Raises
    ------
    Invalid
        When the sorting does not fit the recording.
    LabError
        When there is nothing to post-process.
    """
    wanted = DEFAULT_EXTENSIONS if extensions is None else extensions
    _check_fit(recording, sorting)
    notes: list[str] = []
    recording = _located(_storable(recording, scratch), notes)
    in_uv = bool(recording.has_scaleable_traces())
    if not in_uv:
        notes.append("The recording has no gains, so amplitudes are in its own units, not in µV.")
    started = time.perf_counter()
    progress("Looking at the sorting", 0.0)
    analyzer = _create(recording, sorting, folder, in_uv, n_jobs)
    for done, (name, params) in enumerate(wanted.items()):
        progress(STAGES.get(name, name.replace("_", " ").capitalize()), done / len(wanted))
        analyzer.compute_one_extension(name, save=True, **params, **_settings(n_jobs))
    progress("Keeping the result", 1.0)
    _make_movable(recording, folder)
    return {
        "extensions": list(wanted),
        "unit_count": sorting.unit_count,
        "unit": "µV" if in_uv else "a.u.",
        "metrics": metrics_of(analyzer),
        "seconds": round(time.perf_counter() - started, 3),
        "notes": notes,
    }


def open_analyzer(folder: Path) -> SortingAnalyzer:
    """The analyzer in `folder`, read-only; extensions are read when asked for.

    Raises
    ------
    Unavailable
        When it is gone or damaged, or holds a pickle, which could run code.
    """
    if not folder.is_dir():
        raise Unavailable("The post-processing of this sorting is gone.", "Post-process the sorting again.")
    pickles = sorted(path.name for path in folder.rglob("*") if path.suffix in PICKLES)
    if pickles:
        raise Unavailable(f"{folder} holds {pickles[0]}, which could run code when read; it was not opened.")
    try:
        return si.load_sorting_analyzer(folder, load_extensions=False, format="binary_folder", read_only=True)
    except (OSError, ValueError, KeyError, AssertionError) as error:
        raise Unavailable(
            f"The post-processing in {folder} cannot be read: {error}.", "Post-process the sorting again."
        ) from error


def metrics_of(analyzer: SortingAnalyzer) -> dict[str, list[Any]]:
    """Quality metrics as plain data: column to one value per unit in the analyzer's order, None where undefined."""
    if not analyzer.has_extension("quality_metrics"):
        return {}
    table = analyzer.get_extension("quality_metrics").get_data()
    table = table.loc[list(analyzer.unit_ids)]
    # Of a unit without spikes SpikeInterface says a count of −1 and an SNR of 0, which nobody measured.
    silent = analyzer.sorting.count_num_spikes_per_unit(outputs="array") == 0
    return {
        str(column): [
            None if empty and column != "num_spikes" else _number(value)
            for value, empty in zip(table[column].to_numpy(dtype=object), silent, strict=True)
        ]
        for column in table
    }


def main_channels(analyzer: SortingAnalyzer) -> list[int]:
    """Position of each unit's peak channel in ``analyzer.channel_ids``: where its average waveform is largest."""
    # Not analyzer.get_main_channels(): without its recording at hand it estimates them anew, with a warning.
    ids = analyzer.get_sorting_property("main_channel_id")
    if ids is None:
        return [int(position) for position in analyzer.get_main_channels(outputs="index")]
    position = {channel: index for index, channel in enumerate(analyzer.channel_ids)}
    return [position[channel] for channel in ids]


def _check_fit(recording: BaseRecording, sorting: SortingData) -> None:
    if sorting.spike_count == 0:
        raise LabError("This sorting has no spikes, so there is nothing to post-process.")
    if not np.isclose(recording.get_sampling_frequency(), sorting.sampling_rate_hz, rtol=1e-6):
        raise Invalid(
            {
                "recording": f"The sorting's sampling rate, {sorting.sampling_rate_hz:g} Hz, is not the recording's, "
                f"{recording.get_sampling_frequency():g} Hz; import it onto the recording it was made from."
            }
        )
    if recording.get_num_segments() != sorting.segment_count:
        raise Invalid(
            {
                "recording": f"The sorting has {sorting.segment_count} segments, the recording "
                f"{recording.get_num_segments()}; import it onto the recording it was made from."
            }
        )
    for segment, (start, stop) in enumerate(sorting.segment_bounds()):
        length = recording.get_num_samples(segment)
        if stop > start and sorting.sample_index[stop - 1] >= length:
            raise Invalid(
                {
                    "recording": f"The sorting has a spike at sample {int(sorting.sample_index[stop - 1])} of segment "
                    f"{segment}, which ends at sample {length}; import it onto the recording it was made from."
                }
            )


def _storable(recording: BaseRecording, scratch: Path) -> BaseRecording:
    """The recording such that a file can describe it; one that lives in memory only is written out."""
    if recording.check_serializability("json"):
        return recording
    return recording.save(folder=scratch / "recording", n_jobs=1, progress_bar=True)


def _located(recording: BaseRecording, notes: list[str]) -> BaseRecording:
    """The recording with positions for its channels, which sparsity and unit locations ask for."""
    if recording.has_probe():
        return recording
    probe = generate_linear_probe(num_elec=recording.get_num_channels(), ypitch=20)
    probe.set_device_channel_indices(np.arange(recording.get_num_channels()))
    notes.append("The recording has no probe; its channels were taken as a line, 20 µm apart: locations mean little.")
    located = recording.clone()
    located.set_probe(probe)
    return located


def _create(recording: BaseRecording, sorting: SortingData, folder: Path, in_uv: bool, n_jobs: int) -> SortingAnalyzer:
    # Without properties: some of an imported sorting's (main_channel_id) would be taken for the analyzer's own.
    bare = sortings.to_spikeinterface(replace(sorting, properties={}))
    sparse = recording.get_num_channels() > DENSE_CHANNELS
    return si.create_sorting_analyzer(
        bare,
        recording,
        format="binary_folder",
        folder=folder,
        sparse=sparse,
        sparsity_kwargs={"method": "radius", "radius_um": SPARSITY_RADIUS_UM} if sparse else None,
        return_in_uV=in_uv,
        seed=SEED,
        job_kwargs=_settings(n_jobs),
    )


def _settings(n_jobs: int) -> dict[str, Any]:
    return {"n_jobs": n_jobs, "progress_bar": True, "chunk_duration": "1s"}


def _make_movable(recording: BaseRecording, folder: Path) -> None:
    """Leaves a description of the recording that holds wherever the folder is moved to, and no pickle."""
    for path in list(folder.rglob("*")):
        if path.suffix in PICKLES:
            path.unlink()
    recording.dump_to_json(folder / "recording.json", relative_to=None)


def _number(value: Any) -> Any:
    number = sortings.plain(value)
    # pandas' own missing value is neither a number nor NaN.
    return number if isinstance(number, int | float) else None
