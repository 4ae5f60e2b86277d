"""A sorter's parameters as form fields, and back: nested dictionaries flattened with dots, bounds by name."""

from __future__ import annotations

import copy
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from spikeinterface.core.job_tools import job_keys

from labbox_local.ephys.sorter_catalog import SorterClass, find
from labbox_local.errors import Invalid
from labbox_local.fields import Field, Kind, check

PEAK_SIGNS = ("neg", "pos", "both")
CACHE_MODES = ("auto", "memory", "folder", "zarr", "no-cache")
MOTION_PRESETS = (
    "dredge",
    "dredge_fast",
    "medicine",
    "nonrigid_accurate",
    "nonrigid_fast_and_accurate",
    "rigid_fast",
    "kilosort_like",
)
# What a text parameter may be, by the end of its dotted name; texts that are not here are free.
CHOICES = {
    "peak_sign": PEAK_SIGNS,
    "cache_preprocessing_mode": CACHE_MODES,
    "cache_preprocessing.mode": ("memory", "folder", "zarr", "no-cache"),
    "motion_correction_preset": MOTION_PRESETS,
    "motion_correction.preset": MOTION_PRESETS,
    "template_matching_engine": ("wobble", "circus-omp", "tdc-peeler", "nearest", "nearest-svd"),
    "matching.method": ("circus-omp", "wobble", "tdc-peeler", "nearest", "nearest-svd"),
    "clustering.method": (
        "iterative-hdbscan",
        "iterative-isosplit",
        "random-projections",
        "hdbscan-positions",
        "graph-clustering",
    ),
    "detection.method": ("matched_filtering", "locally_exclusive", "by_channel"),
    "selection.method": (
        "uniform",
        "uniform_locations",
        "smart_sampling_amplitudes",
        "smart_sampling_locations",
        "smart_sampling_locations_and_time",
    ),
    "gather_mode": ("memory", "npy"),
    "whitening.mode": ("local", "global"),
    "filtering.ftype": ("bessel", "butter"),
    "scheme": ("1", "2", "3"),
    "scheme2_training_recording_sampling_mode": ("uniform", "initial"),
    "clusterer": ("hdbscan", "isosplit", "kmeans", "mean_shift", "affinity_propagation", "gaussian_mixture"),
    "loop_mode": ("loop", "local_parfor", "grid"),
    "filter_type": ("none", "bandpass", "wiener", "fftdiff", "ndiff"),
    "filter_detect_type": ("none", "bandpass", "wiener", "fftdiff", "ndiff"),
    "common_ref_type": ("none", "mean", "median", "trimmean"),
    "common_reference": ("median", "average"),
}
SIGNS = ("-1", "0", "1")
SIGN_NAME = re.compile(r"(^|[._])detect_sign$")
FREQUENCY_NAME = re.compile(r"(^|[._])(freq_min|freq_max|fmin|fmax|fshigh|fslow|highpass_cutoff)$")
# YASS gives its upper edge as a part of the sampling rate.
RELATIVE_FREQUENCIES = {"yass": {"freq_max"}}

