"""NeuroScope's low-passed files: SpikeInterface takes the rate of the raw file for them, and this says so."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

LOW_PASSED = (".lfp", ".eeg")


def doubt(path: Path) -> str:
    """A sentence when the samples that `path` stands for are of another rate than the reader says; else ""."""
    description = path.with_suffix(".xml")
    data = path if path.suffix != ".xml" else _data_beside(path)
    if data is None or data.suffix not in LOW_PASSED or not description.is_file():
        return ""
    try:
        named = ElementTree.parse(description).getroot().findtext("fieldPotentials/lfpSamplingRate")
        rate = float(named or 0)
    except (ElementTree.ParseError, ValueError):
        return ""
    if rate <= 0:
        return ""
    return (
        f"{data.name} is a low-passed file of {rate:g} Hz by its .xml, but the reader takes the raw file's rate; "
        "import it as a flat binary file to give its own rate."
    )


def _data_beside(description: Path) -> Path | None:
    # In the order in which the reader looks for them.
    found = (description.with_suffix(suffix) for suffix in (".dat", *LOW_PASSED))
    return next((path for path in found if path.is_file()), None)
