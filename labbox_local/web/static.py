"""Styles, scripts and images, and the Plotly script of the installed package.

An address with the file's version (``?v=``) may be kept for ever; any other is asked for again, and answered 304 when
nothing changed, since the imports between script modules carry no version.
"""

from __future__ import annotations

from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from labbox_local.errors import NotFound
from labbox_local.web import assets

PLOTLY = "vendor-py/plotly.min.js"
FOR_EVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"
# Not every machine's table of media types is right about scripts, and a wrong one keeps a module from running.
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def asset_url(name: str) -> str:
    """The address of a static file, with a version that changes when the file does."""
    path = located(name)
    return f"/static/{name}?v={version(path)}" if path else f"/static/{name}"


def version(path: Path) -> str:
    """Short, and different after every change of the file."""
    seen = path.stat()
    return f"{seen.st_mtime_ns:x}-{seen.st_size:x}"


def located(name: str) -> Path | None:
    """The file of this name, or None; never one outside the static folder."""
    if name == PLOTLY:
        return assets.plotly_js()
    root = _root()
    if "\0" in name:
        return None
    path = (root / name).resolve()
    return path if path.is_relative_to(root) and path.is_file() else None


@lru_cache(maxsize=1)
def _root() -> Path:
    return assets.static_dir().resolve()


@get("/static/{name:path}", sync_to_thread=True)
def static_file(request: Request[Any, Any, Any], name: FromPath[Path]) -> Response[bytes]:
    """One file."""
    path = located(name.as_posix().lstrip("/"))
    if path is None:
        raise NotFound(f"There is no file {name}.")
    tag = f'"{version(path)}"'
    kept = FOR_EVER if request.query_params.get("v") == version(path) else ASK_AGAIN
    headers = {"ETag": tag, "Cache-Control": kept}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers, media_type="text/plain")
    kind = MEDIA_TYPES.get(path.suffix) or guess_type(path.name)[0] or "application/octet-stream"
    return Response(path.read_bytes(), headers=headers, media_type=kind)
