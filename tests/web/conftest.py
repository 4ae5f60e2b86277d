"""A Lab with some things in its library, the app that serves it, and a client with and without the cookie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from labbox_local.lab import Lab
from labbox_local.settings import Settings
from labbox_local.store import jobs, recordings, results, sortings
from labbox_local.web.app import create_app
from labbox_local.web.guard import cookie_name

PORT = 8765
ADDRESS = f"http://127.0.0.1:{PORT}"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
FACTS = {
    "format": "binary",
    "path": "/data/locust.raw",
    "channel_count": 4,
    "channel_ids": ["0", "1", "2", "3"],
    "sampling_rate_hz": 15000.0,
    "sample_counts": [431548],
    "duration_s": 28.7699,
    "dtype": "int16",
    "has_gains": False,
    "unit": "a.u.",
    "has_probe": True,
    "probe_name": "4 contacts",
    "shanks": 1,
    "groups": [0, 0, 0, 0],
    "annotations": {"is_filtered": False},
    "size_bytes": 3452384,
}
PROBE = {
    "contacts": [{"id": str(n), "x_um": 0.0, "y_um": 20.0 * n, "shank": "0", "channel_index": n} for n in range(4)],
    "contour_um": [],
    "shape": "circle",
    "radius_um": 5.0,
}
HOSTILE = "<script>alert('\"trial\"')</script>"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A Lab on a new workspace: a recording, its sorting and a failed job. It never starts a worker by itself."""
    settings = Settings(workspace=tmp_path / "workspace", file=tmp_path / "settings.json")
    with Lab(settings, owner=False) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def app(lab: Lab) -> Litestar:
    """The app that serves it."""
    return create_app(lab)


@pytest.fixture
def stranger(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """A client that was not let in; it speaks as our own pages do otherwise."""
    with TestClient(app, base_url=ADDRESS) as client:
        client.headers.update(OWN_PAGE)
        yield client


@pytest.fixture
def client(stranger: TestClient[Litestar], lab: Lab) -> TestClient[Litestar]:
    """A client with the cookie."""
    stranger.cookies.set(cookie_name(PORT), lab.token)
    return stranger


def fill(lab: Lab) -> None:
    """Recording 1 with a hostile name, sorting 1 of it, job 1 queued and job 2 failed."""
    db = lab.tools.workspace.db
    results.put(
        db, key="sorted", task="sort", version=1, params={}, blob=None, summary={}, seconds=33.0, size_bytes=1_200_000,
        packages={},
    )  # fmt: skip
    spec = {"format": "binary", "path": "/data/locust.raw", "options": {}, "probe": None}
    recordings.insert(db, name=HOSTILE, spec=spec, facts=FACTS, probe=PROBE, provenance={"class": "Binary"})
    recordings.update(db, 1, tags=["tetrode"], notes="a & b")
    sortings.insert(
        db, recording_id=1, name="tridesclous2", source="sorter", sorter="tridesclous2", params={"threshold": 6},
        params_changed={"threshold": 6}, preprocessing=[], unit_count=12, spike_count=83500, result_key="sorted",
        run_seconds=33.0,
    )  # fmt: skip
    for name in ("one", "two"):
        jobs.enqueue(
            db, task="sort", lane="batch", title=f"Sort {name}", params={"sorter": "simple", "spec": spec}, key=name,
            recording_id=1, sorting_id=1,
        )  # fmt: skip
    jobs.move(db, 2, ["queued"], "starting")
    jobs.move(
        db, 2, ["starting"], "failed", error="The sorter found no spikes.", traceback="Traceback: <b>", exit_code=1
    )
