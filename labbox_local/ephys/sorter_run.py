"""One run of a sorter: SpikeInterface's steps in this process, its result as our plain arrays."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import spikeinterface.core as si
from spikeinterface.core import BaseRecording, BaseSorting, ConcatenateSegmentRecording
from spikeinterface.core.globals import get_global_job_kwargs, set_global_job_kwargs
from spikeinterface.curation import remove_excess_spikes
from spikeinterface.preprocessing.common_reference import CommonReferenceRecording
from spikeinterface.preprocessing.filter import BandpassFilterRecording, HighpassFilterRecording
from spikeinterface.sorters.utils import SpikeSortingError

from labbox_local.ephys import sortings
from labbox_local.ephys.sorter_catalog import TITLES, SorterClass, find, info
from labbox_local.ephys.sorter_fields import by_products, fields, nested, parse
from labbox_local.ephys.sortings import SortingData
from labbox_local.errors import LabError, Unavailable
from labbox_local.fields import changed

Progress = Callable[[str, float | None], None]
PACKAGES = (
    "spikeinterface",
    "numpy",
    "scipy",
    "numba",
    "scikit-learn",
    "hdbscan",
    "torch",
    "mountainsort5",
    "kilosort",
)
SEED = 0
# Samples times channels: about ten minutes of 64 channels.
WORTH_PROCESSES = 1_000_000_000
# SpikeInterface's own sorters take a common reference from here on.
CHANNELS_FOR_COMMON_REFERENCE = 32
# What SpikeInterface's errors say when a sorter ends with nothing; the result is then a sorting without units.
NOTHING_FOUND = ("no spikes", "no peaks", "zero peaks", "no clusters", "no units", "with 0 sample(s)")
ERROR_LINE = re.compile(r"[\w.]*(Error|Exception|Warning|Interrupt)(:|$)")


def run(
    recording: BaseRecording,
    sorter: str,
    params: Mapping[str, Any],
    folder: Path,
    scratch: Path,
    progress: Progress,
    *,
    cores: int = 1,
) -> dict[str, Any]:
    """Sorts a recording and writes the sorting into `folder`.

    Parameters
    ----------
    recording : BaseRecording
        With the preprocessing that is to come before the sorter already (lazily) on it.
    sorter : str
        SpikeInterface's name of it.
    params : mapping
        Dotted parameter names to values, as the form gives them; missing ones mean the default.
    folder : Path
        Where `sortings.save` writes.
    scratch : Path
        Existing folder for the sorter's own files.
    progress : callable
        Told the stage and its fraction, or None where that is unknown.
    cores : int
        How many the sorter may use; `processes` says how many it does.

    Returns
    -------
    dict
        ``unit_count``, ``spike_count``, ``sorter``, ``sorter_version``, ``params`` (all values), ``params_changed``,
        ``seconds`` (of the sorter alone), ``packages`` (name to version) and ``notes`` (sentences on what was done
        to make it fit).

    Raises
    ------
    Invalid
        Keyed by parameter name.
    Unavailable
        When the sorter is not installed.
    LabError
        When the sorter fails: one sentence with the last thing it said; the whole is on the standard error stream.
    """
    found = find(sorter)
    facts = info(found)
    if not facts.installed:
        raise Unavailable(f"{facts.title} is not installed.", facts.how_to_get)
    values = parse(sorter, params)
    notes: list[str] = []
    wanted = _with_seeds(_without_own_filter(found, nested(found, values), recording, notes)) | by_products(found)
    fitting = _fitting(found, recording, scratch, notes)
    started = time.perf_counter()
    with job_settings(n_jobs=processes(recording, cores), progress_bar=True, chunk_duration="1s"):
        result = _run_steps(found, fitting, wanted, scratch / "run", progress)
    seconds = time.perf_counter() - started
    progress("Keeping the result", None)
    data = _as_data(result, recording, {"sorter": sorter, "sorter_version": facts.version, "params": values}, notes)
    sortings.save(data, folder)
    del result, fitting
    gc.collect()  # Sorters cache the filtered recording in shared memory, which lives as long as a cycle holds it.
    return {
        "unit_count": data.unit_count,
        "spike_count": data.spike_count,
        "sorter": sorter,
        "sorter_version": facts.version,
        "params": values,
        "params_changed": changed(fields(sorter), values),
        "seconds": round(seconds, 3),
        "packages": package_versions(),
        "notes": notes,
    }


@contextmanager
def job_settings(**settings: Any) -> Iterator[None]:
    """SpikeInterface's process-wide job settings, put back at the end."""
    before = get_global_job_kwargs()
    set_global_job_kwargs(**settings)
    try:
        yield
    finally:
        set_global_job_kwargs(**before)


def processes(recording: BaseRecording, cores: int) -> int:
    """How many processes pay: one, unless the recording is long.

    Each process compiles SpikeInterface's kernels anew: 60 s × 32 channels take tridesclous2 11 s with one process and
    37 s with two, on two cores.
    """
    values = recording.get_total_samples() * recording.get_num_channels()
    return cores if values >= WORTH_PROCESSES else 1