# (end of the name, unit, kind when the default is a whole number, minimum); the first that matches holds.
RULES: tuple[tuple[re.Pattern[str], str, Kind | None, float | None], ...] = (
    (FREQUENCY_NAME, "Hz", "float", 0.0),
    (re.compile(r"radius_um$|_um$"), "µm", "float", 0.0),
    (re.compile(r"(^|_)radius(_out)?$"), "µm", "float", 0.0),
    (re.compile(r"_ms$|_msec$|(^|[._])ms_(before|after)$"), "ms", "float", 0.0),
    (re.compile(r"_duration_sec$"), "s", "float", 1.0),
    (re.compile(r"_sec$"), "s", "float", 0.0),
    (re.compile(r"memory_limit$"), "", "float", 0.0),
    (re.compile(r"threshold$|thresh$|^Th$|ThPre$"), "", "float", 0.0),
    (re.compile(r"min_snr(_ptp)?$"), "", "float", 0.0),
    (re.compile(r"firing_rate$"), "Hz", "float", 0.0),
    (re.compile(r"(^|_)n_jobs$|num_workers$"), "", None, 1.0),
    (re.compile(r"(^|\.)n_|^n(pca|PCs)|num_|^min_count$|order$|depth$|^snippet_T"), "", None, 1.0),
)
TOPICS = (
    ("job", re.compile(r"chunk|gather|cache|n_jobs|num_workers|^seed$|_seed$")),
    ("motion", re.compile(r"motion|drift|nblocks|do_correction|datashift")),
    ("preprocessing", re.compile(r"freq|filter|fmin|fmax|fshigh|fslow|preproc|whiten|^car$|denoise|common_ref")),
    ("detection", re.compile(r"detect|peak_sign|^n_peaks|spike_thresh|spkTh|exclude")),
    ("clustering", re.compile(r"clus|split|svd|pca|npca|feature|isosplit|scheme|snippet")),
    ("templates", re.compile(r"template|match|merge|^ms_|firing_rate|sparsify")),
)
ADVANCED_TOPICS = {"job", "matching", "cache_preprocessing", "chunk_preprocessing", "selection"}
# They say which by-products stay in the sorter's folder; a run's folder goes when its result is read.
BY_PRODUCTS = {
    "debug": False,
    "save_array": False,
    "save_rez_to_mat": False,
    "save_temp_files": False,
    "delete_temporary_recording": True,
    "delete_tmp_files": True,
    "delete_recording_dat": True,
    "generate_phy": 0,
    "tempdir": None,
}
WHOLE_NUMBER_IF_UNSET = re.compile(r"seed$|^NT$|^N[a-z]|^n_|^num_|_n_|subset$|chunk_size$|nNeighPC$")
TEXT_IF_UNSET = re.compile(r"dir$|path$|folder$")


def fields(sorter: str) -> list[Field]:
    """The form of a sorter: one field per parameter, in the sorter's own order.

    Parameters
    ----------
    sorter : str
        SpikeInterface's name of it, such as ``"tridesclous2"``.

    Returns
    -------
    list of Field
        Nested parameters carry dotted names (``"filtering.freq_min"``); what belongs to running (processes, chunks,
        progress) is left out, since the program sets it.

    Raises
    ------
    Invalid
        When there is no such sorter, or it must be installed before it tells its parameters.
    """
    found = find(sorter)
    described = descriptions(found)
    return [
        _field(sorter, name, default, described.get(name, described.get(name.partition(".")[0], "")))
        for name, default in flat(defaults(found))
    ]


def defaults(sorter: SorterClass) -> dict[str, Any]:
    """The sorter's own parameters as it gives them, without those that only say how to run."""
    params = _told(sorter, "default_params")
    hidden = set(job_keys) if sorter.requires_binary_data else set(job_keys) - {"chunk_size"}
    hidden |= set(BY_PRODUCTS) | {"job_kwargs", "verbose"}
    return {name: value for name, value in params.items() if name not in hidden}


def by_products(sorter: SorterClass) -> dict[str, Any]:
    """The sorter's parameters about files left behind, set such that few are."""
    return {name: value for name, value in BY_PRODUCTS.items() if name in _told(sorter, "default_params")}


def descriptions(sorter: SorterClass) -> dict[str, str]:
    """The sorter's own words on its parameters, each on one line; some sorters leave some out."""
    told = _told(sorter, "params_description")
    return {name: " ".join(text.split()) for name, text in told.items() if isinstance(text, str)}


