"""A recording's page."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from labbox_local.lab import Lab
from labbox_local.store import recordings, results
from tests.web.conftest import PROBE

UNTOLD: dict[str, Any] = {
    "version": 1, "params": {}, "blob": None, "seconds": 1.0, "size_bytes": 0, "packages": {},
}  # fmt: skip


def attribute(text: str, name: str) -> object:
    """A data attribute of a page, as the scripts read it."""
    found = re.search(rf'{name}="([^"]*)"', text)
    assert found is not None
    return json.loads(html.unescape(found.group(1)))


def measure(lab: Lab) -> None:
    """What a measurement would have left."""
    db = lab.tools.workspace.db
    summary = {"noise": [5.0, 6.0, 7.0, 90.0], "noise_unit": "µV", "bad_channels": [{"id": "3", "label": "noisy"}]}
    results.put(db, key="m", task="measure", summary=summary, **UNTOLD)
    recordings.update(db, 1, measure_key="m")


def test_the_probe_is_given_to_the_drawing_with_the_noise_of_each_channel(
    client: TestClient[Litestar], lab: Lab
) -> None:
    measure(lab)
    assert attribute(client.get("/recordings/1").text, "data-probe") == {
        "probe": PROBE,
        "channels": ["0", "1", "2", "3"],
        "noise": [5.0, 6.0, 7.0, 90.0],
        "noise_unit": "µV",
        "bad": ["", "", "", "noisy"],
    }


def test_before_the_measurement_the_probe_asks_again(client: TestClient[Litestar], lab: Lab) -> None:
    before = client.get("/recordings/1/probe").text
    assert "being measured" in before
    assert 'hx-get="/recordings/1/probe"' in before
    measure(lab)
    after = client.get("/recordings/1/probe").text
    assert "6.50 µV" in after, "the median"
    assert "hx-get" not in after


def test_its_sortings_and_jobs_are_listed(client: TestClient[Litestar]) -> None:
    text = client.get("/recordings/1/made").text
    for fact in (
        "tridesclous2",
        "83\u2009500",
        "threshold = 6",
        "33.0\u2009s",
        "Sort two",
        "failed",
        "The sorter found no spikes.",
    ):
        assert fact in text, fact


def test_name_notes_and_tags_are_changed(client: TestClient[Litestar], lab: Lab) -> None:
    entered = {"name": "  day   2 ", "tags": "tetrode, locust,, tetrode", "notes": "a\nb"}
    answer = client.post("/recordings/1", data=entered, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/recordings/1")
    recording = lab.recordings.get(1)
    assert (recording.name, recording.tags, recording.notes) == ("day 2", ["tetrode", "locust"], "a\nb")


def test_a_name_that_cannot_be_is_refused_at_its_field_and_kept(client: TestClient[Litestar], lab: Lab) -> None:
    before = lab.recordings.get(1)
    answer = client.post("/recordings/1", data={"name": "   ", "notes": "new notes"})
    assert answer.status_code == 422
    assert answer.headers["hx-push-url"] == "false"
    assert re.search(r'name="name" value="   " aria-invalid="true"', answer.text)
    assert re.search(r'<p class="error" id="r-name-error">[A-Z][^<]+\.</p>', answer.text)
    assert "new notes" in answer.text
    assert lab.recordings.get(1) == before


def test_deleting_says_first_what_goes(client: TestClient[Litestar], lab: Lab) -> None:
    text = " ".join(client.get("/recordings/1/delete").text.split())
    assert "1 sorting" in text
    assert "1 job" in text
    assert 'The raw data stays: <span class="mono">/data/locust.raw</span>' in text
    assert lab.recordings.get(1)


def test_deleting_takes_the_sortings_along(client: TestClient[Litestar], lab: Lab) -> None:
    answer = client.post("/recordings/1/delete", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert list(lab.recordings()) == []
    assert list(lab.sortings()) == []
    assert client.get("/recordings/1").status_code == 404
    assert client.post("/recordings/1/delete").status_code == 404


def test_a_file_that_is_gone_is_said_with_a_way_to_find_it(
    client: TestClient[Litestar], lab: Lab, tmp_path: Path
) -> None:
    gone = {"path": str(tmp_path / "moved.raw"), "size_bytes": 1, "mtime_ns": 1, "sample_sha256": ""}
    recordings.update(lab.tools.workspace.db, 1, fingerprint={"files": [gone], "sha256": ""})
    text = client.get("/recordings/1").text
    assert "is not there any more" in text
    assert 'action="/recordings/1/locate"' in text
    assert "file missing" in client.get("/").text


def test_a_file_that_changed_is_said(client: TestClient[Litestar], lab: Lab, tmp_path: Path) -> None:
    changed = tmp_path / "changed.raw"
    changed.write_bytes(b"12345")
    seen = {"path": str(changed), "size_bytes": 4, "mtime_ns": 1, "sample_sha256": ""}
    recordings.update(lab.tools.workspace.db, 1, fingerprint={"files": [seen], "sha256": ""})
    text = client.get("/recordings/1").text
    assert re.search(r"changed\.raw has changed: .*\b4 bytes\b.*\b5\b", text)
    assert "/locate" not in text


def test_provenance_is_data_to_be_saved(client: TestClient[Litestar]) -> None:
    told = client.get("/recordings/1/provenance.json").json()
    assert told["spikeinterface"] == {"class": "Binary"}
    assert 'href="/recordings/1/provenance.json" download=' in client.get("/recordings/1").text
