"""The preprocessing chain: which steps by default, their form, and the lazy application by SpikeInterface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import spikeinterface.preprocessing as steps
from spikeinterface.core import BaseRecording

from labbox_local.errors import Invalid
from labbox_local.fields import Field, check

Chain = Sequence[Mapping[str, Any]]
LOWEST_HZ, HIGHEST_HZ = 300.0, 6000.0
CHANNELS_FOR_REFERENCE = 16
# A filter too near to the Nyquist frequency cannot be designed; below 0.1 Hz it is unstable in float32.
HIGHEST_OF_NYQUIST = 0.95
SMALLEST_HZ = 0.1


def default_chain(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Band-pass 300–6000 Hz as far as the sampling rate allows, median reference with 16 channels or more."""
    chain: list[dict[str, Any]] = []
    top = min(HIGHEST_HZ, highest_hz(facts))
    if top > LOWEST_HZ:
        chain.append({"step": "bandpass_filter", "params": {"freq_min": LOWEST_HZ, "freq_max": top}})
    if facts["channel_count"] >= CHANNELS_FOR_REFERENCE:
        chain.append({"step": "common_reference", "params": {"operator": "median"}})
    return chain


def highest_hz(facts: Mapping[str, Any]) -> float:
    """The highest upper edge that a band-pass of this recording may have, in whole Hz where there are some."""
    top = float(facts["sampling_rate_hz"]) / 2 * HIGHEST_OF_NYQUIST
    return float(np.floor(top)) if top >= 10 else top


def fields(facts: Mapping[str, Any]) -> list[Field]:
    """The form of a recording's chain; its defaults say `default_chain`."""
    chain = {step["step"]: step["params"] for step in default_chain(facts)}
    band, reference = chain.get("bandpass_filter"), chain.get("common_reference")
    top = highest_hz(facts)
    edges = band or {"freq_min": min(LOWEST_HZ, top / 10), "freq_max": top}
    return [
        Field("bandpass", "bool", band is not None, label="band-pass",
              help="Butterworth filter of order 5, forwards and backwards."),
        Field("freq_min", "float", edges["freq_min"], label="from", unit="Hz", minimum=SMALLEST_HZ, maximum=top),
        Field("freq_max", "float", edges["freq_max"], label="to", unit="Hz", minimum=SMALLEST_HZ, maximum=top,
              help=f"Below half the sampling rate, {facts['sampling_rate_hz'] / 2:g} Hz."),
        Field("reference", "bool", reference is not None, label="common reference",
              help="Subtracts from each sample what all channels have in common."),
        Field("operator", "choice", "median", label="reference by", choices=("median", "average")),
    ]  # fmt: skip


def chain_of(facts: Mapping[str, Any], entered: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The chain that a filled-in form means.

    Raises
    ------
    Invalid
        At the field that is wrong.
    """
    values = check(fields(facts), entered)
    chain: list[dict[str, Any]] = []
    if values["bandpass"]:
        band = {"freq_min": values["freq_min"], "freq_max": values["freq_max"]}
        chain.append({"step": "bandpass_filter", "params": band})
    if values["reference"]:
        chain.append({"step": "common_reference", "params": {"operator": values["operator"]}})
    check_chain(chain, facts)
    return chain


def check_chain(chain: Chain, facts: Mapping[str, Any]) -> None:
    """Passes when every step is known and fits the recording; raises Invalid at the field that does not."""
    for step in chain:
        params = step.get("params", {})
        if step.get("step") not in STEPS:
            raise Invalid({"preprocessing": f"There is no step “{step.get('step')}”; known are {', '.join(STEPS)}."})
        unknown = sorted(set(params) - STEPS[step["step"]])
        if unknown:
            raise Invalid({unknown[0]: f"The step {step['step']} has no such parameter."})
        if step["step"] == "bandpass_filter":
            _check_band(params, facts)
        elif facts["channel_count"] < 2:
            raise Invalid({"reference": "A common reference needs at least 2 channels; of one, nothing would be left."})


def apply(recording: BaseRecording, chain: Chain) -> BaseRecording:
    """`recording` with the chain applied lazily: nothing is computed before traces are asked for.

    Unsigned samples become signed first, because a filter's output goes below zero.
    """
    facts = {
        "sampling_rate_hz": recording.get_sampling_frequency(),
        "channel_count": recording.get_num_channels(),
    }
    check_chain(chain, facts)
    if chain:
        recording = signed(recording)
    for step in chain:
        params = dict(step.get("params", {}))
        if step["step"] == "bandpass_filter":
            recording = steps.bandpass_filter(recording, **params)
        else:
            recording = steps.common_reference(recording, reference="global", **params)
            if recording.has_scaleable_traces():
                # What all channels have in common is gone, their offset with it; the filter does this by itself.
                recording.set_channel_offsets(0)
    return recording


def signed(recording: BaseRecording) -> BaseRecording:
    """`recording` with signed samples of the same µV."""
    dtype = np.dtype(recording.get_dtype())
    if dtype.kind != "u":
        return recording
    result = steps.unsigned_to_signed(recording)
    if recording.has_scaleable_traces():
        # SpikeInterface takes half the range off the samples and leaves the offset in µV as it was.
        half = 2 ** (8 * dtype.itemsize - 1)
        result.set_channel_offsets(recording.get_channel_offsets() + half * recording.get_channel_gains())
    return result


def in_words(chain: Chain) -> str:
    """The chain as one line, such as "band-pass 300–6000 Hz, median reference"; "raw" for none."""
    words = []
    for step in chain:
        params = step.get("params", {})
        if step["step"] == "bandpass_filter":
            words.append(f"band-pass {params['freq_min']:g}–{params['freq_max']:g} Hz")
        else:
            words.append(f"{params.get('operator', 'median')} reference")
    return ", ".join(words) or "raw"


STEPS: Mapping[str, set[str]] = {"bandpass_filter": {"freq_min", "freq_max"}, "common_reference": {"operator"}}


def _check_band(params: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    low, high, nyquist = params.get("freq_min"), params.get("freq_max"), facts["sampling_rate_hz"] / 2
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        raise Invalid({"freq_min": "A band-pass needs a number of Hz for its lower and its upper edge."})
    if high >= nyquist:
        raise Invalid({"freq_max": f"Must be below half the sampling rate, {nyquist:g} Hz; {high:g} Hz is not."})
    if not SMALLEST_HZ <= low < high:
        raise Invalid({"freq_min": f"Must be at least {SMALLEST_HZ:g} Hz and below {high:g} Hz; {low:g} Hz is not."})
