"""Time notes, named chains and the rows of overviews."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labbox_local.errors import Invalid, NotFound
from labbox_local.store import notes, presets, pyramids, recordings, results
from labbox_local.store.results import Result
from labbox_local.store.workspace import Workspace

Make = Callable[..., int]


def point(**changes: Any) -> dict[str, Any]:
    return {"segment": 0, "start_sample": 100, "end_sample": None, "text": "spike train", **changes}


def test_a_note_comes_back_as_it_went(workspace: Workspace, make_recording: Make) -> None:
    number = make_recording()
    made = notes.insert(workspace.db, number, **point(end_sample=200, text="  on “ä”\n"), created_at="2026-01-02")
    expected = {"id": made.id, "recording_id": number, "created_at": "2026-01-02"}
    assert notes.get(workspace.db, made.id).plain() == {**point(end_sample=200, text="on “ä”"), **expected}


def test_notes_are_listed_in_the_order_of_the_samples(workspace: Workspace, make_recording: Make) -> None:
    number, other = make_recording("one"), make_recording("two")
    for segment, start in ((1, 5), (0, 900), (0, 30)):
        notes.insert(workspace.db, number, **point(segment=segment, start_sample=start))
    notes.insert(workspace.db, other, **point())
    assert [(n.segment, n.start_sample) for n in notes.all(workspace.db, number)] == [(0, 30), (0, 900), (1, 5)]


def test_a_note_can_be_changed_and_removed(workspace: Workspace, make_recording: Make) -> None:
    made = notes.insert(workspace.db, make_recording(), **point())
    assert notes.update(workspace.db, made.id, **point(text="other")).text == "other"
    assert notes.delete(workspace.db, made.id).text == "other"
    for gone in (notes.get, notes.delete):
        with pytest.raises(NotFound):
            gone(workspace.db, made.id)
    with pytest.raises(NotFound):
        notes.update(workspace.db, made.id, **point())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"start_sample": -1}, "start_sample"),
        ({"end_sample": 100}, "end_sample"),
    ],
)
def test_a_note_that_cannot_be_is_refused(
    workspace: Workspace, make_recording: Make, changes: dict[str, Any], field: str
) -> None:
    number = make_recording()
    with pytest.raises(Invalid) as refused:
        notes.insert(workspace.db, number, **point(**changes))
    assert list(refused.value.fields) == [field]
    assert notes.all(workspace.db, number) == []


def test_notes_and_overviews_go_with_their_recording(workspace: Workspace, make_recording: Make) -> None:
    number = make_recording()
    notes.insert(workspace.db, number, **point())
    pyramids.put(workspace.db, number, title="raw", chain=[], growing="a")
    recordings.delete(workspace.db, number)
    assert notes.all(workspace.db, number) == []
    assert pyramids.growing(workspace.db) == set()


def test_a_preset_of_the_same_name_is_replaced(workspace: Workspace) -> None:
    first = presets.put(workspace.db, " spike  band ", [{"step": "bandpass_filter", "params": {"freq_min": 300}}])
    second = presets.put(workspace.db, "spike band", [])
    assert (first.name, second.id, second.chain) == ("spike band", first.id, [])
    presets.put(workspace.db, "all", [])
    assert [preset.name for preset in presets.all(workspace.db)] == ["all", "spike band"]
    presets.delete(workspace.db, first.id)
    with pytest.raises(NotFound):
        presets.delete(workspace.db, first.id)
    with pytest.raises(Invalid):
        presets.put(workspace.db, " ", [])


def test_an_overview_has_one_row_until_and_after_it_is_whole(
    workspace: Workspace, make_recording: Make, make_result: Callable[..., Result]
) -> None:
    number, chain = make_recording(), [{"step": "rectify", "params": {}}]
    row = pyramids.put(workspace.db, number, title="Rectify", chain=chain, growing="a")
    assert pyramids.put(workspace.db, number, title="Rectify", chain=chain, growing="a") == row
    assert (row.chain, row.result_key, pyramids.growing(workspace.db)) == (chain, None, {"a"})
    pyramids.finish(workspace.db, number, "a", make_result("whole").key)
    assert [done.result_key for done in pyramids.all(workspace.db, number)] == ["whole"]
    assert pyramids.growing(workspace.db) == set()


def test_the_result_of_an_overview_is_not_cleaned_up_while_its_recording_is_there(
    workspace: Workspace, make_recording: Make, make_result: Callable[..., Result]
) -> None:
    number = make_recording()
    pyramids.put(workspace.db, number, title="raw", chain=[], growing="a")
    pyramids.finish(workspace.db, number, "a", make_result("whole").key)
    assert [found.key for found in results.unreferenced(workspace.db)] == []
    recordings.delete(workspace.db, number)
    assert [found.key for found in results.unreferenced(workspace.db)] == ["whole"]
