"""What disks and databases refuse, said as sentences."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labbox_local.errors import Unavailable

PRIMARY_CODE = 0xFF  # SQLite's extended codes carry the plain one in their lowest byte


@contextmanager
def explained(where: Path, kinds: tuple[type[Exception], ...] = (sqlite3.Error, OSError)) -> Iterator[None]:
    """Turns what the disk at `where` or the database in it refuses into `Unavailable`."""
    try:
        yield
    except kinds as error:
        reason = unavailable(error, where)
        if reason is None:
            raise
        raise reason from error


def unavailable(error: Exception, where: Path) -> Unavailable | None:
    """The sentence for `error` met at `where`; None when it is a mistake of the program, not of the world."""
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE, where)
    return _of_system(error, where) if isinstance(error, OSError) else None


def disk_of(path: Path) -> Path:
    """The mount point of the disk that holds `path`, which need not exist yet."""
    place = path.absolute()
    while not (place.exists() and place.is_mount()) and place != place.parent:
        place = place.parent
    return place


def _full(where: Path) -> Unavailable:
    disk = disk_of(where)
    free_mb = shutil.disk_usage(disk).free / 1e6
    return Unavailable(
        f"The disk {disk} is full ({free_mb:.1f} MB free), so nothing can be written to {where}.",
        f"Free some space on {disk}, or open a workspace on another disk.",
    )


def _of_sqlite(code: int, where: Path) -> Unavailable | None:
    if code == sqlite3.SQLITE_FULL:
        return _full(where)
    sentences = {
        sqlite3.SQLITE_CORRUPT: (
            f"The database of the workspace {where} is damaged.",
            "Put back a copy of workspace.sqlite from a backup, or open another workspace; raw data is not touched.",
        ),
        sqlite3.SQLITE_NOTADB: (
            f"The file workspace.sqlite in {where} is not a database, so this folder is no usable workspace.",
            "Put back a copy of workspace.sqlite from a backup, or open another folder.",
        ),
        sqlite3.SQLITE_READONLY: (f"The workspace {where} may not be written to.", _permission_hint(where)),
        sqlite3.SQLITE_CANTOPEN: (f"The database in {where} cannot be opened.", _permission_hint(where)),
        sqlite3.SQLITE_BUSY: (
            f"The workspace {where} is busy: another program has been writing to it for a long time.",
            "Try again; if it stays, close other programs that use this workspace.",
        ),
        sqlite3.SQLITE_IOERR: (
            f"The disk {disk_of(where)} failed while the workspace {where} was read or written.",
            "Check that the disk is still connected and that it is a local disk.",
        ),
    }
    return Unavailable(*sentences[code]) if code in sentences else None


def _of_system(error: OSError, where: Path) -> Unavailable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(where)
    if error.errno in (errno.EACCES, errno.EPERM):
        return Unavailable(f"You have no permission to write to {where}.", _permission_hint(where))
    if error.errno == errno.EROFS:
        return Unavailable(f"The disk of {where} is read-only.", "Open a workspace on a disk that can be written to.")
    reason = error.strerror or str(error)
    return Unavailable(f"{where} cannot be used: {reason}.", "Check the path, or choose another folder.")


def _permission_hint(where: Path) -> str:
    return f"Change the permissions of {where}, or open a workspace in a folder of your own."
