"""Where templates, styles and scripts lie: at the top of a checkout, or inside the installed package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from labbox_local.errors import Unavailable

PACKAGE = Path(__file__).resolve().parents[1]


def templates_dir() -> Path:
    """The folder of the templates."""
    return _folder("templates")


def static_dir() -> Path:
    """The folder that is served under ``/static``, the browser libraries in its ``vendor`` included."""
    return _folder("static")


def plotly_js() -> Path:
    """The script that comes with plotly; found without importing plotly, which takes longer than a page may."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise Unavailable("plotly is not installed, so no figure can be drawn.", "pip install plotly")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def _folder(name: str) -> Path:
    inside = PACKAGE / f"_{name}"
    return inside if inside.is_dir() else PACKAGE.parent / name
