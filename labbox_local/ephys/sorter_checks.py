"""Whether a sorter can run on a recording, asked before anything is queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labbox_local.ephys.preprocessing import check_chain
from labbox_local.ephys.sorter_catalog import SorterInfo, find, info
from labbox_local.ephys.sorter_fields import frequency_names, parse
from labbox_local.errors import Invalid

SHORTEST_S = 1.0
# Found by trying: with less, it ends in an UnboundLocalError of its own.
SHORTEST_OF_S = {"spykingcircus2": 2.0}
FREQUENCY_PAIRS = (("freq_min", "freq_max"), ("fmin", "fmax"), ("fshigh", "fslow"))
PREPROCESSING_SWITCHES = ("apply_preprocessing", "filter", "do_filter")


def check(
    *,
    sampling_rate_hz: float,
    channel_count: int,
    has_probe: bool,
    sample_counts: Sequence[int],
    sorter: str,
    params: Mapping[str, Any],
    preprocessing: Sequence[Mapping[str, Any]] = (),
    prefix: str = "",
) -> dict[str, Any]:
    """Values of all parameters, when the sorter can run with them on such a recording.

    Parameters
    ----------
    sampling_rate_hz : float
    channel_count : int
    has_probe : bool
        Whether every channel has a position.
    sample_counts : sequence of int
        Of each segment.
    sorter : str
        SpikeInterface's name of it.
    params : mapping
        Dotted parameter names to what was entered (text or typed).
    preprocessing : sequence of {"step", "params"}
        What is done to the recording before.
    prefix : str
        Put before parameter names in the error.

    Returns
    -------
    dict
        Checked values by dotted name.

    Raises
    ------
    Invalid
        With every reason why not, keyed by parameter name, or ``"sorter"``, or ``""`` when it lies in the recording.
    """
    facts = info(find(sorter))
    if not facts.installed:
        raise Invalid({"sorter": f"{facts.title} is not installed. How to get it: {facts.how_to_get}"})
    check_chain(preprocessing, {"sampling_rate_hz": sampling_rate_hz, "channel_count": channel_count})
    try:
        values = parse(sorter, params)
    except Invalid as error:
        raise Invalid({_name(prefix, name): text for name, text in error.fields.items()}) from error
    problems = _recording_problems(facts, sampling_rate_hz, channel_count, has_probe, sample_counts)
    if _own_filter_used(values, preprocessing):
        wrong = _frequency_problems(sorter, values, sampling_rate_hz / 2)
        problems |= {_name(prefix, name): text for name, text in wrong.items()}
    if problems:
        raise Invalid(problems)
    return values


def _name(prefix: str, name: str) -> str:
    return name if name == "sorter" else f"{prefix}{name}"


def _recording_problems(
    facts: SorterInfo, sampling_rate_hz: float, channel_count: int, has_probe: bool, sample_counts: Sequence[int]
) -> dict[str, str]:
    if channel_count < 1 or not sample_counts:
        return {"": "This recording has no channels or no samples, so there is nothing to sort."}
    if facts.requires_probe and not has_probe:
        return {"sorter": f"{facts.title} needs to know where the channels lie; give the recording a probe first."}
    shortest_s = SHORTEST_OF_S.get(facts.name, SHORTEST_S)
    duration_s = sum(sample_counts) / sampling_rate_hz
    if duration_s < shortest_s:
        return {
            "sorter": f"{facts.title} needs at least {shortest_s:g} s of recording; this one has {duration_s:.3g} s."
        }
    return {}


def _own_filter_used(values: Mapping[str, Any], preprocessing: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the sorter's cut-off frequencies matter: not when we filter before it, nor when it was told not to."""
    if any(step.get("step") == "bandpass_filter" for step in preprocessing):
        return False
    return all(values.get(name, True) for name in PREPROCESSING_SWITCHES)


def _frequency_problems(sorter: str, values: Mapping[str, Any], nyquist_hz: float) -> dict[str, str]:
    found = {}
    for name in frequency_names(sorter):
        value = values[name]
        if value is not None and not 0 < value < nyquist_hz:
            found[name] = (
                f"Must lie between 0 and half the sampling rate, {nyquist_hz:g} Hz; {value:g} Hz does not. "
                f"Either lower it or filter the recording before sorting."
            )
    for name in frequency_names(sorter):
        upper = _upper_partner(name)
        low, high = values[name], values.get(upper)
        if low is not None and high is not None and low >= high and not {name, upper} & set(found):
            found[name] = f"Must be below {upper.rpartition('.')[2]}, {high:g} Hz; {low:g} Hz is not."
    return found


def _upper_partner(name: str) -> str:
    for lower, upper in FREQUENCY_PAIRS:
        if name.endswith(lower):
            return name.removesuffix(lower) + upper
    return ""
