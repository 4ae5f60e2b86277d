"""The start loads nothing that the server does not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labbox_local.desktop_quick import unused_hidden

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from labbox_local.desktop_quick import unused_hidden
with unused_hidden():
    import labbox_local.lab, labbox_local.web.app, labbox_local.desktop
print(*sorted({name.partition(".")[0] for name in sys.modules}))
import numpy
print(numpy.int16(3))
"""


def test_a_hidden_package_seems_absent_and_is_there_again_afterwards() -> None:
    assert "this" not in sys.modules
    with unused_hidden(("this", "json")), pytest.raises(ModuleNotFoundError):
        import this  # noqa: F401
    assert "this" not in sys.modules


def test_what_is_loaded_already_stays_in_reach() -> None:
    with unused_hidden(("json",)):
        import json

        assert json.loads("1") == 1
    assert sys.modules["json"] is json


def test_the_server_has_no_science_and_the_process_can_still_import_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    loaded, number = done.stdout.splitlines()
    assert not {"spikeinterface", "numba", "plotly", "numpy", "pandas", "pydantic", "webview"} & set(loaded.split())
    assert {"litestar", "uvicorn", "sqlite_utils"} <= set(loaded.split())
    assert number == "3"
