"""What a worker opens for its tasks, and keeps open from one order to the next."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from labbox_local.ephys import analyzers, fingerprints, recordings, sortings
from labbox_local.errors import NotFound
from labbox_local.jobs.cache import Cache
from labbox_local.jobs.context import Context
from labbox_local.jobs.keys import canonical

Params = Mapping[str, Any]
BLOB = "blob:"
MOST_OPEN = 32
# Headers, channel properties and the readers' own tables; the samples are mapped from the disk and not held.
RECORDING_BYTES = 2_000_000
MAPPED = "waveforms"


def place(reference: str, blobs: Path) -> Path:
    """The path that a reference such as ``blob:<digest>/sorting`` stands for; any other text is a path already.

    Raises
    ------
    NotFound
        If the reference is none, or points out of its blob.
    """
    if not reference.startswith(BLOB):
        return Path(reference)
    digest, _, inside = reference.removeprefix(BLOB).partition("/")
    whole = blobs / digest[:2] / digest[2:]
    if len(digest) != 64 or not digest.isalnum() or ".." in Path(inside).parts or Path(inside).is_absolute():
        raise NotFound(f"“{reference}” is no place in a stored result.")
    return whole / inside


def located(spec: Params, blobs: Path) -> dict[str, Any]:
    """A recording's spec with the path that a reader can open."""
    path = str(spec["path"])
    return {**spec, "path": str(place(path, blobs))} if path.startswith(BLOB) else dict(spec)


@cache
def kept(limit_bytes: int) -> Cache:
    """What this worker keeps open."""
    return Cache(limit_bytes, MOST_OPEN)


def open_recording(ctx: Context, spec: Params) -> Any:
    """The recording, opened again only if its files have changed since."""
    found = located(spec, ctx.blobs)
    key = ("recording", canonical(found), stamp(Path(found["path"])))
    return kept(ctx.cache_bytes).get(key, lambda: recordings.open_recording(found), lambda _: RECORDING_BYTES)


def open_sorting(ctx: Context, reference: str) -> sortings.SortingData:
    """A stored sorting; it never changes."""
    folder = place(reference, ctx.blobs)
    data: sortings.SortingData = kept(ctx.cache_bytes).get(
        ("sorting", reference), lambda: sortings.load(folder), lambda _: _bytes_in(folder)
    )
    return data


def open_analyzer(ctx: Context, reference: str) -> Any:
    """A stored analyzer; it never changes. Its waveforms stay on the disk and do not count."""
    folder = place(reference, ctx.blobs)
    return kept(ctx.cache_bytes).get(
        ("analyzer", reference), lambda: analyzers.open_analyzer(folder), lambda _: _bytes_in(folder, MAPPED)
    )


def stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells whether the files at a path have changed: names, times, sizes."""
    try:
        found = [(str(file), file.stat()) for file in fingerprints.files_of(path)]
    except OSError:
        return ()  # opening says what is wrong
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in found)


def _bytes_in(folder: Path, without: str = "") -> int:
    files = (file for file in folder.rglob("*") if file.is_file() and without not in file.relative_to(folder).parts)
    return sum(file.stat().st_size for file in files)
