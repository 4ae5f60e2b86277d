"""The pages of jobs."""

from __future__ import annotations

import re

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from labbox_local.lab import Lab
from labbox_local.store import jobs


def titles(text: str) -> list[str]:
    """The jobs of a page."""
    return re.findall(r'<td class="name"><a[^>]*>([^<]*)</a>', text)


@pytest.mark.parametrize(
    ("show", "found"),
    [
        ("", ["Sort two", "Sort one"]),
        ("active", ["Sort one"]),
        ("failed", ["Sort two"]),
        ("done", []),
        ("x", ["Sort two", "Sort one"]),
    ],
)
def test_the_filter_leaves_jobs_of_its_states(client: TestClient[Litestar], show: str, found: list[str]) -> None:
    assert titles(client.get("/jobs", params={"show": show}).text) == found
    assert titles(client.get("/jobs/rows", params={"show": show}).text) == found


def test_an_empty_list_says_so(client: TestClient[Litestar]) -> None:
    assert "No job is cancelled" in client.get("/jobs?show=cancelled").text


def test_the_header_counts(client: TestClient[Litestar]) -> None:
    pill = client.get("/jobs/pill").text
    assert "1 queued" in pill
    assert "1 failed" in pill
    assert "running" not in pill
    assert "1 queued" in client.get("/about").text


def test_a_failed_job_says_why_in_a_sentence_with_the_traceback_folded(client: TestClient[Litestar]) -> None:
    text = client.get("/jobs/2").text
    assert "The sorter found no spikes." in text
    assert re.search(
        r"<details class=\"fold\" id=\"traceback\"><summary>Traceback</summary><pre[^>]*>Traceback: &lt;b&gt;", text
    )
    assert 'action="/jobs/2/retry"' in text
    assert 'action="/jobs/2/cancel"' not in text


def test_a_waiting_job_can_be_cancelled_and_says_why_it_waits(client: TestClient[Litestar], lab: Lab) -> None:
    jobs.wait_for(lab.tools.workspace.db, 1, "Another sorter runs.")
    text = client.get("/jobs/1/state").text
    assert "Another sorter runs." in text
    assert 'data-job-live="true"' in text
    assert 'action="/jobs/1/cancel"' in text


def test_the_same_work_is_given_as_a_command(client: TestClient[Litestar]) -> None:
    assert "labbox-local sort 1 --sorter simple" in client.get("/jobs/1").text


def test_progress_is_shown_with_its_stage(client: TestClient[Litestar], lab: Lab) -> None:
    db = lab.tools.workspace.db
    jobs.move(db, 1, ["queued"], "starting")
    jobs.move(db, 1, ["starting"], "running")
    jobs.progress(db, 1, "detecting peaks", 0.25)
    text = client.get("/jobs/1/state").text
    assert "detecting peaks, 25 %" in text
    assert '<progress aria-label="Progress" value="0.25" max="1">' in text
    assert "detecting peaks" in client.get("/jobs").text


def test_the_log_is_read_on_from_where_one_was(client: TestClient[Litestar], lab: Lab) -> None:
    path = lab.tools.workspace.log_path(1)
    path.write_text("first <line>\nsecond\nthird, unfinished", encoding="utf-8")
    assert "first &lt;line&gt;\nsecond\n</pre>" in client.get("/jobs/1").text
    chunk = client.get("/jobs/1/log?offset=13").json()
    assert (chunk["text"], chunk["partial"], chunk["next_offset"]) == ("second\n", "third, unfinished", 20)


def test_a_job_without_a_log_has_an_empty_one(client: TestClient[Litestar]) -> None:
    assert client.get("/jobs/2/log").json()["text"] == ""


def test_cancelling_a_waiting_job(client: TestClient[Litestar], lab: Lab) -> None:
    answer = client.post("/jobs/1/cancel", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/jobs/1")
    assert lab.jobs.get(1).state == "cancelled"


def test_retrying_makes_a_new_job(client: TestClient[Litestar], lab: Lab) -> None:
    answer = client.post("/jobs/2/retry", follow_redirects=False)
    assert answer.headers["location"] == "/jobs/3"
    assert lab.jobs.get(3).retry_of == 2


def test_what_cannot_be_retried_says_so(client: TestClient[Litestar]) -> None:
    assert client.post("/jobs/1/retry").status_code == 409


def test_jobs_that_do_not_exist(client: TestClient[Litestar]) -> None:
    for path in ("/jobs/99", "/jobs/99/state", "/jobs/99/log"):
        assert client.get(path).status_code == 404, path
