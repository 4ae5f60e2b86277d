"""What a folder must be like to hold a workspace."""

from __future__ import annotations

from pathlib import Path

from labbox_local.errors import Unavailable
from labbox_local.store.faults import explained

DATABASE = "workspace.sqlite"
SCRATCH = "scratch"
# The lock is taken before the database exists, so scratch/ alone is a workspace about to be made.
HARMLESS = {SCRATCH, f"{DATABASE}-journal", ".DS_Store", "desktop.ini", "Thumbs.db", "lost+found"}


def usable(folder: str | Path) -> Path:
    """The absolute path of a folder that is a workspace or can become one; makes it when it is absent.

    Raises
    ------
    Unavailable
        When it is a file, holds something else, or cannot be made or read.
    """
    place = Path(folder).expanduser().absolute()
    with explained(place):
        if place.exists() and not place.is_dir():
            raise Unavailable(f"{place} is a file; a workspace is a folder.", "Name a folder, new or empty.")
        place.mkdir(parents=True, exist_ok=True)
        names = {entry.name for entry in place.iterdir()}
    if DATABASE not in names and names - HARMLESS:
        raise Unavailable(
            f"{place} holds other things and is no workspace, so nothing was written there.",
            "Name a new or empty folder, or one that holds a workspace.sqlite.",
        )
    return place
