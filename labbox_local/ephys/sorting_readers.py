"""Reads a sorting of each format into plain arrays; none of these readers executes or unpickles anything."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import spikeinterface.extractors as extractors
from spikeinterface.core import BaseSorting
from spikeinterface.extractors.neoextractors import MEArecSortingExtractor

from labbox_local.ephys import docfields, mda, phy, readers, safety, signatures, sorting_formats, spikeinterface_files
from labbox_local.ephys.sorting_formats import ALIASES, BY_NAME, SortingFormat
from labbox_local.ephys.sortings import SortingData, build, from_spikeinterface, plain
from labbox_local.errors import Invalid, Unavailable
from labbox_local.fields import Field

RATE = Field(
    "sampling_frequency", "float", label="sampling rate", unit="Hz", minimum=1, maximum=1e7, optional=True,
    help="Left empty, it is taken from the files, or else from the recording.",
)  # fmt: skip
OWN_FIELDS: Mapping[str, tuple[Field, ...]] = {
    "phy": (RATE,), "mda": (RATE,), "npz": (), "spikeinterface": (), "sorter": (RATE,),
}  # fmt: skip
UNASKED = readers.UNASKED | {"file_or_folder_path", "resfile_path", "clufile_path", "file_path_list", "kwargs"}


@dataclass(frozen=True)
class Place:
    """Where a sorting is and what is known of its recording: its rate, if there is one."""

    path: Path
    options: Mapping[str, Any]
    recording_rate_hz: float | None = None

    @property
    def rate_hz(self) -> float | None:
        """The rate that was given, else the recording's."""
        return self.options.get("sampling_frequency") or self.recording_rate_hz


Found = tuple[SortingData, list[str]]


def find(name: str, path: Path) -> SortingFormat:
    """The format of this name; when the name is empty, the one that `path` shows.

    Raises
    ------
    Invalid
        When there is no such format, or the path shows none.
    Unavailable
        When it is known but cannot be offered.
    """
    if not name:
        found = sorting_formats.find(path)
        if not found:
            raise Invalid({"path": f"{path} holds no sorting that is recognised; choose its format yourself."})
        return found[0]
    format = BY_NAME.get(ALIASES.get(name, name))
    if format is None:
        raise Invalid({"format": f"There is no sorting format “{name}”; known are {', '.join(BY_NAME)}."})
    if format.refusal:
        raise Unavailable(format.refusal)
    return format


@cache
def fields(name: str) -> tuple[Field, ...]:
    """Options of the reader of a sorting format."""
    if name in OWN_FIELDS:
        return OWN_FIELDS[name]
    own = docfields.fields_of(extractor(name), UNASKED)
    # A rate that SpikeInterface asks for can come from the recording, so the form does not insist on it.
    return tuple(RATE if field.name == "sampling_frequency" else field for field in own)


@cache
def extractor(name: str) -> Callable[..., BaseSorting]:
    """SpikeInterface's class that reads a sorting format."""
    classes: dict[str, Callable[..., BaseSorting]] = {
        **extractors.sorting_extractor_full_dict,
        "mearec": MEArecSortingExtractor,
    }
    return classes[name]


def read(format: SortingFormat, place: Place) -> Found:
    """The sorting, and sentences about what is odd in it."""
    own = OWN.get(format.name)
    return own(place) if own else _extracted(format, place)


def _phy(place: Place) -> Found:
    folder = place.path.parent if place.path.is_file() else place.path
    return phy.read(folder, place.options.get("sampling_frequency"))


def _sorter(place: Place) -> Found:
    inside = place.path / "sorter_output"
    return read(find("", inside), Place(inside, place.options, place.recording_rate_hz))


def _spikeinterface(place: Place) -> Found:
    opened = spikeinterface_files.open_sorting(place.path)
    return from_spikeinterface(opened, source={"kind": "spikeinterface", "path": str(place.path)}), []


def _npz(place: Place) -> Found:
    path = _one_file(BY_NAME["npz"], place.path)
    with np.load(path, allow_pickle=False) as content:
        missing = {"unit_ids", "num_segment", "sampling_frequency"} - set(content.files)
        if missing:
            raise Invalid({"path": f"{path} is no sorting of SpikeInterface: it has no {', '.join(sorted(missing))}."})
        unit_ids = content["unit_ids"]
        segments = []
        for number in range(int(np.ravel(content["num_segment"])[0])):
            labels = content[f"spike_labels_seg{number}"]
            segments.append((content[f"spike_indexes_seg{number}"], _positions(labels, unit_ids, path)))
        rate = float(np.ravel(content["sampling_frequency"])[0])
    source = {"kind": "npz", "path": str(path)}
    return build([plain(unit_id) for unit_id in unit_ids], segments, rate, source=source), []


