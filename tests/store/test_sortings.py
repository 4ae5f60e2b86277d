"""Sortings: of a recording or alone, pointing to results that are there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from labbox_local.errors import Conflict, Invalid, NotFound
from labbox_local.store import jobs, recordings, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.results import Result
from labbox_local.store.workspace import Workspace

Make = Callable[..., int]


def test_a_sorting_comes_back_as_it_went(
    workspace: Workspace, make_recording: Make, make_result: Callable[..., Result]
) -> None:
    make_result("r")
    make_result("a")
    values = {
        "recording_id": make_recording(), "name": "first", "source": "sorter", "sorter": "tridesclous2",
        "params": {"a": 1, "b.c": [1, 2]}, "params_changed": {"a": 1},
        "preprocessing": [{"step": "bandpass_filter", "params": {"freq_min": 300.0}}],
        "unit_count": 4, "spike_count": 10, "result_key": "r", "analyzer_key": "a", "run_seconds": 2.5,
        "created_at": "2026-01-02T03:04:05.678Z", "notes": "n", "labels": {"1": "good"},
    }  # fmt: skip
    found = sortings.get(workspace.db, sortings.insert(workspace.db, **values))  # type: ignore[arg-type]
    assert {name: getattr(found, name) for name in values} == values


def test_a_sorting_needs_no_recording(workspace: Workspace, make_recording: Make, make_sorting: Make) -> None:
    of_recording, alone = make_sorting(make_recording()), make_sorting(None, source="import")
    assert [found.id for found in sortings.all(workspace.db)] == [alone, of_recording]
    assert [found.id for found in sortings.loose(workspace.db)] == [alone]


def test_sortings_are_listed_and_counted_by_recording(
    workspace: Workspace, make_recording: Make, make_sorting: Make
) -> None:
    one, two, bare = make_recording(), make_recording(), make_recording()
    made = [make_sorting(one), make_sorting(two), make_sorting(one)]
    make_sorting(None)
    assert [found.id for found in sortings.all(workspace.db, recording_id=one)] == [made[2], made[0]]
    assert sortings.all(workspace.db, recording_id=bare) == []
    assert sortings.counts_by_recording(workspace.db) == {one: 2, two: 1}


@pytest.mark.parametrize("wrong", [{"result_key": "gone"}, {"analyzer_key": "gone"}, {"recording_id": 7}])
def test_it_cannot_point_to_what_is_gone(
    workspace: Workspace, make_result: Callable[..., Result], wrong: dict[str, object]
) -> None:
    make_result("r")
    values = {
        "recording_id": None, "name": "a", "source": "sorter", "unit_count": 1, "spike_count": 1, "result_key": "r",
    }  # fmt: skip
    with pytest.raises(Conflict, match="no longer in the workspace"):
        sortings.insert(workspace.db, **{**values, **wrong})  # type: ignore[arg-type]
    assert sortings.all(workspace.db) == []


def test_an_unknown_source_is_a_mistake(workspace: Workspace, make_sorting: Make) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        make_sorting(None, source="guess")


def test_changes_are_kept_and_given_back(
    workspace: Workspace, make_recording: Make, make_sorting: Make, make_result: Callable[..., Result]
) -> None:
    number = make_sorting(None)
    make_result("a")
    changes = {
        "name": "new", "notes": "n", "labels": {"3": "mua"}, "recording_id": make_recording(), "analyzer_key": "a",
    }  # fmt: skip
    changed = sortings.update(workspace.db, number, **changes)
    assert {name: getattr(changed, name) for name in changes} == changes
    assert sortings.update(workspace.db, number) == changed


def test_a_change_that_cannot_be_changes_nothing(workspace: Workspace, make_sorting: Make) -> None:
    before = sortings.get(workspace.db, make_sorting(None))
    with pytest.raises(Conflict, match="no longer in the workspace"):
        sortings.update(workspace.db, before.id, name="new", analyzer_key="gone")
    with pytest.raises(Invalid, match="A name is needed"):
        sortings.update(workspace.db, before.id, name="")
    with pytest.raises(ValueError, match="result_key cannot be changed"):
        sortings.update(workspace.db, before.id, result_key="x")
    assert sortings.get(workspace.db, before.id) == before


def test_an_unknown_sorting_is_not_found(workspace: Workspace) -> None:
    for act in (sortings.get, sortings.delete, sortings.update):
        with pytest.raises(NotFound, match="no sorting 7"):
            act(workspace.db, 7)


def test_deleting_ends_its_jobs_and_keeps_the_recording(
    workspace: Workspace, make_recording: Make, make_sorting: Make, make_job: Callable[..., Job]
) -> None:
    recording = make_recording()
    number = make_sorting(recording)
    job = make_job("a", recording_id=recording, sorting_id=number)
    sortings.delete(workspace.db, number)
    assert sortings.all(workspace.db) == []
    assert recordings.get(workspace.db, recording).id == recording
    ended = jobs.get(workspace.db, job.id)
    assert (ended.state, ended.sorting_id, ended.recording_id) == ("cancelled", None, recording)
