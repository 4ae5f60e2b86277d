"""What every service is handed: the open workspace, the two lanes of work and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labbox_local.jobs.interactive import Interactive
from labbox_local.jobs.supervisor import Supervisor
from labbox_local.settings import Settings
from labbox_local.store import results
from labbox_local.store.database import Database
from labbox_local.store.workspace import Workspace

Event = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Tools:
    """The open workspace (`workspace`), the batch lane (`supervisor`), the interactive lane and the settings."""

    workspace: Workspace
    supervisor: Supervisor
    interactive: Interactive
    settings: Settings


def blob_path(db: Database, key: str, name: str) -> str:
    """A path inside a result as it travels to workers, such as ``blob:<digest>/sorting``."""
    return f"blob:{results.get(db, key).blob}/{name}"
