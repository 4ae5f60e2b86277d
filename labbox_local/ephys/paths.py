"""A path that a person typed, made absolute and checked, with a sentence for each way it can be wrong."""

from __future__ import annotations

import os
from pathlib import Path

from labbox_local.errors import Invalid


def existing(path: str | Path, field: str = "path") -> Path:
    """`path` made absolute; it exists and may be read.

    Raises
    ------
    Invalid
        At `field`, when it is empty, missing, forbidden or cannot be a path at all.
    """
    text = os.fspath(path).strip()
    if not text:
        raise Invalid({field: "A path is needed here."})
    if "\0" in text:
        raise Invalid({field: "This cannot be a path: it holds a NUL character."})
    try:
        resolved = Path(text).expanduser().absolute()
        exists = resolved.exists()
    except PermissionError:
        raise Invalid({field: f"You have no permission to look into {Path(text).parent}."}) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise Invalid({field: f"“{text[:200]}” cannot be a path: {error}."}) from None
    if not exists:
        raise Invalid({field: f"There is nothing at {resolved}{_nearest(resolved)}."})
    if not os.access(resolved, os.R_OK | os.X_OK if resolved.is_dir() else os.R_OK):
        raise Invalid({field: f"You have no permission to read {resolved}."})
    return resolved


def existing_file(path: str | Path, field: str = "path") -> Path:
    """`path` as `existing`, and it is a file with at least one byte."""
    found = existing(path, field)
    if not found.is_file():
        raise Invalid({field: f"{found} is a folder; a file is needed here."})
    if found.stat().st_size == 0:
        raise Invalid({field: f"{found} is empty (0 bytes)."})
    return found


def _nearest(path: Path) -> str:
    parent = next((parent for parent in path.parents if os.access(parent, os.X_OK) and parent.exists()), None)
    if parent is None or parent == path.parent:
        return ""
    return f"; the path is right up to {parent}"
