"""Immutable results on disk, each a file or a folder named by the SHA-256 of its content."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from labbox_local.errors import NotFound
from labbox_local.store.faults import explained

DIGEST = re.compile(r"[0-9a-f]{64}")
TRASH = "trash"


class Blobs:
    """Blobs under `root`, at ``<first 2 of 64 hex digits>/<the other 62>``.

    Every blob appears by one rename, whole or not at all. Whoever adds one that the database is to name does so inside
    the write transaction that also writes the name, and `set_aside` runs inside a write transaction too: so a blob is
    never taken away between its arrival and its row.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Where the blob is or would be."""
        if not DIGEST.fullmatch(digest):
            raise NotFound(f"“{digest}” is no name of a stored result.")
        return self.root / digest[:2] / digest[2:]

    def __contains__(self, digest: str) -> bool:
        return self.path(digest).exists()

    def put(self, content: bytes) -> str:
        """Stores bytes and gives their digest; the same bytes twice are one blob."""
        digest = hashlib.sha256(content).hexdigest()
        target = self.path(digest)
        if not target.exists():
            with explained(self.root):
                target.parent.mkdir(parents=True, exist_ok=True)
                write_beside(target, content)
        return digest

    def adopt(self, folder: Path, digest: str) -> str:
        """Moves a finished folder in by one rename; an equal blob that is here already wins and `folder` goes.

        The bytes of `folder` must be on disk already: flushing gigabytes here would hold up every other writer.
        """
        target = self.path(digest)
        with explained(self.root):
            if target.exists():
                shutil.rmtree(folder)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                folder.rename(target)
                _flush_folder(target.parent)
        return digest

    def open(self, digest: str, inside: str = "") -> BinaryIO:
        """The content of a blob that is a file, or of the file `inside` of one that is a folder."""
        whole = self.path(digest).resolve()
        place = (whole / inside).resolve() if inside else whole
        if not (place.is_file() and place.is_relative_to(whole)):
            raise NotFound(f"The stored result {digest[:12]}… has no file “{inside}”.")
        return place.open("rb")

    def size(self, digest: str) -> int:
        """Bytes of all files of the blob."""
        path = self.path(digest)
        if not path.exists():
            raise NotFound(f"The stored result {digest[:12]}… is gone.")
        return _size_bytes(path)

    def set_aside(self, referenced: Collection[str]) -> None:
        """Moves everything but the blobs named out of the way, by renames only; leftovers of broken writes too."""
        named = {self.path(digest) for digest in referenced}
        trash = self.root / TRASH
        with explained(self.root):
            trash.mkdir(exist_ok=True)
            for entry in self._entries():
                if entry not in named:
                    entry.rename(trash / uuid4().hex)

    def empty_trash(self) -> int:
        """Bytes freed by deleting what was set aside."""
        freed = 0
        for entry in sorted((self.root / TRASH).glob("*")):
            size = _size_bytes(entry)
            if entry.is_dir():
                # A file that someone holds open cannot go on every system; it stays for the next time.
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
            freed += 0 if entry.exists() else size
        return freed

    def sweep(self, referenced: Collection[str]) -> int:
        """Deletes everything but the blobs named and gives the bytes freed; see `set_aside` for when this is safe."""
        self.set_aside(referenced)
        return self.empty_trash()

    def _entries(self) -> Iterator[Path]:
        for shelf in sorted(self.root.iterdir()):
            if shelf.name != TRASH:
                yield from sorted(shelf.iterdir()) if shelf.is_dir() else [shelf]


def write_beside(target: Path, content: bytes, mode: int = 0o666) -> None:
    """Makes or replaces a file such that a reader, or a crash, meets the old content or the new and nothing between."""
    beside = target.with_name(f".{target.name[:32]}-{uuid4().hex}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _flush_folder(target.parent)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
    for folder, _, names in os.walk(path):
        yield from (Path(folder, name) for name in names)


def _size_bytes(path: Path) -> int:
    return sum(entry.lstat().st_size for entry in _files(path))


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows has no handle on a folder to flush; its renames are journalled
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
