"""What this program is made of: versions, views, plug-ins that failed, the workspace's place and size."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from labbox_local.services import viewing
from labbox_local.services.tools import Tools

PACKAGES = (
    "labbox-local", "spikeinterface", "neo", "probeinterface", "numpy", "numba", "plotly",
    "litestar", "uvicorn", "jinja2", "sqlite-utils", "pywebview",
)  # fmt: skip


@dataclass(frozen=True)
class AboutPage:
    """Versions by package name, and where the workspace lies."""

    versions: Mapping[str, str]
    python: str
    system: str
    workspace: str


@dataclass(frozen=True)
class Plugins:
    """The views at hand and what failed to load."""

    views: Sequence[Mapping[str, Any]]
    failed: Sequence[Mapping[str, Any]]


def page(tools: Tools) -> AboutPage:
    """Everything that is known without asking a worker."""
    return AboutPage(
        versions={name: installed_version(name) for name in PACKAGES},
        python=platform.python_version(),
        system=platform.platform(terse=True),
        workspace=str(tools.workspace.folder),
    )


def plugins(tools: Tools) -> Plugins:
    """The views, asked of a worker: plug-ins are never loaded into the web process."""
    known = viewing.catalog(tools)
    return Plugins(known["views"], known["failed"])


def installed_version(package: str) -> str:
    """The package's version, or “not installed”."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
