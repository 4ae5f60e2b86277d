"""Who may import whom. Imports inside functions and for type checking count as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "labbox_local"
MAY_IMPORT = {  # the module's own entry rules before its room's; a room may always import itself
    "errors": "",
    "fields": "errors",
    "settings": "errors",
    "store": "errors",
    "ephys": "errors fields",
    "views": "ephys errors fields",
    "jobs": "errors",
    "jobs.supervisor": "errors store",
    "jobs.ledger": "errors store",
    "jobs.interactive": "errors store",
    "jobs.tasks": "errors fields ephys views",
    "jobs.trace_tasks": "errors fields ephys views",
    "jobs.opening": "errors fields ephys views",
    "services": "store jobs errors fields",
    "services.tools": "store jobs settings",
    "lab": "settings store jobs services errors ephys",  # ephys in the functions that hand out SpikeInterface objects
    "web": "services errors fields",
    "desktop": "lab web settings errors fields services",
    "cli": "lab web settings errors fields services desktop",
    "__init__": "lab errors",
    "__main__": "cli",
}
ONLY_IN = {  # third-party packages (and sqlite3) that stay in some rooms
    **dict.fromkeys(("spikeinterface", "probeinterface", "neo", "numpy", "scipy", "numba", "plotly"), "ephys views"),
    **dict.fromkeys(("sqlite3", "sqlite_utils", "filelock"), "store"),
    **dict.fromkeys(("litestar", "jinja2"), "web"),
    "uvicorn": "web desktop cli",
    "webview": "desktop",
    "click": "cli",
}


def room_of(module: str) -> str:
    """The room of a module; ``cli_text.py`` and ``desktop_probe.py`` are parts of cli and desktop."""
    first = module.split(".")[0]
    return next((room for room in ("cli", "desktop") if first.startswith(f"{room}_")), first)


def imported(source: str, package: str = "labbox_local") -> Iterator[str]:
    """Full names of all modules that a source text of `package` imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*parts, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def refused(module: str, name: str) -> bool:
    """Whether `module` (a path below the package, with dots) may not import `name`."""
    room = room_of(module)
    first, *rest = name.split(".")
    if first != "labbox_local":
        return room not in ONLY_IN.get(first, room).split()
    rule = module if module in MAY_IMPORT else room
    return bool(rest) and room_of(rest[0]) not in (room, *MAY_IMPORT[rule].split())


def modules() -> dict[str, Path]:
    return {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))}


@pytest.mark.parametrize("module", modules())
def test_each_module_imports_only_what_its_room_may(module: str) -> None:
    package = ".".join(["labbox_local", *module.split(".")[:-1]])
    assert not [name for name in imported(modules()[module].read_text(), package) if refused(module, name)]


def test_every_module_belongs_to_a_room() -> None:
    assert {room_of(module) for module in modules()} <= set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("store.jobs", "import numpy as np"),
        ("web.app", "def late():\n    from spikeinterface.core import load"),
        ("web.app", "from ..store import jobs"),
        ("ephys.traces", "from labbox_local import store"),
        ("services.sorting", "from labbox_local.settings import Settings"),
        ("jobs.worker", "from labbox_local.store.workspace import Workspace"),
        ("lab", "import sqlite3"),
    ],
)
def test_a_forbidden_import_is_seen(module: str, source: str) -> None:
    package = ".".join(["labbox_local", *module.split(".")[:-1]])
    assert [name for name in imported(source, package) if refused(module, name)]


def test_allowed_imports_pass() -> None:
    source = "import json\nfrom . import base\nfrom labbox_local.ephys import traces\nimport numpy"
    assert not [name for name in imported(source, "labbox_local.views") if refused("views.table", name)]
