"""Fixtures that every room's tests may use, and the switch that lets nothing be skipped."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from labbox_local.store.workspace import Workspace

ROOT = Path(__file__).parents[1]
NO_SKIP = os.environ.get("LABBOX_NO_SKIP") == "1"
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real recordings and sortings: LABBOX_TEST_DATA, or shared/data beside the project."""
    place = Path(os.environ.get("LABBOX_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not (place / "INDEX.md").is_file():
        pytest.skip(f"The test recordings are not in {place}; set LABBOX_TEST_DATA to the folder that holds them.")
    return place


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A new workspace, closed afterwards."""
    with Workspace.open(tmp_path / "workspace") as opened:
        yield opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under LABBOX_NO_SKIP=1 a test that finds something missing fails."""
    return _without_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Under LABBOX_NO_SKIP=1 a test file that finds something missing fails."""
    return _without_skip((yield))


def _without_skip(report: Report) -> Report:
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped under LABBOX_NO_SKIP=1, but: {reason}"
    return report
