"""A cheap mark of the files that a recording is read from, to notice when they change."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SAMPLE_BYTES = 65536
MOST_FILES = 1000
PATH_KEYS = {
    "file_path", "file_paths", "folder_path", "file_or_folder_path", "cbin_file_path", "xml_file_path", "resfile_path",
    "clufile_path", "file_timestamps_paths",
}  # fmt: skip


def of_paths(found: list[Path]) -> dict[str, Any]:
    """Size, time and a hash of head, middle and tail of each file.

    Returns
    -------
    dict
        ``files``: list of ``{path, size_bytes, mtime_ns, sample_sha256}``, by path; ``sha256``: one hash of sizes and
        samples of all, equal for a copy elsewhere.
    """
    files = [_of_file(path) for path in sorted(set(found))[:MOST_FILES]]
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file['size_bytes']}:{file['sample_sha256']};".encode())
    return {"files": files, "sha256": total.hexdigest()}


def files_of(path: Path, provenance: Mapping[str, Any] | None = None) -> list[Path]:
    """The files behind a path: itself, or all below the folder, and every file that the provenance names."""
    found = _below(path)
    for named in _paths_in(provenance or {}):
        if named != path and path not in named.parents:
            found.extend(_below(named))
    return found[:MOST_FILES]


def _below(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found: list[Path] = []
    for root, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.extend(Path(root, name) for name in sorted(files) if not name.startswith("."))
        if len(found) >= MOST_FILES:
            break
    return found


def _paths_in(description: Mapping[str, Any]) -> list[Path]:
    found: list[Path] = []
    for key, value in description.items():
        if isinstance(value, Mapping):
            found.extend(_paths_in(value))
        elif key in PATH_KEYS:
            texts = value if isinstance(value, list) else [value]
            found.extend(Path(text) for text in texts if isinstance(text, str) and os.path.exists(text))
    return found


def _of_file(path: Path) -> dict[str, Any]:
    status = path.stat()
    size, digest = status.st_size, hashlib.sha256()
    with path.open("rb") as file:
        for start in sorted({0, max(0, size // 2 - SAMPLE_BYTES // 2), max(0, size - SAMPLE_BYTES)}):
            file.seek(start)
            digest.update(file.read(SAMPLE_BYTES))
    return {
        "path": str(path),
        "size_bytes": size,
        "mtime_ns": status.st_mtime_ns,
        "sample_sha256": digest.hexdigest(),
    }
