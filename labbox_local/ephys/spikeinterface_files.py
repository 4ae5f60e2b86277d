"""What SpikeInterface itself saved: folders, zarr groups, analyzers and JSON, loaded without running anything in them.

`spikeinterface.load` on a folder would unpickle what it finds there, so the folder is looked at first and only its
JSON description, or the one class that fits, is handed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import spikeinterface
from spikeinterface.core import NpzFolderSorting, NumpyFolderSorting
from spikeinterface.core.zarrextractors import ZarrRecordingExtractor, ZarrSortingExtractor

from labbox_local.ephys import safety
from labbox_local.errors import Invalid

RECORDING, SORTING, ANALYZER = "recording", "sorting", "analyzer"
KEPT_AS_JSON = ("si_folder.json", "cached.json", "binary.json")


def what_is(path: Path) -> str:
    """ "recording", "sorting", "analyzer", or "" when SpikeInterface did not save it or it holds something else."""
    if path.is_file():
        return _what_description(safety.read_json(path)) if path.suffix.lower() == ".json" else ""
    if safety.is_zarr(path):
        return _what_zarr(path)
    if (path / "spikeinterface_info.json").is_file():
        info = safety.read_json(path / "spikeinterface_info.json")
        return ANALYZER if isinstance(info, Mapping) and info.get("object") == "SortingAnalyzer" else ""
    if (path / "numpysorting_info.json").is_file() or (path / "npz.json").is_file():
        return SORTING
    kept = next((path / name for name in KEPT_AS_JSON if (path / name).is_file()), None)
    return _what_description(safety.read_json(kept)) if kept else ""


def open_recording(path: Path, options: Mapping[str, Any]) -> Any:
    """The recording in a folder, zarr group, analyzer folder or JSON description.

    Raises
    ------
    Invalid
        When it holds something else, or only what would have to be executed.
    """
    kind = what_is(path)
    if kind == ANALYZER and not safety.is_zarr(path) and (path / "recording.json").is_file():
        return _load(path / "recording.json", path)
    if kind != RECORDING:
        raise Invalid({"path": _instead(path, kind)})
    if path.is_file():
        return _load(path, path.parent)
    safety.check_folder(path)
    if safety.is_zarr(path):
        return ZarrRecordingExtractor(path)
    return _load(next(path / name for name in KEPT_AS_JSON if (path / name).is_file()), path)


def open_sorting(path: Path) -> Any:
    """The sorting in a folder, zarr group, analyzer folder or JSON description; raises as `open_recording`."""
    kind = what_is(path)
    if kind == ANALYZER and (path / "sorting" / "numpysorting_info.json").is_file():
        return open_sorting(path / "sorting")
    if kind == ANALYZER and safety.is_zarr(path):
        safety.check_folder(path / "sorting")
        return ZarrSortingExtractor(path, zarr_group="sorting")
    if kind != SORTING:
        raise Invalid({"path": _instead(path, kind)})
    if path.is_file():
        return _load(path, path.parent)
    safety.check_folder(path)
    if safety.is_zarr(path):
        return ZarrSortingExtractor(path)
    if (path / "numpysorting_info.json").is_file():
        return NumpyFolderSorting(path, mmap_mode="r")
    if (path / "npz.json").is_file():
        return NpzFolderSorting(path)
    return _load(next(path / name for name in KEPT_AS_JSON if (path / name).is_file()), path)


def _load(file: Path, base: Path) -> Any:
    description = safety.read_json(file)
    safety.check_description(description, base)
    return spikeinterface.load(description, base_folder=base)


def _what_description(description: Any) -> str:
    if not isinstance(description, Mapping) or not {"class", "kwargs"} <= set(description):
        return ""
    name = str(description["class"]).rpartition(".")[2]
    return SORTING if "Sorting" in name else RECORDING


def _what_zarr(path: Path) -> str:
    attributes = safety.read_json(path / ".zattrs") if (path / ".zattrs").is_file() else {}
    if "spikeinterface_info" in attributes:
        return ANALYZER
    if (path / "channel_ids").is_dir():
        return RECORDING
    return SORTING if (path / "unit_ids").is_dir() else ""


def _instead(path: Path, kind: str) -> str:
    if kind:
        holds = {ANALYZER: "a sorting analyzer", SORTING: "a sorting", RECORDING: "a recording"}[kind]
        missing = " whose recording cannot be loaded without running code" if kind == ANALYZER else ""
        return f"{path} holds {holds}{missing}."
    if path.is_file():
        return f"{path} is no description that SpikeInterface saved."
    if any(path.glob("*.pkl")) or any(path.glob("*.pickle")):
        return f"{path} can only be loaded by unpickling, which may run code; save it again so that it holds JSON."
    return f"{path} is no folder that SpikeInterface saved."
