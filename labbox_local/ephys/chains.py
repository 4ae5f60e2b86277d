"""A preprocessing chain applied lazily to a recording, such that any window of it equals the same samples of the whole.

A chain is a list of ``{"step": name, "params": {...}}``; a step with ``"on": false`` is skipped. All of it is computed
in float32. SpikeInterface's own margins leave errors of up to 1e-4 at the edges of windows (5 periods of the lower
edge of a band-pass), so windows are computed with the margin that the filters' slowest poles ask for: then they equal
the whole to 1e-6 of its largest value. The phase shift alone does not (1e-5 after a band-pass): it is a Fourier
transform of whatever it is given, and errs at the ends of the whole.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import spikeinterface.preprocessing as preprocessing
from numpy.typing import NDArray
from scipy.signal import tf2zpk
from spikeinterface.core import BaseRecording
from spikeinterface.core.base import base_period_dtype
from spikeinterface.preprocessing.filter import FilterRecording
from spikeinterface.preprocessing.filter_gaussian import GaussianFilterRecording
from spikeinterface.preprocessing.highpass_spatial_filter import HighpassSpatialFilterRecording
from spikeinterface.preprocessing.phase_shift import PhaseShiftRecording

from labbox_local.ephys import chain_steps
from labbox_local.ephys.third_party import reading
from labbox_local.errors import Invalid
from labbox_local.fields import check

Chain = Sequence[Mapping[str, Any]]
SEED = 0
# What is left of a filter's memory at the edge of a window, before the ends of its margin.
FORGOTTEN = 1e-10
SEEDED = {"whiten", "zscore", "center", "normalize_by_quantile", "detect_and_interpolate_bad_channels",
          "detect_and_remove_bad_channels", "silence_periods", "blank_saturation"}  # fmt: skip
FIXED: Mapping[str, Mapping[str, Any]] = {
    # Their check is about margins, which are taken care of here.
    "bandpass_filter": {"ignore_low_freq_error": True},
    "highpass_filter": {"ignore_low_freq_error": True},
    "filter": {"margin_ms": 5.0},
    "gaussian_filter": {"margin_sd": 8.0},
    "whiten": {"dtype": "float32"},
    "highpass_spatial_filter": {"random_slice_kwargs": {"seed": SEED}},
}


def checked(chain: Any) -> list[dict[str, Any]]:
    """The steps that are on, each with all its parameters but those left at their default.

    Raises
    ------
    Invalid
        At ``chain`` when it is no chain, at ``<number>.<parameter>`` for a value that cannot be.
    """
    if not isinstance(chain, list) or not all(isinstance(step, Mapping) and "step" in step for step in chain):
        raise Invalid({"chain": 'A chain is a list of steps such as [{"step": "bandpass_filter", "params": {}}].'})
    result, wrong = [], {}
    for number, step in enumerate(chain):
        if not step.get("on", True):
            continue
        known = chain_steps.find(str(step["step"]))
        try:
            values = check(known.fields, step.get("params") or {}, prefix=f"{number}.")
            result.append({"step": known.name, "params": _given(known, values)})
        except Invalid as error:
            wrong.update(error.fields)
    if wrong:
        raise Invalid(wrong)
    return result


def title(chain: Chain) -> str:
    """The chain in words, such as "Band-pass filter 300–6000 Hz, common reference"; "raw" for none."""
    words = ", ".join(_words(step) for step in chain if step.get("on", True))
    return words[:1].upper() + words[1:] or "raw"


def apply(recording: BaseRecording, chain: Any) -> BaseRecording:
    """`recording` with the chain applied lazily, in float32; the recording itself when no step is on.

    Raises
    ------
    Invalid
        With a sentence that names the step, when one does not fit the recording.
    """
    steps = checked(chain)
    if not steps:
        return recording
    result = _as_voltages(recording)
    for step in steps:
        name, params = step["step"], {**step["params"], **FIXED.get(step["step"], {})}
        if name in SEEDED:
            params["seed"] = SEED
        if name == "silence_periods":
            params["periods"] = _periods(params.get("periods"))
        with reading(f"{chain_steps.find(name).title} cannot be applied", "chain"):
            result = getattr(preprocessing, name)(result, **params)
    known = set(recording.channel_ids.tolist())
    if new := [channel for channel in result.channel_ids.tolist() if channel not in known]:
        raise Invalid({"chain": f"This chain makes a new channel, “{new[0]}”, that no electrode stands for."})
    return result


def is_voltage(recording: BaseRecording, chain: Any) -> bool:
    """Whether the chain's values, times the gains, are µV."""
    return recording.has_scaleable_traces() and not any(s["step"] in chain_steps.UNITLESS for s in checked(chain))


