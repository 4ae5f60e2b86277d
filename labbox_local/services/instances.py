"""Other processes of this program on a workspace, and how a workspace looks before it is opened for work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labbox_local.store import lock
from labbox_local.store.folder import DATABASE, usable
from labbox_local.store.workspace import Workspace


@dataclass(frozen=True)
class Instance:
    """A living process that owns a workspace; ``url`` is empty while it serves no pages."""

    pid: int | None
    url: str


@dataclass(frozen=True)
class WorkspaceState:
    """Whether a workspace is there, and who owns it. A folder without one can become one."""

    folder: str
    exists: bool
    owner: Instance | None


def running(folder: Path) -> Instance | None:
    """The process that owns the workspace in `folder`, or None."""
    said = lock.owner(folder)
    return Instance(said["pid"], said["url"] or "") if said else None


def look(folder: Path) -> WorkspaceState:
    """The state of the workspace in `folder`; an existing one is opened and closed again.

    Raises
    ------
    Unavailable
        With the reason why the folder cannot be used.
    """
    if not folder.exists():
        return WorkspaceState(str(folder), False, None)
    usable(folder)
    exists = (folder / DATABASE).exists()
    if exists:
        Workspace.open(folder).close()
    return WorkspaceState(str(folder), exists, running(folder))
