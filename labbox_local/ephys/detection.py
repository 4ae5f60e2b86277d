"""What a path holds: guessed from names, signatures and folder contents, then confirmed by opening it.

Nothing found on the way is executed or unpickled.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labbox_local.ephys import mda, paths, readers, recordings, sidecars, signatures, sorting_formats
from labbox_local.ephys import spikeinterface_files as saved
from labbox_local.ephys.formats import BY_NAME
from labbox_local.ephys.third_party import reading
from labbox_local.errors import Invalid, LabError

MOST_FILES = 12
MOST_STREAMS = 16
FOLDER_READERS = ("openephyslegacy", "neuralynx", "tdt", "alphaomega")
PROBE_SUFFIXES = (".prb", ".imro", ".mat", ".json", ".xml", ".meta")
BINARY = BY_NAME["binary"]
# A folder of several recordings has other names above; each of them is to be opened on its own.
PROBE_FOLDER = re.compile(r"[^/\\]*_imec\d*")
OPEN_EPHYS = re.compile(r"(Record Node|experiment|recording|structure\.)", re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """A format that a path may be of. ``complete`` guesses can be opened as they are, to confirm them."""

    format: str
    reason: str
    options: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = True


def detect(path: str | Path) -> dict[str, Any]:
    """Every recording and sorting found at `path`, the likeliest first.

    Returns
    -------
    dict
        ``candidates``: list of ``{format, title, options, reason, needs}``, a recording each, where ``needs`` names
        options that only a person can give; ``sortings``: list of ``{format, title}``; ``note``: a sentence when
        there is a sorting and no recording, else "".

    Raises
    ------
    Invalid, Unavailable
        When there is neither, with one sentence that says what is there and what it would need.
    """
    location = paths.existing(path)
    with reading(f"{location} cannot be looked into"):
        guesses = list(_guesses(location))
        sortings = [{"format": f.name, "title": f.title} for f in sorting_formats.find(location)]
    candidates: list[dict[str, Any]] = []
    failures: list[LabError] = []
    for guess in guesses:
        try:
            candidates.extend(_confirmed(guess, location))
        except LabError as error:
            failures.append(error)
    if not candidates and not sortings:
        raise failures[0] if failures else Invalid({"path": _nothing(location)})
    note = "" if candidates else _only_sorting(location, sortings, failures)
    return {"candidates": candidates, "sortings": sortings, "note": note}


def _confirmed(guess: Guess, location: Path) -> list[dict[str, Any]]:
    """The guess as candidates, one per stream, after opening each."""
    if not guess.complete:
        needed = [f.name for f in readers.fields(guess.format) if f.required and f.name not in guess.options]
        return [_candidate(guess, guess.options, BY_NAME[guess.format].title, guess.reason, needed)]
    format = BY_NAME[guess.format]
    target = readers.resolve(format, location, str(guess.options.get("file", "")))
    with reading(f"{target} cannot be read as {format.title}"):
        streams = readers.streams(guess.format, target)
    if len(streams) < 2:
        opened = recordings.open_recording({"format": guess.format, "path": location, "options": guess.options})
        return [_candidate(guess, guess.options, format.title, f"{guess.reason} {_facts(opened)}")]
    return _streams(guess, location, streams)


def _streams(guess: Guess, location: Path, streams: list[tuple[str, str]]) -> list[dict[str, Any]]:
    found: list[tuple[tuple[bool, float], dict[str, Any]]] = []
    failure: LabError | None = None
    for key, name in streams[:MOST_STREAMS]:
        options = {**guess.options, "stream_id": key}
        try:
            opened = recordings.open_recording({"format": guess.format, "path": location, "options": options})
        except LabError as error:
            failure = failure or error
            continue
        title = f"{BY_NAME[guess.format].title}: {name}"
        candidate = _candidate(guess, options, title, f"{guess.reason} Stream “{name}”: {_facts(opened)}")
        # The stream that the file's own name names comes first, then the one with the most samples a second.
        meant = location.is_file() and f".{name}." in location.name
        found.append(((not meant, -opened.get_num_channels() * opened.get_sampling_frequency()), candidate))
    if not found and failure is not None:
        raise failure
    return [candidate for _, candidate in sorted(found, key=lambda item: item[0])]


def _candidate(
    guess: Guess, options: Mapping[str, Any], title: str, reason: str, needs: list[str] | None = None
) -> dict[str, Any]:
    return {
        "format": guess.format,
        "title": title,
        "options": dict(options),
        "reason": reason,
        "needs": needs or [],
    }


def _facts(recording: Any) -> str:
    seconds = sum(recordings.sample_counts(recording)) / recording.get_sampling_frequency()
    parts = [
        f"{recording.get_num_channels()} channels",
        f"{recording.get_sampling_frequency():g} Hz",
        f"{seconds:.4g} s",
    ]
    if recording.get_num_segments() > 1:
        parts.append(f"{recording.get_num_segments()} segments")
    return ", ".join(parts) + "."


def _guesses(path: Path) -> Iterator[Guess]:
    yield from _file_guesses(path) if path.is_file() else _folder_guesses(path)


def _file_guesses(path: Path, inside: bool = False) -> Iterator[Guess]:
    """Guesses for one file; `inside` when a folder was given, so that the file has to be named as an option."""
    options: dict[str, Any] = {"file": path.name} if inside else {}
    name = path.name.lower()
    if path.stat().st_size == 0:
        return
    if signatures.is_hdf5(path):
        for format, chosen in signatures.hdf5_formats(path):
            yield Guess(format, f"{path.name} is an HDF5 file laid out so.", {**options, **chosen})
        return
    if name.endswith(signatures.HDF5_SUFFIXES):
        raise Invalid({"path": f"{path} is named like an HDF5 file but is none: it starts with other bytes."})
    if name.endswith(".mda"):
        if not name.startswith("firings") and len(mda.read_header(path).shape) == 2:
            yield Guess("mda", f"{path.name} is an .mda array.", {})
        return
    if name.endswith(".json") and saved.what_is(path) == saved.RECORDING:
        yield Guess("spikeinterface", f"{path.name} describes a recording as SpikeInterface does.")
    told = list(_companions(path, options))
    yield from told
    known = signatures.by_suffix(path)
    for format in known:
        yield Guess(format, f"The name ends in {_suffix(format, name)}.", {} if _is_folder(format) else options)
    if not known and not told and not inside:
        yield from _flat(path, {})


def _companions(path: Path, options: Mapping[str, Any]) -> Iterator[Guess]:
    """Formats told by the files beside `path`."""
    name, folder = path.name.lower(), path.parent
    if name.endswith((".bin", ".meta")) and path.with_suffix(".meta").is_file() and path.with_suffix(".bin").is_file():
        yield Guess("spikeglx", "A .bin file with its .meta beside it.")
    if name.endswith(".bin") and path.with_suffix(".set").is_file():
        yield Guess("axona", "A .bin file with its .set beside it.", {"file": path.with_suffix(".set").name})
    if name.endswith((".xml", ".dat", ".eeg", ".lfp")) and path.with_suffix(".xml").is_file() and _neuroscope(path):
        yield Guess("neuroscope", "A .xml file of NeuroScope with its data beside it.", options)
    if name.endswith(".xdat.json"):
        yield Guess("neuronexus", "The name ends in .xdat.json.", options)
    if name.endswith(".raw") and b"MC_DataTool" in signatures.start_of(path, 512):
        yield Guess("mcsraw", "It starts as MC_DataTool writes.", options)
    if name == "continuous.dat" and (folder.parent.parent / "structure.oebin").is_file():
        yield Guess("openephysbinary", "A continuous.dat of an Open Ephys recording.")


def _neuroscope(path: Path) -> bool:
    has_data = any(path.with_suffix(suffix).is_file() for suffix in (".dat", ".eeg", ".lfp"))
    return has_data and b"<" in signatures.start_of(path.with_suffix(".xml"), 512)


def _flat(path: Path, options: Mapping[str, Any]) -> Iterator[Guess]:
    """A flat binary file, with all that a file beside it says."""
    if signatures.is_text(path) or path.suffix.lower() in NOT_FLAT:
        return
    told, by = sidecars.beside(path)
    if told:
        yield Guess("binary", f"A flat binary file, described by {by} beside it.", {**options, **told})
    else:
        needs = "A flat binary file: say its sampling rate, number of channels and sample type."
        yield Guess("binary", needs, dict(options), complete=False)


def _folder_guesses(path: Path) -> Iterator[Guess]:
    if saved.what_is(path) in (saved.RECORDING, saved.ANALYZER):
        yield Guess("spikeinterface", "A folder that SpikeInterface saved.")
        return
    names = list(_names_below(path))
    wholes = list(_whole_folder(path, names))
    yield from wholes
    files = [path / name for name in sorted(names) if os.sep not in name]
    found = [guess for file in _distinct(files) for guess in _file_guesses(file, inside=True) if _own(guess)]
    yield from found[:MOST_FILES]
    if not found and not wholes:
        yield from _flat_folder(files)


def _whole_folder(path: Path, names: list[str]) -> Iterator[Guess]:
    """Formats of which one recording is a folder, told by the names of the files below it."""
    if (path / "raw.mda").is_file():
        yield Guess("mda", "raw.mda is in it.")
    near = [name for name in names if os.sep not in name or PROBE_FOLDER.fullmatch(os.path.dirname(name))]
    if any(name.endswith(".meta") and f"{name[:-5]}.bin" in near for name in near):
        yield Guess("spikeglx", "There are .bin files with their .meta in it.")
    if any(Path(name).name == "structure.oebin" and OPEN_EPHYS.match(name) for name in names):
        yield Guess("openephysbinary", "structure.oebin is in it.")
    for format in FOLDER_READERS:
        if any(name.lower().endswith(BY_NAME[format].suffixes) for name in _own_names(names)):
            yield Guess(format, f"There are {BY_NAME[format].suffixes[0]} files in it.")


def _own_names(names: list[str]) -> list[str]:
    """Names in the folder itself, or in its only folder: of several folders each is a recording of its own."""
    folders = {name.partition(os.sep)[0] for name in names if os.sep in name}
    return [name for name in names if name.count(os.sep) <= (1 if len(folders) == 1 else 0)]


def _own(guess: Guess) -> bool:
    return not _is_folder(guess.format)


def _is_folder(format: str) -> bool:
    return BY_NAME[format].kind == "folder"


def _distinct(files: list[Path]) -> Iterator[Path]:
    """Files that may be recordings of their own: of those of one NeuroScope or Axona recording, the leading one."""
    stems = {file.stem for file in files if file.suffix.lower() in (".xml", ".set")}
    companions = (".dat", ".eeg", ".lfp", ".bin")
    for file in files:
        text = file.suffix.lower() in (".json", ".mda")
        if not text and not (file.suffix.lower() in companions and file.stem in stems):
            yield file


def _flat_folder(files: list[Path]) -> Iterator[Guess]:
    flat = [
        file
        for file in files
        if file.name.lower().endswith(BINARY.suffixes)
        and file.stat().st_size
        and not file.with_suffix(".meta").exists()
    ]
    if 1 < len(flat) <= MOST_FILES and len({file.suffix for file in flat}) == 1:
        more = [str(file) for file in flat[1:]]
        for guess in _flat(flat[0], {"file": flat[0].name, "more_paths": more}):
            yield Guess("binary", f"{guess.reason} All {len(flat)} files as segments.", guess.options, guess.complete)
    for file in flat[:MOST_FILES]:
        for guess in _flat(file, {"file": file.name}):
            yield Guess("binary", f"{file.name}: {guess.reason}", guess.options, guess.complete)


def _names_below(folder: Path, depth: int = 4, most: int = 5000) -> Iterator[str]:
    """Names of the files below a folder, relative to it, not hidden ones; bounded, because a disk has no end."""
    count = 0
    for root, folders, files in os.walk(folder):
        level = len(Path(root).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if level < depth else []
        for name in sorted(files):
            count += 1
            if count > most:
                return
            if not name.startswith("."):
                yield os.path.relpath(os.path.join(root, name), folder)


def _suffix(format: str, name: str) -> str:
    return next(suffix for suffix in BY_NAME[format].suffixes if name.endswith(suffix))


def _only_sorting(location: Path, sortings: list[dict[str, Any]], failures: list[LabError]) -> str:
    titles = " or ".join(found["title"] for found in sortings)
    why = f" ({failures[0]})" if failures else ""
    return f"{location.name} holds a sorting ({titles}) and no raw recording{why}."


def _nothing(location: Path) -> str:
    """One sentence for a path in which nothing was recognised."""
    if location.is_file():
        return _no_file(location)
    inside = [
        folder
        for folder in readers.below(location, 1)
        if next(_folder_guesses(folder), None) is not None or sorting_formats.find(folder)
    ]
    if inside:
        listed = ", ".join(folder.name for folder in inside[:8]) + (" …" if len(inside) > 8 else "")
        return f"{location} holds no recording itself; these folders in it look as if they do: {listed}."
    if not any(location.iterdir()):
        return f"{location} is an empty folder."
    if any(file.name.lower().endswith((".prb", ".imro")) for file in location.iterdir()):
        return f"{location} holds probe files; open a recording first, then choose one of them as its probe."
    return f"Nothing in {location} is recognised; give the path of a file, or choose the format yourself."


def _no_file(location: Path) -> str:
    name = location.name.lower()
    if location.stat().st_size == 0:
        return f"{location} is empty (0 bytes)."
    if name.endswith(".meta"):
        return f"{location} describes a recording whose .bin is not beside it; open that and choose it as its probe."
    if name.endswith(PROBE_SUFFIXES):
        return (
            f"{location} is no recording; if it is a probe file, open the recording first and choose it as its probe."
        )
    if name.endswith((".pkl", ".pickle")):
        return f"{location} is a pickle, which may run code, so it is not opened; save the recording as a folder."
    if signatures.is_hdf5(location):
        return f"{location} is an HDF5 file, but of no layout that is known; choose its format yourself."
    if signatures.is_text(location):
        return f"{location} is a text file; recordings are binary files or folders."
    return f"{location} is of no format that is known; choose the format yourself."


# Binary, but surely not samples one after the other.
NOT_FLAT = {
    ".nev", ".npz", ".npy", ".mat", ".pkl", ".pickle", ".zip", ".gz", ".tar", ".7z", ".png", ".jpg", ".pdf", ".mp4",
    ".avi", ".nse", ".ntt", ".nst", ".kwik", ".parquet", ".xlsx", ".docx", ".cbin", ".t", ".exe", ".dll", ".so",
}  # fmt: skip
