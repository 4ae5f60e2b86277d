"""Names for content: the key of a result before it is made, the digest of a folder after."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from labbox_local.errors import Unavailable

CHUNK_BYTES = 1 << 20


def canonical(value: Any) -> str:
    """The one JSON text of `value`: sorted names, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def said(value: Any) -> str:
    """`value` as JSON text with its names in their own order; no NaN, which no browser reads."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def through_json(params: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `params` as another process will see it.

    Raises
    ------
    TypeError
        If it would see something else than what was given: a tuple, a number as a name, NaN, an object.
    """
    try:
        arrived: dict[str, Any] = json.loads(said(dict(params)))
    except ValueError as error:
        raise TypeError(f"Parameters of a task must be JSON: {error}.") from error
    if arrived != dict(params):
        changed = sorted(str(name) for name in params if arrived.get(name, params) != params[name])
        raise TypeError(f"Parameters of a task must survive JSON unchanged; these do not: {', '.join(changed)}.")
    return arrived


def result_key(
    task: str, task_version: int, params: Mapping[str, Any], inputs: Sequence[Any], packages: Mapping[str, str]
) -> str:
    """The name of the result: the same question to the same software has the same name, any other another."""
    question = {"task": task, "version": task_version, "params": params, "inputs": list(inputs), "packages": packages}
    return hashlib.sha256(canonical(question).encode()).hexdigest()


def package_versions(names: Iterable[str]) -> dict[str, str]:
    """Version of each distribution, or “absent”."""
    return {name: _version(name) for name in names}


def folder_digest(folder: Path) -> str:
    """SHA-256 over the relative paths, sizes and contents of all files in `folder`; times and places do not matter.

    Raises
    ------
    Unavailable
        If the folder holds a link or a device: what it points at would not be kept.
    """
    digest = hashlib.sha256()
    for name, path in _files(folder):
        digest.update(f"{name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def folder_size(folder: Path) -> int:
    """Bytes of all files in `folder`."""
    return sum(path.stat().st_size for _, path in _files(folder))


def settle(folder: Path) -> None:
    """Wait until every file of `folder` is on disk, such that no crash can leave it half there under its name."""
    for _, path in _files(folder):
        with path.open("r+b") as file:
            os.fsync(file.fileno())


def _files(folder: Path) -> list[tuple[str, Path]]:
    found = [(path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if not _is_plain_folder(path)]
    for name, path in found:
        if path.is_symlink() or not path.is_file():
            raise Unavailable(f"The result holds “{name}”, which is neither a file nor a folder and cannot be kept.")
    return sorted(found)


def _is_plain_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