def package_versions() -> dict[str, str]:
    """Versions of the packages that a result depends on, those that are installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def own_filter_off(sorter: SorterClass, recording: BaseRecording) -> dict[str, Any]:
    """Parameters that switch the sorter's own filter off, empty when ours is not on or the sorter has no such switch.

    Parameters
    ----------
    sorter : class
    recording : BaseRecording
        Looked at for a filter among its lazy preprocessing steps.
    """
    if not _has_step(recording, BandpassFilterRecording, HighpassFilterRecording):
        return {}
    params = sorter.default_params()
    if "preprocessing_dict" in params:
        # Not apply_preprocessing=False: that would leave out whitening too, which these sorters count on.
        referenced = _has_step(recording, CommonReferenceRecording)
        needs_reference = not referenced and recording.get_num_channels() >= CHANNELS_FOR_COMMON_REFERENCE
        return {"preprocessing_dict": {"common_reference": {}} if needs_reference else {}}
    names = ("filter", "do_filter", "enable_detect_filter", "enable_sort_filter", "apply_preprocessing")
    return {name: False for name in names if name in params}


def last_words(trace: str) -> str:
    """The line of a traceback or log that says most: the last with an error's name, else the last.

    >>> last_words("Traceback:\\n  File x\\nValueError: too few spikes\\n")
    'ValueError: too few spikes'
    """
    lines = [line.strip() for line in trace.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("Spike sorting failed.", "Spike sorting error trace"))]
    named = [number for number, line in enumerate(lines) if ERROR_LINE.match(line)]
    if not named:
        return lines[-1] if lines else "it did not say why"
    words = lines[named[-1]]
    return " ".join([words, *lines[named[-1] + 1 :][:1]]) if words.endswith(":") else words


def _has_step(recording: BaseRecording, *kinds: type) -> bool:
    step: Any = recording
    while step is not None:
        if isinstance(step, kinds):
            return True
        step = step.get_parent()
    return False


def _without_own_filter(
    sorter: SorterClass, params: dict[str, Any], recording: BaseRecording, notes: list[str]
) -> dict[str, Any]:
    off = own_filter_off(sorter, recording)
    if any(params.get(name) not in (value, None) or value not in (False, None) for name, value in off.items()):
        title = TITLES.get(sorter.sorter_name, sorter.sorter_name)
        notes.append(f"The recording is filtered before sorting, so the filter of {title} itself was switched off.")
    return params | off


def _with_seeds(params: dict[str, Any]) -> dict[str, Any]:
    np.random.seed(SEED)  # Clustering libraries below the sorters draw from NumPy's global generator.
    return {
        name: SEED if value is None and (name == "seed" or name.endswith("_seed")) else value
        for name, value in params.items()
    }


def _fitting(sorter: SorterClass, recording: BaseRecording, scratch: Path, notes: list[str]) -> BaseRecording:
    """The recording such that the sorter takes it: segments joined, written out when it cannot be described."""
    if recording.get_num_segments() > 1 and not sorter.handle_multi_segment:
        count = recording.get_num_segments()
        notes.append(f"The {count} segments were sorted as one, joined end to end, and split again afterwards.")
        recording = si.concatenate_recordings([recording])
    if not (recording.check_serializability("json") or recording.check_serializability("pickle")):
        recording = recording.save(folder=scratch / "recording", n_jobs=1, progress_bar=True)
    return recording


def _run_steps(
    sorter: SorterClass, recording: BaseRecording, params: dict[str, Any], folder: Path, progress: Progress
) -> BaseSorting:
    title = TITLES.get(sorter.sorter_name, sorter.sorter_name)
    progress(f"Preparing {title}", None)
    try:
        sorter.initialize_folder(recording, folder, True, True)
        sorter.set_params_to_folder(recording, folder, params, True)
        sorter.setup_recording(recording, folder, True)
        progress(f"Sorting with {title}", None)
        sorter.run_from_folder(folder, True, True)
        # Without the recording registered, which would be read from a file made by the sorter's base class.
        return sorter.get_result_from_folder(folder, register_recording=False, sorting_info=False)
    except SpikeSortingError as error:
        return _nothing_or_raise(title, str(error), recording)
    except (RuntimeError, ValueError, AssertionError, OSError) as error:
        raise LabError(f"{title} could not start on this recording: {error}") from error


def _nothing_or_raise(title: str, trace: str, recording: BaseRecording) -> BaseSorting:
    words = last_words(trace)
    if any(phrase in words.lower() for phrase in NOTHING_FOUND):
        print(trace, flush=True)
        empty: list[dict[int, Any]] = [{} for _ in range(recording.get_num_segments())]
        return si.NumpySorting.from_unit_dict(empty, recording.get_sampling_frequency())
    if "No space left on device" in trace:
        raise LabError(f"{title} ran out of disk space; make room or move the workspace to a larger disk.")
    raise LabError(f"{title} failed: {words}") from None


def _as_data(sorting: BaseSorting, recording: BaseRecording, source: dict[str, Any], notes: list[str]) -> SortingData:
    if sorting.get_num_segments() != recording.get_num_segments():
        sorting = si.split_sorting(sorting, _joined(recording))
    before = sorting.count_total_num_spikes()
    sorting = remove_excess_spikes(sorting, recording)
    if lost := before - sorting.count_total_num_spikes():
        notes.append(f"{lost} spikes outside the recording were left out.")
    units_before = sorting.get_num_units()
    sorting = sorting.remove_empty_units()
    if empty := units_before - sorting.get_num_units():
        notes.append(f"{empty} units without any spikes were left out.")
    return sortings.from_spikeinterface(sorting, recording, source)


def _joined(recording: BaseRecording) -> ConcatenateSegmentRecording:
    joined: ConcatenateSegmentRecording = si.concatenate_recordings([recording])
    return joined
