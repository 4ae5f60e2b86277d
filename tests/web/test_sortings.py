"""A sorting's page: its frame, which asks no worker."""

from __future__ import annotations

import re

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from labbox_local.lab import Lab
from labbox_local.store import jobs, recordings, results, sortings
from labbox_local.web.sortings import _range


def test_the_page_holds_a_place_for_each_view(client: TestClient[Litestar]) -> None:
    text = client.get("/sortings/1").text
    for view in ("units_table", "autocorrelograms", "waveforms", "amplitudes"):
        assert f'hx-get="/sortings/1/views/{view}"' in text
    assert "83\u2009500" in text
    assert "tridesclous2 · 12 units" in text


def test_what_is_missing_is_offered(client: TestClient[Litestar]) -> None:
    text = client.get("/sortings/1/status").text
    assert 'data-analyzed="false"' in text
    assert 'action="/sortings/1/analyze"' in text


def test_while_it_is_computed_the_page_listens_to_the_job(client: TestClient[Litestar], lab: Lab) -> None:
    db = lab.tools.workspace.db
    job, _ = jobs.enqueue(db, task="analyze", lane="batch", title="Post-process", params={}, key="k", sorting_id=1)
    text = client.get("/sortings/1/status").text
    assert f"lab:job-{job.id} from:body" in text
    assert "Post-processing</a> queued" in text


def test_once_it_is_computed_nothing_is_said(client: TestClient[Litestar], lab: Lab) -> None:
    db = lab.tools.workspace.db
    results.put(
        db, key="a", task="analyze", version=1, params={}, blob=None, summary={}, seconds=1.0, size_bytes=0, packages={}
    )  # fmt: skip
    sortings.update(db, 1, analyzer_key="a")
    text = client.get("/sortings/1/status").text
    assert 'data-analyzed="true"' in text
    assert re.search(r">\s*</div>\s*$", text)
    assert "note" not in text


def test_a_sorting_without_recording_says_what_that_means(client: TestClient[Litestar], lab: Lab) -> None:
    db = lab.tools.workspace.db
    sortings.update(db, 1, recording_id=None)
    recordings.delete(db, 1)
    assert "has no recording" in client.get("/sortings/1").text
    assert "Sortings without a recording" in client.get("/").text


def test_it_is_renamed_and_a_bad_name_is_refused(client: TestClient[Litestar], lab: Lab) -> None:
    assert client.post("/sortings/1", data={"name": "final"}, follow_redirects=False).status_code == 303
    assert lab.sortings.get(1).name == "final"
    answer = client.post("/sortings/1", data={"name": "", "notes": "kept"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "kept" in answer.text
    assert '<form id="edit" class="panel" method="post" action="/sortings/1">' in answer.text, "unfolded"


def test_deleting_says_what_goes_and_leads_back_to_the_recording(client: TestClient[Litestar], lab: Lab) -> None:
    assert "1.2\u2009MB of results" in client.get("/sortings/1/delete").text
    answer = client.post("/sortings/1/delete", follow_redirects=False)
    assert answer.headers["location"] == "/recordings/1"
    assert list(lab.sortings()) == []


def test_provenance_is_data(client: TestClient[Litestar]) -> None:
    told = client.get("/sortings/1/provenance.json").json()
    assert (told["sorter"], told["params"], told["made_by"]["task"]) == ("tridesclous2", {"threshold": 6}, "sort")


def test_a_time_range_needs_both_ends() -> None:
    assert _range("1", "2.5") == (1.0, 2.5)
    assert _range("1", None) is _range(None, None) is None


@pytest.mark.parametrize("query", ["cursor_s=soon", "from_s=a&to_s=2"])
def test_a_time_that_is_none_is_refused_before_any_work(client: TestClient[Litestar], query: str) -> None:
    answer = client.get(f"/sortings/1/views/waveforms/data?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "number of seconds" in answer.json()["error"]
