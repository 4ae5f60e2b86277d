"""µV means µV: units that readers leave wrong are put right, and what is no voltage has no unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from spikeinterface.core import BaseRecording, NumpyRecording

from labbox_local.ephys import gains, recordings


def recording(units: list[str], steps: list[float]) -> BaseRecording:
    made = NumpyRecording(np.ones((10, len(units)), dtype="int16"), 1000.0)
    made.set_channel_gains(steps)
    made.set_channel_offsets(0.0)
    made.set_property("physical_unit", np.array(units))
    made.set_property("gain_to_physical_unit", np.array(steps))
    made.set_property("offset_to_physical_unit", np.zeros(len(units)))
    return made


@pytest.mark.parametrize(
    ("unit", "factor"),
    [(" volt", 1e6), ("V", 1e6), ("mV", 1e3), ("uV", 1.0), ("µV", 1.0), ("nV", 1e-3), ("Volts", 1e6)],
)
def test_known_units_become_microvolts(unit: str, factor: float) -> None:
    made = recording([unit], [0.5])
    gains.mend(made)
    assert made.get_channel_gains()[0] == pytest.approx(0.5 * factor)
    assert made.get_traces(return_in_uV=True)[0, 0] == pytest.approx(0.5 * factor)


@pytest.mark.parametrize("units", [[""], ["pA"], ["uV", "deg"]])
def test_other_units_are_no_voltages(units: list[str]) -> None:
    made = recording(units, [1.0] * len(units))
    (sentence,) = gains.mend(made)
    assert "arbitrary units" in sentence
    assert not made.has_scaleable_traces()


def test_recordings_that_name_no_units_keep_their_gains() -> None:
    made = NumpyRecording(np.ones((10, 1), dtype="int16"), 1000.0)
    made.set_channel_gains(2.0)
    made.set_channel_offsets(0.0)
    assert gains.mend(made) == []
    assert made.get_channel_gains()[0] == 2.0


def test_volts_of_adc_channels_are_volts(data: Path) -> None:
    spec = {"format": "openephysbinary", "path": str(data / "openephysbinary-mixed"), "options": {"stream_id": "1"}}
    opened, warnings = recordings.open_with_warnings(spec)
    assert opened.get_channel_gains()[0] == pytest.approx(152.587890625)
    assert any("ADC" in warning for warning in warnings)


def test_headstage_channels_stay_as_they_are(data: Path) -> None:
    spec = {"format": "openephysbinary", "path": str(data / "openephysbinary-mixed"), "options": {"stream_id": "0"}}
    assert recordings.open_recording(spec).get_channel_gains()[0] == pytest.approx(0.195)


@pytest.mark.parametrize(
    ("entry", "format"), [("spikegadgets-stub", "spikegadgets"), ("blackrock-ns2-nev", "blackrock")]
)
def test_files_without_a_scale_are_in_arbitrary_units(data: Path, entry: str, format: str) -> None:
    opened = recordings.open_recording({"format": format, "path": str(data / entry), "options": {}})
    assert recordings.unit(opened) == "a.u."


def test_spike2_volts_are_volts(data: Path) -> None:
    opened = recordings.open_recording({"format": "spike2", "path": str(data / "spike2-smr"), "options": {}})
    # A range of ±5 V in 16 bits.
    assert opened.get_channel_gains()[0] == pytest.approx(10 / 65536 * 1e6)
