"""Looks at what SpikeInterface would execute or unpickle on loading somebody's files, and refuses that.

SpikeInterface's descriptions name a class and its arguments, so a JSON file can call any function that Python can
import; its folders and zarr groups may hold pickles, and some of its readers execute text files. All of these run
code of whoever made the folder. What is refused here is refused with one sentence; the rest loads as usual.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from spikeinterface.core.base import BaseExtractor

from labbox_local.ephys import literals
from labbox_local.errors import Invalid

PICKLE_SUFFIXES = {".pkl", ".pickle"}
DESCRIPTIONS = ("si_folder.json", "binary.json", "npz.json", "cached.json")
# Their constructors execute text files, unpickle, or fetch from the network.
UNSAFE_CLASSES = {
    "PhySortingExtractor",
    "KiloSortSortingExtractor",
    "KlustaSortingExtractor",
    "SHYBRIDRecordingExtractor",
    "SHYBRIDSortingExtractor",
    "SinapsResearchPlatformRecordingExtractor",
    "TridesclousSortingExtractor",
    "MaxwellRecordingExtractor",
    "Plexon2RecordingExtractor",
    "Plexon2SortingExtractor",
    "IblRecordingExtractor",
    "IblSortingExtractor",
    "DeepInterpolatedRecording",
}


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises
    ------
    Invalid
        When it is none.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise Invalid({"path": f"{path} is not a readable JSON file: {error}."}) from error
    except OSError as error:
        raise Invalid({"path": f"{path} cannot be read: {error.strerror}."}) from error


def check_description(description: Any, base: Path, seen: set[Path] | None = None) -> None:
    """Passes when a SpikeInterface description names only its own recording and sorting classes and safe files.

    Parameters
    ----------
    description : Any
        As `BaseExtractor.to_dict` made it, or anything else.
    base : Path
        Folder that relative paths in it start from.
    seen : set of Path, optional
        Folders that have been looked at: a folder's own description names the folder.
    """
    for item in _nested(description):
        if isinstance(item, Mapping) and "class" in item and "kwargs" in item:
            check_class(str(item["class"]))
        elif isinstance(item, str) and item:
            _check_file(base / item, set() if seen is None else seen)


def check_class(name: str) -> type[Any]:
    """The SpikeInterface extractor of this full name; refuses any other class, and functions."""
    module, _, attribute = name.rpartition(".")
    if module.partition(".")[0] == "spikeinterface" and ".deepinterpolation" not in module:
        try:
            found = getattr(importlib.import_module(module), attribute, None)
        except ImportError:
            found = None
        if isinstance(found, type) and issubclass(found, BaseExtractor) and found.__name__ not in UNSAFE_CLASSES:
            return found
    raise Invalid({"path": f"The description asks for “{name}”, which is not loaded from files of unknown origin."})


def check_folder(folder: Path, seen: set[Path] | None = None) -> None:
    """Passes when nothing in a SpikeInterface folder or zarr group needs unpickling to be loaded."""
    seen = set() if seen is None else seen
    if folder.resolve() in seen:
        return
    seen.add(folder.resolve())
    if is_zarr(folder):
        _check_zarr(folder)
    for array in sorted((folder / "properties").glob("*.npy")):
        if needs_pickle(array):
            raise Invalid({"path": f"{array} holds pickled Python objects, which may run code, so it is not loaded."})
    for name in DESCRIPTIONS:
        if (folder / name).is_file():
            check_description(read_json(folder / name), folder, seen)


def is_zarr(folder: Path) -> bool:
    """Whether a folder is a zarr group or array."""
    return any((folder / name).is_file() for name in (".zgroup", ".zmetadata", ".zarray", "zarr.json"))


def needs_pickle(path: Path) -> bool:
    """Whether reading this .npy file would unpickle something; True for a file that is no .npy file."""
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            return bool(read(file)[2].hasobject)
    except (OSError, ValueError):
        return True


def check_script(path: Path, reader: str) -> None:
    """Passes when a Python-like file only gives values to names, so that executing it is no more than reading it."""
    try:
        literals.assignments(path.read_text(encoding="utf-8", errors="replace"))
    except ValueError as error:
        raise Invalid({"path": f"{reader} would execute {path}, so it is refused: {error}."}) from error
    except OSError as error:
        raise Invalid({"path": f"{path} cannot be read: {error.strerror}."}) from error


def _check_file(path: Path, seen: set[Path]) -> None:
    if path.suffix.lower() in PICKLE_SUFFIXES and os.path.isfile(path):
        raise Invalid({"path": f"{path} is a pickle, which may run code, so it is not loaded."})
    # os.path answers False for text that cannot be a path at all, where pathlib raises.
    if os.path.isdir(path) and (is_zarr(path) or any((path / name).is_file() for name in DESCRIPTIONS)):
        check_folder(path, seen)


def _check_zarr(folder: Path) -> None:
    for name in (".zarray", ".zmetadata", "zarr.json"):
        for path in folder.rglob(name):
            if any(_is_pickle_codec(item) for item in _nested(read_json(path))):
                raise Invalid({"path": f"{folder} holds pickled Python objects, which may run code; it is not loaded."})


def _is_pickle_codec(item: Any) -> bool:
    return isinstance(item, Mapping) and "pickle" in str(item.get("id", item.get("name", ""))).lower()


def _nested(item: Any) -> Iterator[Any]:
    waiting = [item]
    while waiting:
        current = waiting.pop()
        yield current
        if isinstance(current, Mapping):
            waiting.extend(current.values())
        elif isinstance(current, list | tuple):
            waiting.extend(current)
