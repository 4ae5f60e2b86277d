"""Large recordings in the viewer: opened at once, seen anywhere, with memory that does not grow with them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from labbox_local.ephys import frames
from labbox_local.lab import Lab
from labbox_local.services import tracing
from labbox_local.settings import Settings
from labbox_local.web.app import create_app
from labbox_local.web.guard import cookie_name

from .conftest import ADDRESS, OWN_PAGE, PORT

RATE_HZ = 30_000
MEGABYTE = 1_000_000
MOST_MORE = 500 * MEGABYTE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Peaks of memory are read from /proc."),
]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Lab, TestClient[Litestar]]]:
    settings = Settings(workspace=tmp_path / "workspace", file=tmp_path / "settings.json")
    with Lab(settings) as lab, TestClient(create_app(lab), base_url=ADDRESS) as client:
        client.headers.update({**OWN_PAGE, "Accept": "application/json"})
        client.cookies.set(cookie_name(PORT), lab.token)
        yield lab, client


def peaks() -> dict[int, int]:
    """Largest memory so far of this process, which is the server, and of its workers, in bytes."""
    own = psutil.Process()
    found = {}
    for process in [own, *own.children(recursive=True)]:
        text = Path(f"/proc/{process.pid}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith("VmHWM"))
        found[process.pid] = int(line.split()[1]) * 1024
    return found


def more_than(before: dict[int, int]) -> int:
    return max(now - before.get(pid, now) for pid, now in peaks().items())


def frame(client: TestClient[Litestar], number: int, **query: Any) -> tuple[dict[str, Any], Any, float]:
    began = time.perf_counter()
    answer = client.get(f"/recordings/{number}/frame", params={"segment": 0, "columns": 1600, **query})
    assert answer.status_code == 200, answer.text
    return *frames.planes_of(answer.content), time.perf_counter() - began


def warmed(lab: Lab, client: TestClient[Litestar], folder: Path) -> dict[int, int]:
    """Memory once a small recording was looked at, so that all is imported and compiled."""
    path = folder / "small.raw"
    np.zeros((RATE_HZ, 4), dtype=np.int16).tofile(path)
    options = {"sampling_frequency": RATE_HZ, "num_channels": 4, "dtype": "int16"}
    small = lab.recordings.import_(str(path), "binary", **options)
    frame(client, small.id, start=0, count=RATE_HZ)
    for job in lab.jobs():
        lab.jobs.wait(job.id)
    return peaks()


def test_an_hour_of_384_channels_opens_at_once_and_is_seen_anywhere(
    served: tuple[Lab, TestClient[Litestar]], tmp_path: Path
) -> None:
    lab, client = served
    path, channels, samples = tmp_path / "hour.raw", 384, 3600 * RATE_HZ
    tile = np.random.default_rng(0).normal(0, 50, size=(RATE_HZ, channels)).astype(np.int16)
    places = [0, 50_000_000, samples - RATE_HZ]
    with path.open("wb") as file:
        for place in places:
            file.seek(place * channels * 2)
            file.write(tile.tobytes())
    assert path.stat().st_size == 82_944_000_000
    before = warmed(lab, client, tmp_path)

    began = time.perf_counter()
    options = {"sampling_frequency": RATE_HZ, "num_channels": channels, "dtype": "int16"}
    recording = lab.recordings.import_(str(path), "binary", **options)
    opened_s = time.perf_counter() - began

    for place in places:
        _, planes, seconds = frame(client, recording.id, start=place + 100, count=1000)
        np.testing.assert_array_equal(planes[0], tile[100:1100].T)
        header, planes, seconds = frame(client, recording.id, start=place, count=RATE_HZ)
        assert planes[1].max() == tile.max()
        assert seconds < 2.0
    header, planes, wide_s = frame(client, recording.id, start=0, count=samples)
    lab.jobs.finished(lab.jobs()[0])
    assert header["built"] == []
    assert "build the overview" in header["message"]
    more = more_than(before)
    print(f"opened in {opened_s:.2f} s, the whole hour in {wide_s:.2f} s, {more / MEGABYTE:.0f} MB more than before")
    assert opened_s < 5.0
    assert wide_s < 5.0
    assert more < MOST_MORE


def test_ten_minutes_of_64_channels_get_their_overview_in_bounded_memory(
    served: tuple[Lab, TestClient[Litestar]], tmp_path: Path
) -> None:
    lab, client = served
    path, channels, samples = tmp_path / "minutes.raw", 64, 600 * RATE_HZ
    tile = np.random.default_rng(0).normal(0, 50, size=(10 * RATE_HZ, channels)).astype(np.int16)
    with path.open("wb") as file:
        for _ in range(60):
            file.write(tile.tobytes())
    before = warmed(lab, client, tmp_path)
    options = {"sampling_frequency": RATE_HZ, "num_channels": channels, "dtype": "int16"}
    recording = lab.recordings.import_(str(path), "binary", **options)

    lab.jobs.finished(lab.jobs()[0])
    measured = more_than(before)
    began = time.perf_counter()
    lab.jobs.finished(tracing.build_pyramid(lab.tools, recording.id))
    built_s = time.perf_counter() - began
    header, planes, seconds = frame(client, recording.id, start=0, count=samples)

    more = more_than(before)
    print(f"built in {built_s:.2f} s, seen in {seconds:.3f} s, {more / MEGABYTE:.0f} MB more than before,")
    print(f"{measured / MEGABYTE:.0f} MB of these by the measurement of the channels")
    assert (header["source"], header["coverage"], header["sample_count"]) == ("pyramid", 1.0, samples)
    assert (planes[0].min(), planes[1].max()) == (tile.min(), tile.max())
    assert more < MOST_MORE
    assert os.path.getsize(path) == 2 * channels * samples
