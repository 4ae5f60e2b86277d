"""What small text files beside a flat binary file say about it, so that its form comes filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

from labbox_local.ephys import literals, safety

JSON_NAMES = ("info.json", "params.json", "{stem}.json", "{name}.json")
RATES = ("sampling_frequency", "sample_rate", "samplerate", "sampling_rate", "fs")
CHANNELS = ("num_channels", "n_channels", "n_channels_dat", "nchannels", "channels")
HEADERS = ("file_offset", "offset", "header_size")
GAINS = ("gain_to_uv", "gain_to_uV", "uv_per_bit")
LARGEST = 1_000_000


def beside(path: Path) -> tuple[dict[str, Any], str]:
    """Options of the flat binary reader that a file beside `path` gives, and that file's name ("" for none)."""
    for pattern in JSON_NAMES:
        file = path.parent / pattern.format(stem=path.stem, name=path.name)
        if file.is_file() and file.stat().st_size < LARGEST:
            found = safety.read_json(file)
            options = _options(found) if isinstance(found, Mapping) else {}
            if options:
                return options, file.name
    return _phy(path)


def _phy(path: Path) -> tuple[dict[str, Any], str]:
    params = path.parent / "params.py"
    if not params.is_file() or params.stat().st_size > LARGEST:
        return {}, ""
    try:
        values = literals.assignments(params.read_text(encoding="utf-8", errors="replace"))
    except ValueError:
        return {}, ""
    named = values.get("dat_path")
    first = named[0] if isinstance(named, list | tuple) and named else named
    # Written on any system, so the name is cut off in the way that understands both slashes.
    if not isinstance(first, str) or PureWindowsPath(first).name != path.name:
        return {}, ""
    return _options(values), params.name


def _options(values: Mapping[str, Any]) -> dict[str, Any]:
    shape = values.get("shape")
    channels = _first(values, CHANNELS)
    if channels is None and isinstance(shape, list | tuple) and len(shape) == 2:
        channels = shape[1]
    options = {
        "sampling_frequency": _first(values, RATES),
        "num_channels": channels,
        "dtype": values.get("dtype") if isinstance(values.get("dtype"), str) else None,
        "file_offset": _first(values, HEADERS),
        "gain_to_uv": _first(values, GAINS),
    }
    known = {name: value for name, value in options.items() if value is not None}
    # A rate alone (params.json of a sorting) tells too little to say that the file beside it is flat binary.
    return known if {"sampling_frequency", "num_channels"} <= set(known) else {}


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> int | float | None:
    numbers = (values.get(name) for name in names)
    return next((n for n in numbers if isinstance(n, int | float) and not isinstance(n, bool) and n >= 0), None)