def margin_samples(recording: BaseRecording) -> int:
    """Samples to compute and throw away on each side of a window, besides the margins that the steps take already.

    The sum over all steps of what each remembers.
    """
    total, current = 0, recording
    while current is not None:
        total += _memory(current)
        current = current.get_parent()
    return total


def _given(step: chain_steps.Step, values: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {field.name: field.default for field in step.fields}
    return {name: value for name, value in values.items() if value != defaults[name]}


def _words(step: Mapping[str, Any]) -> str:
    name, params = step["step"], step.get("params") or {}
    words = chain_steps.find(name).title.lower()
    given = {field.name: params.get(field.name, field.default) for field in chain_steps.find(name).fields}
    if name in ("bandpass_filter", "gaussian_filter"):
        return f"{words} {given['freq_min']:g}–{given['freq_max']:g} Hz"
    if name == "highpass_filter":
        return f"{words} {given['freq_min']:g} Hz"
    return f"{words} {given['freq']:g} Hz" if name == "notch_filter" else words


def _as_voltages(recording: BaseRecording) -> BaseRecording:
    """The samples as float32 without their offset, so that zero is 0 V in all that follows."""
    kind, gained = np.dtype(recording.get_dtype()), recording.has_scaleable_traces()
    shift = np.zeros(recording.get_num_channels())
    if gained:
        shift = np.asarray(recording.get_channel_offsets() / recording.get_channel_gains(), dtype=float)
    elif kind.kind == "u":
        shift = shift - 2.0 ** (8 * kind.itemsize - 1)
    if not shift.any():
        return preprocessing.astype(recording, "float32")
    result = preprocessing.scale(recording, gain=1.0, offset=shift, dtype="float32")
    if gained:
        result.set_channel_gains(recording.get_channel_gains())
        result.set_channel_offsets(0)
    return result


def _periods(listed: Any) -> NDArray[Any]:
    try:
        periods = [(int(segment), int(start), int(end)) for segment, start, end in listed]
    except (TypeError, ValueError):
        sentence = "Periods are a list of [segment, first sample, end sample], such as [[0, 1000, 2000]]."
        raise Invalid({"chain": sentence}) from None
    return np.array(periods, dtype=base_period_dtype)


def _memory(recording: BaseRecording) -> int:
    rate = float(recording.get_sampling_frequency())
    if isinstance(recording, FilterRecording):
        return _settling(recording.segments[0])
    if isinstance(recording, GaussianFilterRecording | PhaseShiftRecording):
        return int(recording.segments[0].margin)
    if isinstance(recording, HighpassSpatialFilterRecording):
        return math.ceil(2 * float(recording._kwargs["agc_window_length_s"] or 0.0) * rate)
    return 0


def _settling(segment: Any) -> int:
    """Samples until an impulse response of a filter is forgotten."""
    if segment.filter_mode == "sos":
        poles = np.concatenate([np.roots(section[3:]) for section in np.asarray(segment.coeff)])
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            poles = tf2zpk(*segment.coeff)[1]
    slowest = float(np.abs(poles).max(initial=0.0))
    if slowest >= 1.0:
        raise Invalid({"chain": "This filter is not stable; choose a higher lower edge or a lower order."})
    return math.ceil(math.log(FORGOTTEN) / math.log(slowest)) if slowest > 0 else 0
