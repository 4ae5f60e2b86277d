"""Jobs: one per key while active, claimed once, moved only from where they are."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from labbox_local.errors import Conflict, NotFound
from labbox_local.store import jobs, recordings
from labbox_local.store.jobs import ACTIVE, ENDED, NEXT, Job
from labbox_local.store.workspace import Workspace

MakeJob = Callable[..., Job]


def in_threads(number: int, work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def put_in(workspace: Workspace, job: Job, state: str) -> None:
    """Takes the way that jobs take to a state."""
    way = {
        "queued": [],
        "starting": ["starting"],
        "running": ["starting", "running"],
        "done": ["starting", "running", "done"],
    }
    before = "queued"
    for step in way.get(state, ["starting", state]):
        assert jobs.move(workspace.db, job.id, before, step)
        before = step


def test_a_new_job_waits_with_all_that_was_given(workspace: Workspace, make_job: MakeJob) -> None:
    job = make_job(
        "k", params={"sorter": "simple", "spec": {"path": "/ä"}}, on_done={"name": "first"}, needs=["r1", "r2"],
        created_at="2026-01-02T03:04:05.678Z",
    )  # fmt: skip
    assert job == jobs.get(workspace.db, job.id)
    assert (job.state, job.stage, job.progress, job.cancel_requested) == ("queued", "", None, False)
    assert job.params == {"sorter": "simple", "spec": {"path": "/ä"}}
    assert (job.on_done, job.needs, job.created_at) == ({"name": "first"}, ["r1", "r2"], "2026-01-02T03:04:05.678Z")
    assert job.active


def test_asking_twice_for_the_same_is_one_job(workspace: Workspace) -> None:
    values: dict[str, Any] = {"task": "sort", "lane": "batch", "title": "Sort", "params": {}, "key": "k"}
    first, created = jobs.enqueue(workspace.db, **values)
    again, created_again = jobs.enqueue(workspace.db, **values)
    assert (created, created_again) == (True, False)
    assert again == first


@pytest.mark.parametrize("state", ["starting", "running"])
def test_an_active_job_keeps_its_key(workspace: Workspace, make_job: MakeJob, state: str) -> None:
    job = make_job("k")
    put_in(workspace, job, state)
    assert make_job("k").id == job.id


@pytest.mark.parametrize("state", ENDED)
def test_an_ended_job_leaves_its_key(workspace: Workspace, make_job: MakeJob, state: str) -> None:
    job = make_job("k")
    put_in(workspace, job, state)
    again = make_job("k", retry_of=job.id)
    assert again.id > job.id
    assert again.retry_of == job.id


def test_many_threads_asking_for_the_same_make_one_job(workspace: Workspace, make_job: MakeJob) -> None:
    seen: list[int] = []
    in_threads(8, lambda: seen.append(make_job("k").id))
    assert len(seen) == 8
    assert len(set(seen)) == 1


def test_the_oldest_of_the_lane_is_claimed(workspace: Workspace, make_job: MakeJob) -> None:
    first, _, other = make_job("a"), make_job("b"), make_job("c", lane="interactive")
    claimed = jobs.claim(workspace.db, "batch", started_at="2026-01-02T03:04:05.678Z")
    assert claimed is not None
    assert (claimed.id, claimed.state, claimed.started_at) == (first.id, "starting", "2026-01-02T03:04:05.678Z")
    assert claimed == jobs.get(workspace.db, first.id)
    assert jobs.get(workspace.db, other.id).state == "queued"


def test_an_empty_lane_gives_nothing(workspace: Workspace) -> None:
    assert jobs.claim(workspace.db, "batch") is None


def test_each_job_is_claimed_by_one_thread_only(workspace: Workspace, make_job: MakeJob) -> None:
    made = [make_job(f"{number}").id for number in range(60)]
    seen: list[int] = []

    def claim_all() -> None:
        while job := jobs.claim(workspace.db, "batch"):
            seen.append(job.id)

    in_threads(4, claim_all)
    assert sorted(seen) == made


def test_a_claim_in_a_transaction_that_fails_is_none(workspace: Workspace, make_job: MakeJob) -> None:
    job = make_job("a")

    def claim_and_fail() -> None:
        with workspace.transaction() as db:
            assert jobs.claim(db, "batch")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        claim_and_fail()
    assert jobs.get(workspace.db, job.id).state == "queued"


def test_a_move_writes_its_fields_and_the_end(workspace: Workspace, make_job: MakeJob) -> None:
    job = make_job()
    put_in(workspace, job, "starting")
    assert jobs.move(workspace.db, job.id, "starting", "running", pid=123)
    assert jobs.get(workspace.db, job.id).finished_at is None
    assert jobs.move(
        workspace.db, job.id, ("starting", "running"), "failed", at="2026-01-02T03:04:05.678Z",
        error="It fell.", hint="Catch it.", traceback="Traceback…", exit_code=-9,
    )  # fmt: skip
    job = jobs.get(workspace.db, job.id)
    assert (job.state, job.pid, job.exit_code, job.finished_at) == ("failed", 123, -9, "2026-01-02T03:04:05.678Z")
    assert (job.error, job.hint, job.traceback, job.active) == ("It fell.", "Catch it.", "Traceback…", False)


def test_a_move_from_a_state_the_job_is_not_in_changes_nothing(workspace: Workspace, make_job: MakeJob) -> None:
    job = make_job()
    assert not jobs.move(workspace.db, job.id, "running", "done", stage="late")
    assert jobs.get(workspace.db, job.id) == job
    assert not jobs.move(workspace.db, job.id + 1, "running", "done")


def test_only_one_of_two_moves_wins(workspace: Workspace, make_job: MakeJob) -> None:
    job = make_job()
    put_in(workspace, job, "running")
    won: list[str] = []

    def end(state: str) -> None:
        if jobs.move(workspace.db, job.id, "running", state):
            won.append(state)

    threads = [threading.Thread(target=end, args=(state,)) for state in ("done", "failed", "cancelled", "lost")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [jobs.get(workspace.db, job.id).state] == won


@pytest.mark.parametrize("before", [*ACTIVE, *ENDED])
@pytest.mark.parametrize("after", [*ACTIVE, *ENDED])
def test_steps_that_no_job_takes_are_mistakes(workspace: Workspace, make_job: MakeJob, before: str, after: str) -> None:
    job = make_job()
    put_in(workspace, job, before)
    if after in NEXT.get(before, ()):
        assert jobs.move(workspace.db, job.id, before, after)
        assert jobs.get(workspace.db, job.id).state == after
    else:
        with pytest.raises(ValueError, match=f"No job goes from {before} to {after}"):
            jobs.move(workspace.db, job.id, before, after)


def test_a_field_that_is_not_the_supervisors_is_a_mistake(workspace: Workspace, make_job: MakeJob) -> None:
    with pytest.raises(ValueError, match="does not write title"):
        jobs.move(workspace.db, make_job().id, "queued", "starting", title="x")


def test_a_job_that_goes_back_waits_as_if_new(workspace: Workspace, make_job: MakeJob) -> None:
    job = make_job()
    jobs.claim(workspace.db, "batch")
    jobs.progress(workspace.db, job.id, "starting up", 0.1)
    assert jobs.move(workspace.db, job.id, "starting", "queued")
    assert jobs.get(workspace.db, job.id) == job


@pytest.mark.parametrize(("given", "kept"), [(0.5, 0.5), (0, 0.0), (1.7, 1.0), (-1, 0.0), (None, None)])
def test_progress_is_a_stage_and_a_fraction(
    workspace: Workspace, make_job: MakeJob, given: float | None, kept: float | None
) -> None:
    job = make_job()
    put_in(workspace, job, "running")
    assert jobs.progress(workspace.db, job.id, "detecting peaks", given)
    job = jobs.get(workspace.db, job.id)
    assert (job.stage, job.progress) == ("detecting peaks", kept)


def test_late_progress_does_not_touch_an_ended_job(workspace: Workspace, make_job: MakeJob) -> None:
    job = make_job()
    put_in(workspace, job, "done")
    assert not jobs.progress(workspace.db, job.id, "late", 0.5)
    assert jobs.get(workspace.db, job.id).stage == ""


def test_a_waiting_job_says_why_until_it_starts(workspace: Workspace, make_job: MakeJob) -> None:
    job = make_job()
    assert jobs.wait_for(workspace.db, job.id, "Both slots are in use.")
    assert jobs.get(workspace.db, job.id).why_waiting == "Both slots are in use."
    claimed = jobs.claim(workspace.db, "batch")
    assert claimed is not None
    assert claimed.why_waiting is None
    assert not jobs.wait_for(workspace.db, job.id, "late")


def test_a_queued_job_is_cancelled_at_once(workspace: Workspace, make_job: MakeJob) -> None:
    job = jobs.request_cancel(workspace.db, make_job().id, at="2026-01-02T03:04:05.678Z")
    assert (job.state, job.cancel_requested, job.finished_at) == ("cancelled", True, "2026-01-02T03:04:05.678Z")


@pytest.mark.parametrize("state", ["starting", "running"])
def test_of_a_job_that_runs_the_cancellation_is_asked(workspace: Workspace, make_job: MakeJob, state: str) -> None:
    job = make_job()
    put_in(workspace, job, state)
    job = jobs.request_cancel(workspace.db, job.id)
    assert (job.state, job.cancel_requested, job.finished_at) == (state, True, None)


@pytest.mark.parametrize("state", ENDED)
def test_an_ended_job_cannot_be_cancelled(workspace: Workspace, make_job: MakeJob, state: str) -> None:
    job = make_job()
    put_in(workspace, job, state)
    with pytest.raises(Conflict, match=f"Job {job.id} cannot be cancelled: it is {state} already"):
        jobs.request_cancel(workspace.db, job.id)
    assert not jobs.get(workspace.db, job.id).cancel_requested


def test_an_unknown_job_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="no job 7"):
        jobs.get(workspace.db, 7)
    with pytest.raises(NotFound, match="no job 7"):
        jobs.request_cancel(workspace.db, 7)


def test_jobs_belong_to_recordings_and_sortings_only(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="do not belong to a title"):
        jobs.cancel_of(workspace.db, "title", 1)


def test_counts_take_starting_for_running(workspace: Workspace, make_job: MakeJob) -> None:
    assert jobs.counts(workspace.db) == {"queued": 0, "running": 0, "failed": 0}
    for state in ("queued", "starting", "running", "done", "failed", "failed", "lost"):
        put_in(workspace, make_job(f"{state} {len(jobs.all(workspace.db))}"), state)
    assert jobs.counts(workspace.db) == {"queued": 1, "running": 2, "failed": 2}


def test_jobs_are_listed_newest_first_by_state_recording_and_number(
    workspace: Workspace, make_job: MakeJob, make_recording: Callable[..., int]
) -> None:
    recording = make_recording()
    a, b, c = make_job("a"), make_job("b", recording_id=recording), make_job("c", recording_id=recording)
    put_in(workspace, c, "failed")

    def found(**wanted: object) -> list[int]:
        return [job.id for job in jobs.all(workspace.db, **wanted)]  # type: ignore[arg-type]

    assert found() == [c.id, b.id, a.id]
    assert found(limit=2) == [c.id, b.id]
    assert found(state="queued") == [b.id, a.id]
    assert found(states=("queued", "failed")) == [c.id, b.id, a.id]
    assert found(states=()) == []
    assert found(recording_id=recording) == [c.id, b.id]
    assert found(recording_id=recording, states=ACTIVE) == [b.id]
    assert found(sorting_id=5) == []
    assert jobs.active_by_recording(workspace.db) == {recording: 1}


def test_the_jobs_of_a_sorting_are_found(
    workspace: Workspace, make_job: MakeJob, make_sorting: Callable[..., int]
) -> None:
    sorting = make_sorting(None)
    job = make_job("a", sorting_id=sorting)
    make_job("b")
    assert jobs.all(workspace.db, sorting_id=sorting) == [job]


def test_the_number_of_a_job_is_never_used_again(workspace: Workspace, make_job: MakeJob) -> None:
    job = make_job()
    workspace.db.execute("DELETE FROM jobs")
    assert make_job().id > job.id


def test_a_job_outlives_its_recording(
    workspace: Workspace, make_job: MakeJob, make_recording: Callable[..., int]
) -> None:
    recording = make_recording()
    job = make_job("a", recording_id=recording)
    recordings.delete(workspace.db, recording)
    job = jobs.get(workspace.db, job.id)
    assert (job.recording_id, job.state, job.cancel_requested) == (None, "cancelled", True)
