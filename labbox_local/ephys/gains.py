"""Whether a recording's numbers are voltages: puts right what readers leave wrong, so that µV means µV.

The readers built on neo take every unit that they do not know for µV (an empty one, or " volt" with a space).
"""

from __future__ import annotations

import numpy as np
from spikeinterface.core import BaseRecording

MICROVOLTS = {"v": 1e6, "volt": 1e6, "volts": 1e6, "mv": 1e3, "uv": 1.0, "µv": 1.0, "nv": 1e-3}
SCALES = ("gain_to_uV", "offset_to_uV")


def mend(recording: BaseRecording) -> list[str]:
    """Corrects the gains by the units that the file names; removes them when those are no voltages.

    Returns
    -------
    list of str
        A sentence for each thing that was changed.
    """
    named = recording.get_property("physical_unit")
    gains = recording.get_property("gain_to_physical_unit")
    offsets = recording.get_property("offset_to_physical_unit")
    if named is None or gains is None or offsets is None or not recording.has_scaleable_traces():
        return []
    units = [str(unit).strip().lower() for unit in named]
    unknown = sorted({unit for unit in units if unit not in MICROVOLTS})
    if unknown:
        for key in SCALES:
            recording.delete_property(key)
        what = "no unit" if unknown == [""] else f"a unit that is no voltage ({', '.join(unknown)})"
        return [f"The file names {what} for its channels, so amplitudes are in arbitrary units."]
    factors = np.array([MICROVOLTS[unit] for unit in units])
    volts = _volts_called_microvolts(recording, units)
    factors[volts] = 1e6
    inverted = np.where(recording.get_channel_gains() * gains < 0, -1.0, 1.0)
    right = np.asarray(gains) * factors * inverted
    if np.allclose(right, recording.get_channel_gains(), rtol=1e-9, atol=0):
        return []
    recording.set_channel_gains(right)
    recording.set_channel_offsets(np.asarray(offsets) * factors)
    return ["The file calls its ADC channels' volts µV; they are scaled as volts."] if volts.any() else []


def _volts_called_microvolts(recording: BaseRecording, units: list[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    # Open Ephys writes bit_volts of ADC inputs in volts under the unit "uV" (see GUI versions before 0.6).
    names = recording.get_property("channel_name")
    if names is None or "OpenEphysBinary" not in type(recording).__name__:
        return np.zeros(len(units), dtype=bool)
    return np.array([str(name).startswith("ADC") and unit == "uv" for name, unit in zip(names, units, strict=True)])
