"""The readers of all formats: their options as fields, and the one way to open a path with one of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import spikeinterface.extractors as extractors
from spikeinterface.core import BaseRecording
from spikeinterface.extractors.neoextractors import openephys

from labbox_local.ephys import binary, docfields, mda, neuroscope, paths, safety, spikeinterface_files
from labbox_local.ephys.formats import BY_NAME, FORMATS, Format
from labbox_local.ephys.third_party import reading
from labbox_local.errors import Invalid, Unavailable
from labbox_local.fields import Field, check

# Never asked: paths, ways to fetch from the network, objects that no form can hold.
UNASKED = {
    "file_path", "folder_path", "file", "cache", "storage_options", "stream_mode", "stream_cache_path",
    "install_maxwell_plugin", "reading_attempts", "one", "cbin_file_path", "xml_file_path", "load_compression_ratio",
}  # fmt: skip
FILE = Field("file", "text", label="file", help="Which file, when the path is a folder with several of them.")
WALKS_ITSELF = {"spikeglx", "openephysbinary"}
MOST_FOLDERS = 500
MAXWELL_HINT = (
    "Install MaxWell's HDF5 decompression library (filter 401, from mxwbio.com) and set HDF5_PLUGIN_PATH to its folder."
)


def formats() -> list[dict[str, Any]]:
    """All formats with their options: ``{format, title, kind, fields, unavailable}``."""
    return [
        {
            "format": format.name,
            "title": format.title,
            "kind": format.kind,
            "fields": [] if format.refusal else [field.plain() for field in fields(format.name)],
            "unavailable": format.refusal,
        }
        for format in FORMATS
    ]


@cache
def fields(name: str) -> tuple[Field, ...]:
    """Options of the reader of a format."""
    format = find(name)
    if name == "binary":
        return (*binary.FIELDS, FILE)
    if name == "mda":
        return mda.FIELDS
    if name == "spikeinterface":
        return ()
    own = docfields.fields_of(reader_class(name), UNASKED)
    return (*own, FILE) if format.kind == "file" else own


def find(name: str) -> Format:
    """The format of this name.

    Raises
    ------
    Invalid
        When there is none.
    Unavailable
        When it is known but cannot be offered.
    """
    format = BY_NAME.get(name)
    if format is None:
        raise Invalid({"format": f"There is no format “{name}”; known are {', '.join(BY_NAME)}."})
    if format.refusal:
        raise Unavailable(format.refusal)
    return format


@cache
def reader_class(name: str) -> Callable[..., BaseRecording]:
    """SpikeInterface's class that reads a format; the two Open Ephys ones stand behind a guessing function there."""
    classes: dict[str, Callable[..., BaseRecording]] = {
        "openephysbinary": openephys.OpenEphysBinaryRecordingExtractor,
        "openephyslegacy": openephys.OpenEphysLegacyRecordingExtractor,
        **{
            known: reader
            for known, reader in extractors.recording_extractor_full_dict.items()
            if not known.startswith("openephys")
        },
        "mearec": extractors.neoextractors.MEArecRecordingExtractor,
    }
    return classes[name]


def open_path(name: str, path: str | Path, options: Mapping[str, Any]) -> tuple[BaseRecording, list[str]]:
    """The recording at `path` read as format `name`, and what the reader warned of.

    Parameters
    ----------
    name : str
        Of a format.
    path : str or Path
        File or folder; a folder reader takes a file inside it too, a file reader a folder with one such file.
    options : mapping
        Of `fields`; a missing one means the default.

    Raises
    ------
    Invalid
        At ``path``, ``format`` or the option that is wrong.
    Unavailable
        When the reader lacks something that has to be installed.
    """
    format = find(name)
    location = paths.existing(path)
    given = dict(options)
    if name != "binary":
        given = check(fields(name), given)
    target = resolve(format, location, str(given.pop("file", "") or ""))
    with reading(f"{target} cannot be read as {format.title}") as warnings:
        recording = _open(format, target, given)
        if not isinstance(recording, BaseRecording):
            raise Invalid({"path": f"{target} holds a {type(recording).__name__} and no recording."})
        _read_ends(format, target, recording)
    if name == "neuroscope" and (doubt := neuroscope.doubt(target)):
        warnings.append(doubt)
    return recording, warnings


