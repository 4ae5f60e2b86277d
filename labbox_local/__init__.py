"""Labbox Local: look at an extracellular recording, sort its spikes and judge the units, in one local program."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labbox_local.lab import Lab

__version__ = "0.1.0"
__all__ = ["Lab", "__version__"]


def __getattr__(name: str) -> object:
    """`Lab` on first use: importing the package alone stays cheap, which every worker and command pays for."""
    if name == "Lab":
        from labbox_local.lab import Lab

        return Lab
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
