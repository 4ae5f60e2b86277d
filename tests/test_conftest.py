"""Nothing missing goes unnoticed where nothing may be missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPING = """
import pytest
def test_inside(): pytest.skip("no data here")
@pytest.mark.skipif(True, reason="no window here")
def test_marked(): pass
def test_data(data): pass
@pytest.mark.xfail(reason="known")
def test_known(): assert False
def test_fine(): pass
"""
MISSING = 'import pytest\npytest.importorskip("package_that_nobody_has")\n'


@pytest.mark.parametrize(
    ("no_skip", "counted"),
    [("1", "1 failed, 1 passed, 1 xfailed, 3 errors"), ("", "1 passed, 4 skipped, 1 xfailed")],
)
def test_what_is_skipped_elsewhere_fails_when_nothing_may_be_skipped(
    tmp_path: Path, no_skip: str, counted: str
) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPING)
    (tmp_path / "test_missing.py").write_text(MISSING)
    here = Path(__file__).parent
    environ = {
        **os.environ, "LABBOX_NO_SKIP": no_skip, "LABBOX_TEST_DATA": str(tmp_path / "none"),
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)]),
    }  # fmt: skip
    options = ["-q", "-rA", "-p", "conftest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    command = [sys.executable, "-m", "pytest", *options, "--continue-on-collection-errors", str(tmp_path)]
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert counted in done.stdout
    assert done.returncode == (1 if no_skip else 0)
    assert "no data here" in done.stdout
