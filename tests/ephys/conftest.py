"""What the libraries under these tests warn of by themselves."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """SpikeInterface and neo leave the files that they map to the garbage collector."""
    for ignored in ("unclosed file:ResourceWarning", "unclosed mmap:ResourceWarning"):
        config.addinivalue_line("filterwarnings", f"ignore:{ignored}")
