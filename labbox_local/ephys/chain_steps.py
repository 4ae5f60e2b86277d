"""The steps of a preprocessing chain: all of SpikeInterface's preprocessors as forms, or why one is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from spikeinterface.preprocessing.preprocessing_classes import _all_preprocesser_dict

from labbox_local.ephys import docfields
from labbox_local.errors import Invalid
from labbox_local.fields import Field

# Decided here and the same for every chain: samples are float32, margins follow from the filters, seeds are fixed.
UNASKED = {
    "self", "recording", "dtype", "margin_ms", "margin_sd", "seed", "coeff", "W", "M", "ignore_low_freq_error",
    "_skip_margin_warning_for_old_version", "regularize_kwargs", "int_scale", "random_slice_kwargs", "rms_values",
    "channel_labels", "list_labels", "artifacts", "sparsity", "waveforms_kwargs", "noise_levels", "list_periods",
    "weights", "fit_sample_spacing", "time_jitter", "filter_mode", "add_reflect_padding",
}  # fmt: skip
LEFT_OUT: Mapping[str, str] = {
    "resample": "It changes the sampling rate, so spikes and notes would not stand on their samples.",
    "decimate": "It changes the sampling rate, so spikes and notes would not stand on their samples.",
    "zero_channel_pad": "It adds channels that are no electrodes.",
    "average_across_direction": "It makes new channels of several electrodes each.",
    "directional_derivative": "It makes new channels of several electrodes each.",
    "deepinterpolate": "It needs TensorFlow and a trained model.",
    "detect_and_remove_artifacts": "It searches the whole recording before it can show anything.",
    "astype": "Samples are float32 from the start of a chain.",
    "unsigned_to_signed": "Samples are float32 from the start of a chain.",
    "scale_to_physical_units": "Values are shown in µV wherever the gains are known.",
}
GROUPS: Mapping[str, str] = {
    **dict.fromkeys(("bandpass_filter", "highpass_filter", "notch_filter", "gaussian_filter", "filter"), "Filters"),
    **dict.fromkeys(("common_reference", "phase_shift", "whiten", "highpass_spatial_filter"), "Between channels"),
    **dict.fromkeys(
        ("detect_and_interpolate_bad_channels", "interpolate_bad_channels", "detect_and_remove_bad_channels"),
        "Bad channels",
    ),
    **dict.fromkeys(("scale", "center", "zscore", "normalize_by_quantile", "rectify"), "Scaling"),
    **dict.fromkeys(("clip", "blank_saturation", "silence_periods", "remove_artifacts"), "Artifacts"),
    "depth_order": "Order",
}
# Their values are no voltages any more.
UNITLESS = {"whiten", "zscore", "normalize_by_quantile"}
ORDER = Field("filter_order", "int", 5, label="order", minimum=1, maximum=20, advanced=True,
              help="Of the Butterworth filter, which is applied forwards and backwards.")  # fmt: skip
BAD_METHOD = Field("method", "choice", "coherence+psd", choices=("coherence+psd", "std", "mad", "neighborhood_r2"),
                   help="How bad channels are told; the first needs a probe.")  # fmt: skip
MORE: Mapping[str, tuple[Field, ...]] = {
    "bandpass_filter": (ORDER,),
    "highpass_filter": (ORDER,),
    "detect_and_interpolate_bad_channels": (BAD_METHOD,),
    "detect_and_remove_bad_channels": (BAD_METHOD,),
}
# What SpikeInterface's text does not say in a way that a form can use.
CHANGED: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("bandpass_filter", "freq_min"): {"unit": "Hz", "minimum": 0.1},
    ("bandpass_filter", "freq_max"): {"unit": "Hz", "minimum": 0.1},
    ("highpass_filter", "freq_min"): {"unit": "Hz", "minimum": 0.1},
    ("notch_filter", "freq"): {"unit": "Hz", "minimum": 0.1, "kind": "float"},
    ("notch_filter", "q"): {"kind": "float", "minimum": 0.1},
    ("gaussian_filter", "freq_min"): {"unit": "Hz", "minimum": 0.1},
    ("gaussian_filter", "freq_max"): {"unit": "Hz", "minimum": 0.1},
    ("filter", "band"): {"default": [300.0, 6000.0], "unit": "Hz"},
    ("common_reference", "local_radius"): {"kind": "json", "default": [30.0, 55.0], "unit": "µm"},
    ("depth_order", "dimensions"): {"default": ["x", "y"]},
    ("whiten", "radius_um"): {"unit": "µm", "minimum": 0.0},
    ("silence_periods", "periods"): {"help": "A list of [segment, first sample, end sample].", "required": True},
    ("zscore", "gain"): {"kind": "float"},
    ("zscore", "offset"): {"kind": "float"},
    ("detect_and_interpolate_bad_channels", "bad_channel_ids"): {"kind": "json"},
    ("detect_and_remove_bad_channels", "bad_channel_ids"): {"kind": "json"},
}


@dataclass(frozen=True)
class Step:
    """One kind of step and its form."""

    name: str
    title: str
    help: str
    group: str
    fields: tuple[Field, ...]

    def plain(self) -> dict[str, Any]:
        """The step as JSON-able data."""
        fields = [field.plain() for field in self.fields]
        return {"name": self.name, "title": self.title, "help": self.help, "group": self.group, "fields": fields}


@cache
def steps() -> Mapping[str, Step]:
    """Every step that a chain may have, by name."""
    return {
        name: Step(name, _title(name), _help(kind), GROUPS.get(name, "Other"), _fields(name, kind))
        for name, kind in _classes().items()
        if name not in LEFT_OUT
    }


def catalog() -> dict[str, Any]:
    """All steps with their forms, and those left out with the reason."""
    named = [name for name in _classes() if name in LEFT_OUT]
    return {
        "steps": [step.plain() for step in steps().values()],
        "left_out": [{"name": name, "title": _title(name), "reason": LEFT_OUT[name]} for name in named],
    }


def find(name: str) -> Step:
    """The step of this name. Raises Invalid at ``chain``."""
    known = steps().get(name)
    if known is None:
        why = LEFT_OUT.get(name, f"Known are {', '.join(steps())}.")
        raise Invalid({"chain": f"A chain cannot have the step “{name}”. {why}"})
    return known


def function_of(name: str) -> Any:
    """SpikeInterface's class of a step."""
    return _classes()[name]


@cache
def _classes() -> Mapping[str, Any]:
    return {function.__name__: kind for kind, function in _all_preprocesser_dict.items()}


def _fields(name: str, kind: Any) -> tuple[Field, ...]:
    own = docfields.fields_of(kind, UNASKED)
    changed = [replace(field, **CHANGED.get((name, field.name), {})) for field in own]
    return (*changed, *MORE.get(name, ()))


def _title(name: str) -> str:
    return name.replace("_", " ").replace("bandpass", "band-pass").replace("highpass", "high-pass").capitalize()


def _help(kind: Any) -> str:
    text = (kind.__doc__ or "").strip()
    first = " ".join(text.split("\n\n")[0].split())
    return "" if first.startswith("Parameters") else first