def _positions(labels: np.ndarray[Any, Any], unit_ids: np.ndarray[Any, Any], path: Path) -> np.ndarray[Any, Any]:
    order = np.argsort(unit_ids)
    places = np.searchsorted(unit_ids, labels, sorter=order)
    positions = order[np.minimum(places, len(order) - 1)] if len(order) else np.zeros(0, dtype=np.int64)
    if len(labels) and (not len(order) or np.any(unit_ids[positions] != labels)):
        raise Invalid({"path": f"{path} has spikes of units that are not among its unit_ids."})
    return positions


def _mda(place: Place) -> Found:
    path = place.path
    if path.is_dir():
        found = sorted(path.glob("firings*.mda"))
        if len(found) != 1:
            raise Invalid({"path": f"{path} has {len(found)} firings files; give the path of one."})
        path = found[0]
    firings = mda.read_array(path)
    if firings.ndim != 2 or len(firings) < 3:
        raise Invalid({"path": f"{path} has the shape {firings.shape}; firings have 3 rows: channel, time, label."})
    times, warnings = np.round(firings[1]), []
    if not np.array_equal(times, firings[1]):
        warnings.append("Some firing times were between two samples; they were rounded to the nearest one.")
    unit_ids, units = np.unique(np.round(firings[2]).astype(np.int64), return_inverse=True)
    options = {"sampling_frequency": place.options.get("sampling_frequency")}
    given = place.options.get("sampling_frequency") or (path.parent / "params.json").is_file()
    rate = mda.sampling_rate_hz(path, options) if given or not place.recording_rate_hz else place.recording_rate_hz
    source = {"kind": "mda", "path": str(path)}
    sorting = build([int(u) for u in unit_ids], [(times.astype(np.int64), units)], rate, source=source)
    return sorting, warnings


def _extracted(format: SortingFormat, place: Place) -> Found:
    arguments = {key: value for key, value in place.options.items() if value is not None}
    target = _one_file(format, place.path) if format.kind == "file" else place.path
    if format.kind == "folder" and target.is_file():
        target = target.parent
    if format.name == "klusta":
        for script in (target if target.is_dir() else target.parent).glob("*.prm"):
            safety.check_script(script, format.title)
    warnings = _rate_for(format, place, target, arguments)
    try:
        opened = extractor(format.name)(**{format.argument: str(target)}, **arguments)
    except ValueError as error:
        if format.name == "neuralynx" and "gap" in str(error):
            raise Invalid(
                {"path": f"{target} has gaps in its recording, and Neuralynx spikes are only read without."}
            ) from error
        raise
    return from_spikeinterface(opened, source={"kind": format.name, "path": str(target)}), warnings


def _rate_for(format: SortingFormat, place: Place, target: Path, arguments: dict[str, Any]) -> list[str]:
    """Puts the sampling rate into the arguments of a reader that takes one; says what was assumed."""
    if "sampling_frequency" not in {field.name for field in fields(format.name)}:
        return []
    rate = place.rate_hz
    if rate is None and format.name == "blackrock":
        # Without it SpikeInterface counts in samples of the slowest .nsX, 30 times coarser than the file's clock.
        rate = blackrock_clock_hz(target)
    if rate is None and format.name == "nwb" and not signatures.hdf5_formats(target):
        raise Invalid(
            {
                "sampling_frequency": f"{target.name} has its spike times in seconds and no ElectricalSeries: "
                "give the sampling rate of the recording, or choose the recording."
            }
        )
    if rate is None and format.name in RATE_ASKED:
        raise Invalid({"sampling_frequency": f"{format.title} files do not say their sampling rate: give it here."})
    if rate is not None:
        arguments["sampling_frequency"] = rate
    if format.name == "nwb" and "t_start" not in arguments and not signatures.hdf5_formats(target):
        arguments["t_start"] = 0.0
        return ["Spike times are counted from t_start = 0 s, because the file has no recording that says another."]
    return []


# SpikeInterface would take 30 000 Hz for ALF without a word.
RATE_ASKED = {"mclust", "xclust", "alf"}


def blackrock_clock_hz(path: Path) -> float | None:
    """Time stamps per second of a .nev file, from its header."""
    start = signatures.start_of(path, 28)
    if start[:8] not in (b"NEURALEV", b"BREVENTS") or len(start) < 24:
        return None
    clock = struct.unpack_from("<I", start, 20)[0]
    return float(clock) if clock else None


def _one_file(format: SortingFormat, path: Path) -> Path:
    if path.is_file():
        return path
    found = sorted(f for f in path.iterdir() if f.name.lower().endswith(format.suffixes) and f.is_file())
    if len(found) == 1:
        return found[0]
    listed = f"{len(found)}: {', '.join(file.name for file in found[:8])}" if found else "none"
    raise Invalid({"path": f"{format.title} is one file; in {path} there are {listed}. Give the file's path."})


OWN: Mapping[str, Callable[[Place], Found]] = {
    "phy": _phy,
    "sorter": _sorter,
    "spikeinterface": _spikeinterface,
    "npz": _npz,
    "mda": _mda,
}
