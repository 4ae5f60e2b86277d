"""Recordings and what hangs on them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labbox_local.errors import Conflict, Invalid, NotFound
from labbox_local.store import jobs, recordings, results, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.names import checked_name, checked_tags
from labbox_local.store.results import Result
from labbox_local.store.workspace import Workspace

Make = Callable[..., int]


def test_a_recording_comes_back_as_it_went(workspace: Workspace, make_result: Callable[..., Result]) -> None:
    make_result("example")
    values = {
        "name": "locust <1> \"ä\"", "spec": {"format": "binary", "path": "/é", "options": {"dtype": "int16"}},
        "facts": {"channel_ids": [0, 1], "has_gains": False}, "probe": {"contacts": [{"x_um": 1.5}]},
        "provenance": {"class": "X"}, "fingerprint": {"size": 3}, "result_key": "example", "notes": "N\nM",
        "tags": ["rat", "ca1"], "created_at": "2026-01-02T03:04:05.678Z",
    }  # fmt: skip
    found = recordings.get(workspace.db, recordings.insert(workspace.db, **values))  # type: ignore[arg-type]
    assert {name: getattr(found, name) for name in values} == values
    assert found.measure_key is None


def test_what_may_be_missing_is_none_or_empty(workspace: Workspace, make_recording: Make) -> None:
    found = recordings.get(workspace.db, make_recording())
    assert (found.probe, found.fingerprint, found.measure_key, found.result_key) == (None, None, None, None)
    assert (found.notes, found.tags) == ("", [])


def test_recordings_are_listed_newest_first(workspace: Workspace, make_recording: Make) -> None:
    made = [make_recording(name) for name in "abc"]
    assert [found.id for found in recordings.all(workspace.db)] == made[::-1]


def test_an_unknown_recording_is_not_found(workspace: Workspace) -> None:
    for act in (recordings.get, recordings.delete, recordings.update):
        with pytest.raises(NotFound, match="no recording 7"):
            act(workspace.db, 7)


def test_changes_are_kept_and_given_back(
    workspace: Workspace, make_recording: Make, make_result: Callable[..., Result]
) -> None:
    make_result("measured")
    number = make_recording()
    changes = {"name": "new", "notes": "n", "tags": ["x"], "measure_key": "measured", "provenance": {"by": "me"}}
    changed = recordings.update(workspace.db, number, **changes)
    assert {name: getattr(changed, name) for name in changes} == changes
    assert changed == recordings.get(workspace.db, number)
    assert recordings.update(workspace.db, number) == changed


@pytest.mark.parametrize("name", ["id", "created_at", "result_key", "colour"])
def test_what_never_changes_cannot_be_changed(workspace: Workspace, make_recording: Make, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} cannot be changed"):
        recordings.update(workspace.db, make_recording(), **{name: "x"})


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_name_that_cannot_be_is_said_at_its_field(workspace: Workspace, make_recording: Make, name: str) -> None:
    number = make_recording("kept")
    for act in (lambda: make_recording(name), lambda: recordings.update(workspace.db, number, name=name)):
        with pytest.raises(Invalid) as caught:
            act()
        assert list(caught.value.fields) == ["name"]
    assert [found.name for found in recordings.all(workspace.db)] == ["kept"]


def test_names_and_tags_are_tidied() -> None:
    assert checked_name("  a\n b\t ") == "a b"
    assert checked_tags([" rat ", "rat", "", "ca  1"]) == ["rat", "ca 1"]
    with pytest.raises(Invalid, match="tags: A tag may have at most"):
        checked_tags(["x" * 201])


def test_data_that_is_gone_cannot_be_pointed_to(workspace: Workspace, make_recording: Make) -> None:
    with pytest.raises(Conflict, match="no longer in the workspace"):
        make_recording(result_key="gone")
    number = make_recording()
    with pytest.raises(Conflict, match="no longer in the workspace"):
        recordings.update(workspace.db, number, measure_key="gone")


def test_dependents_are_counted_once_each(
    workspace: Workspace, make_recording: Make, make_sorting: Make, make_job: Callable[..., Job]
) -> None:
    number, other = make_recording(), make_recording()
    first, _, _ = make_sorting(number), make_sorting(number), make_sorting(other)
    make_job("a", recording_id=number)
    make_job("b", recording_id=number, sorting_id=first)
    make_job("c", sorting_id=first)
    make_job("d", recording_id=other)
    ended = make_job("e", recording_id=number)
    jobs.request_cancel(workspace.db, ended.id)
    assert recordings.dependents(workspace.db, number) == {"sortings": 2, "active_jobs": 3}


def test_deleting_takes_sortings_along_and_ends_jobs(
    workspace: Workspace, make_recording: Make, make_sorting: Make, make_job: Callable[..., Job]
) -> None:
    number, other = make_recording("gone"), make_recording("stays")
    sorting, kept = make_sorting(number), make_sorting(other)
    running = make_job("a", recording_id=number)
    jobs.claim(workspace.db, "batch")
    waiting, untouched = make_job("b", sorting_id=sorting), make_job("c", recording_id=other)
    recordings.delete(workspace.db, number)
    assert [found.name for found in recordings.all(workspace.db)] == ["stays"]
    assert [found.id for found in sortings.all(workspace.db)] == [kept]
    seen = [jobs.get(workspace.db, job.id) for job in (running, waiting, untouched)]
    assert [(job.state, job.cancel_requested) for job in seen] == [
        ("starting", True), ("cancelled", True), ("queued", False),
    ]  # fmt: skip
    assert results.get(workspace.db, "sorted").key == "sorted"


def test_a_deletion_in_a_transaction_that_fails_is_none(workspace: Workspace, make_recording: Make) -> None:
    number = make_recording()

    def delete_and_fail() -> None:
        with workspace.transaction() as db:
            recordings.delete(db, number)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        delete_and_fail()
    assert recordings.get(workspace.db, number).id == number


def test_the_number_of_a_recording_is_never_used_again(workspace: Workspace, make_recording: Make) -> None:
    number = make_recording()
    recordings.delete(workspace.db, number)
    assert make_recording() > number