def flat(params: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every parameter with its dotted name; an empty dictionary is a value of its own."""
    for name, value in params.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def nested(sorter: SorterClass, values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as the sorter takes them, from checked values by dotted name.

    Parameters
    ----------
    sorter : class
    values : mapping
        As `parse` gives them; a missing name means the default.

    Returns
    -------
    dict
        Every parameter of `defaults`, in the types that the sorter's defaults have.
    """
    result = copy.deepcopy(defaults(sorter))
    for name, default in list(flat(result)):
        if name in values:
            *path, last = name.split(".")
            place = result
            for part in path:
                place = place[part]
            place[last] = _typed(default, values[name])
    return result


def parse(sorter: str, entered: Mapping[str, Any]) -> dict[str, Any]:
    """Values of all fields, defaults where nothing was entered.

    Raises
    ------
    Invalid
        Keyed by parameter name, or by ``"sorter"``.
    """
    return check(fields(sorter), entered)


def frequency_names(sorter: str) -> list[str]:
    """Dotted names of the parameters that are frequencies in Hz."""
    relative = RELATIVE_FREQUENCIES.get(sorter, set())
    return [field.name for field in fields(sorter) if FREQUENCY_NAME.search(field.name) and field.name not in relative]


def _told(sorter: SorterClass, question: str) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            answer: dict[str, Any] = getattr(sorter, question)()
        except ImportError as error:
            raise Invalid(
                {"sorter": f"{sorter.sorter_name} tells its parameters only once it is installed ({error})."}
            ) from error
    return answer


def _field(sorter: str, name: str, default: Any, help_text: str) -> Field:
    topic = name.partition(".")[0] if "." in name else _topic(name)
    common: dict[str, Any] = {"name": name, "help": help_text, "topic": topic, "advanced": topic in ADVANCED_TOPICS}
    if SIGN_NAME.search(name):
        return Field(kind="choice", default=str(default), choices=SIGNS, **common)
    if (choices := _choices(name)) and default in choices:
        return _choice(choices, default, common)
    kind, unit, minimum = _kind(name, default), "", None
    for pattern, rule_unit, rule_kind, rule_minimum in RULES:
        if pattern.search(name) and kind in ("int", "float") and name not in RELATIVE_FREQUENCIES.get(sorter, ()):
            kind, unit = rule_kind or kind, rule_unit
            # Some sorters mean something by a value outside, such as −1 for all channels: then there is no bound.
            minimum = rule_minimum if default is None or default >= (rule_minimum or 0) else None
            break
    if kind == "float" and isinstance(default, int):
        default = float(default)
    return Field(kind=kind, default=_sayable(default), unit=unit, minimum=minimum, optional=default is None, **common)


def _choice(choices: tuple[str, ...], default: str, common: dict[str, Any]) -> Field:
    """A form has one way to say none, which is to leave the field empty; `_typed` says it as the sorter does."""
    words = tuple(choice for choice in choices if choice != "none")
    first = None if default == "none" else default
    return Field(kind="choice", choices=words, default=first, optional=words != choices, **common)


def _kind(name: str, default: Any) -> Kind:
    if isinstance(default, bool):
        return "bool"
    if isinstance(default, int):
        return "int"
    if isinstance(default, float):
        return "float" if math.isfinite(default) else "text"
    if isinstance(default, str):
        return "text"
    if default is None and FREQUENCY_NAME.search(name):
        return "float"
    if default is None and WHOLE_NUMBER_IF_UNSET.search(name):
        return "int"
    return "text" if default is None and TEXT_IF_UNSET.search(name) else "json"


def _choices(name: str) -> tuple[str, ...]:
    return next((choices for end, choices in CHOICES.items() if name == end or name.endswith("." + end)), ())


def _topic(name: str) -> str:
    return next((topic for topic, pattern in TOPICS if pattern.search(name)), "general")


def _sayable(default: Any) -> Any:
    """JSON knows neither tuples nor infinity, which some sorters have among their defaults."""
    if isinstance(default, float) and not math.isfinite(default):
        return str(default)
    return list(default) if isinstance(default, tuple) else default


def _typed(default: Any, value: Any) -> Any:
    if isinstance(default, str) and value is None:
        return "none"
    if isinstance(default, bool) or value is None:
        return value
    if isinstance(default, int) and isinstance(value, str):
        return int(value)
    if isinstance(default, int) and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(default, float) and isinstance(value, str):
        return float(value)
    return tuple(value) if isinstance(default, tuple) and isinstance(value, list) else value