def given_options(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a person gave, as typed values; the others keep their defaults by staying away.

    Raises
    ------
    Invalid
        At every option that is wrong.
    """
    find(name)
    spelled = binary.spelled(options) if name == "binary" else dict(options)
    values = check(fields(name), spelled)
    return {key: values[key] for key in spelled if values[key] is not None and values[key] != ""}


def resolve(format: Format, path: Path, file: str = "") -> Path:
    """What the reader of `format` has to be given when a person gave `path`."""
    if format.kind == "folder":
        return _folder_of(format, path) if path.is_file() else _folder_inside(format, path)
    if format.kind == "either" or path.is_file():
        return path
    found = matching(format, path)
    if file:
        chosen = path / file
        if chosen.parent != path or not chosen.is_file():
            known = ", ".join(item.name for item in found)
            raise Invalid({"file": f"There is no file “{file}” in {path}; of this format are {known or 'none'}."})
        return chosen
    if len(found) != 1:
        listed = f"{len(found)}: {', '.join(item.name for item in found[:8])}" if found else "none"
        raise Invalid({"path": f"{format.title} reads one file; in {path} there are {listed}. Give the file's path."})
    return found[0]


def matching(format: Format, folder: Path) -> list[Path]:
    """Files directly in `folder` whose names end as those of `format` do, by name; hidden files are no data."""
    return sorted(
        item
        for item in folder.iterdir()
        if item.name.lower().endswith(format.suffixes) and not item.name.startswith(".") and item.is_file()
    )


def _folder_of(format: Format, file: Path) -> Path:
    """The folder to open when one of its files was given."""
    if format.name == "openephysbinary":
        # continuous.dat lies two folders below the one that describes it.
        return next((folder for folder in file.parents[:3] if (folder / "structure.oebin").is_file()), file.parent)
    return file.parent


def _folder_inside(format: Format, path: Path) -> Path:
    """`path`, or the one folder below it that has the files, for readers that do not look for it themselves."""
    if format.name in WALKS_ITSELF or matching(format, path):
        return path
    inside = [folder for folder in below(path) if matching(format, folder)]
    if len(inside) == 1:
        return inside[0]
    if inside:
        names = ", ".join(str(folder.relative_to(path)) for folder in inside[:8])
        raise Invalid({"path": f"{path} has {len(inside)} folders of {format.title}: {names}. Give the path of one."})
    raise Invalid({"path": f"{path} has no file of {format.title} ({', '.join(format.suffixes)})."})


def below(path: Path, depth: int = 2) -> list[Path]:
    """Readable folders below `path`, nearest first, at most `depth` down."""
    found: list[Path] = []
    level = [path]
    for _ in range(depth):
        level = [
            child
            for folder in level
            for child in sorted(folder.iterdir())
            if child.is_dir() and not child.name.startswith(".") and os.access(child, os.R_OK | os.X_OK)
        ][:MOST_FOLDERS]
        found.extend(level)
    return found


def streams(name: str, target: Path) -> list[tuple[str, str]]:
    """Id and name of every stream of a recording read through neo; empty for other readers."""
    get_streams = getattr(reader_class(name), "get_streams", None) if name not in OWN else None
    if get_streams is None:
        return []
    names, ids = get_streams(str(target))
    return list(zip(ids, names, strict=True))


def _open(format: Format, target: Path, options: dict[str, Any]) -> Any:
    own = OWN.get(format.name)
    if own is not None:
        return own(target, options)
    if format.name == "sinapsresearchplatform":
        for text in target.parent.glob(f"{target.stem}*.txt"):
            safety.check_script(text, format.title)
    defaults = {field.name: field.default for field in fields(format.name)}
    arguments = {key: value for key, value in options.items() if value != defaults.get(key)}
    if format.name == "maxwell":
        # Else the reader fetches a library from the internet and puts it into the home folder, unasked.
        arguments["install_maxwell_plugin"] = False
    try:
        return reader_class(format.name)(**{format.argument: str(target)}, **arguments)
    except (ValueError, AssertionError) as error:
        # Asked only now, because listing the streams reads the whole header again (a second for a large .plx).
        if "stream" in str(error):
            raise _stream_error(format, target, arguments) from error
        raise


def _stream_error(format: Format, target: Path, arguments: Mapping[str, Any]) -> Invalid:
    known = streams(format.name, target)
    listed = ", ".join(name if name == key else f"{key} ({name})" for key, name in known)
    for field in ("stream_id", "stream_name"):
        if arguments.get(field):
            return Invalid({field: f"There is no stream “{arguments[field]}”; there are {listed}."})
    return Invalid({"stream_id": f"This recording has {len(known)} streams; choose one of {listed}."})


def _read_ends(format: Format, target: Path, recording: BaseRecording) -> None:
    """Reads the first and the last sample of every segment: a header alone promises nothing."""
    for segment in range(recording.get_num_segments()):
        count = recording.get_num_samples(segment)
        if count == 0:
            continue
        try:
            for start in {0, count - 1}:
                np.asarray(recording.get_traces(segment_index=segment, start_frame=start, end_frame=start + 1))
        except OSError as error:
            if format.name == "maxwell":
                raise Unavailable(
                    f"{target} is compressed with MaxWell's own HDF5 filter, which is not installed here.", MAXWELL_HINT
                ) from error
            raise


OWN: Mapping[str, Callable[[Path, dict[str, Any]], Any]] = {
    "binary": binary.open_binary,
    "mda": mda.open_mda,
    "spikeinterface": spikeinterface_files.open_recording,
}
