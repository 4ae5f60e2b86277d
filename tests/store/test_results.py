"""Results stay as they are, and are cleaned away only when nothing can miss them."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from labbox_local.errors import NotFound
from labbox_local.store import jobs, recordings, results, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.results import Result
from labbox_local.store.workspace import Workspace

Make = Callable[..., int]
MakeResult = Callable[..., Result]
FINISHER = """
import sys
from hashlib import sha256
from labbox_local.store import results
from labbox_local.store.workspace import Workspace
workspace = Workspace.open(sys.argv[1])
for number in range(100_000):
    content = f"result {number}".encode()
    digest = sha256(content).hexdigest()
    folder = workspace.scratch / str(number)
    folder.mkdir()
    (folder / "data").write_bytes(content)
    with workspace.transaction() as db:
        workspace.blobs.adopt(folder, digest)
        results.put(db, key=str(number), task="sort", version=1, params={}, blob=digest, summary={}, seconds=0.1,
                    size_bytes=len(content), packages={})
    print(number, flush=True)
"""


def keys(found: list[Result]) -> list[str]:
    return sorted(result.key for result in found)


def blobs_on_disk(workspace: Workspace) -> set[str]:
    return {path.parent.name + path.name for path in workspace.blobs.root.glob("??/*")}


def test_a_result_comes_back_as_it_went(workspace: Workspace, make_result: MakeResult) -> None:
    blob = workspace.blobs.put(b"x")
    made = make_result(
        "k", params={"a": [1, None]}, blob=blob, summary={"noise": [1.5]}, packages={"spikeinterface": "0.105.3"},
        created_at="2026-01-02T03:04:05.678Z",
    )  # fmt: skip
    assert made == results.get(workspace.db, "k") == results.get_or_none(workspace.db, "k")
    assert made == Result(
        "k", "sort", 1, {"a": [1, None]}, blob, {"noise": [1.5]}, 1.5, 10, {"spikeinterface": "0.105.3"},
        "2026-01-02T03:04:05.678Z",
    )  # fmt: skip


def test_the_first_result_under_a_key_stays(workspace: Workspace, make_result: MakeResult) -> None:
    first = make_result("k", summary={"unit_count": 3})
    assert make_result("k", summary={"unit_count": 4}) == first
    assert results.all(workspace.db) == [first]


def test_a_key_without_result(workspace: Workspace) -> None:
    assert results.get_or_none(workspace.db, "k") is None
    with pytest.raises(NotFound, match="run the job again"):
        results.get(workspace.db, "k")


def test_everything_shown_or_in_work_is_referenced(
    workspace: Workspace,
    make_result: MakeResult,
    make_recording: Make,
    make_sorting: Make,
    make_job: Callable[..., Job],
) -> None:
    for key in ("measured", "example", "analyzed", "needed", "made", "was needed", "loose"):
        make_result(key)
    recording = make_recording(result_key="example")
    recordings.update(workspace.db, recording, measure_key="measured")
    make_sorting(recording, "sorted", analyzer_key="analyzed")
    make_job("made", needs=["needed", "not made yet"])
    ended = make_job("ended", needs=["was needed"])
    assert keys(results.unreferenced(workspace.db)) == ["loose"]
    jobs.request_cancel(workspace.db, ended.id)
    assert keys(results.unreferenced(workspace.db)) == ["loose", "was needed"]


def test_a_referenced_result_cannot_be_deleted_even_by_mistake(
    workspace: Workspace, make_sorting: Make, make_result: MakeResult
) -> None:
    make_sorting(None, "sorted")
    with pytest.raises(Exception, match="FOREIGN KEY"):
        results.delete(workspace.db, "sorted")
    make_result("loose")
    results.delete(workspace.db, "loose")
    assert keys(results.all(workspace.db)) == ["sorted"]


def test_cleaning_frees_what_nothing_uses(
    workspace: Workspace, make_result: MakeResult, make_recording: Make, make_sorting: Make,
    put_blob: Callable[[Workspace, bytes], str],
) -> None:  # fmt: skip
    kept, lost, orphan = (put_blob(workspace, content) for content in (b"kept", b"lost!", b"orphan"))
    make_result("kept", blob=kept)
    make_result("lost", blob=lost)
    recording = make_recording()
    make_sorting(recording, "kept")
    assert results.clean(workspace) == len(b"lost!") + len(b"orphan")
    assert blobs_on_disk(workspace) == {kept}
    assert orphan not in workspace.blobs
    recordings.delete(workspace.db, recording)
    assert results.clean(workspace) == len(b"kept")
    assert results.all(workspace.db) == []
    assert results.clean(workspace) == 0


def test_two_results_with_the_same_content_share_a_blob_until_both_are_gone(
    workspace: Workspace, make_result: MakeResult, make_sorting: Make, put_blob: Callable[[Workspace, bytes], str]
) -> None:
    blob = put_blob(workspace, b"same")
    make_result("a", blob=blob)
    make_result("b", blob=blob)
    sorting = make_sorting(None, "b")
    assert results.clean(workspace) == 0
    assert blob in workspace.blobs
    sortings.delete(workspace.db, sorting)
    assert results.clean(workspace) == len(b"same")


def test_a_sweep_keeps_results_and_blobs_that_paths_name(
    workspace: Workspace, make_result: MakeResult, make_recording: Make, make_job: Callable[..., Job],
    put_blob: Callable[[Workspace, bytes], str],
) -> None:  # fmt: skip
    contents = (b"result", b"recording", b"job", b"ended", b"orphan")
    named, recorded, used, ended, _ = (put_blob(workspace, content) for content in contents)
    make_result("loose", blob=named)
    make_recording(spec={"path": f"blob:{recorded}/recording"})
    make_job("a", params={"sorting": f"blob:{used}/sorting"})
    jobs.request_cancel(workspace.db, make_job("b", params={"sorting": f"blob:{ended}/sorting"}).id)
    assert results.sweep(workspace) == len(b"ended") + len(b"orphan")
    assert blobs_on_disk(workspace) == {named, recorded, used}
    assert keys(results.all(workspace.db)) == ["loose"]


def test_a_sweep_waits_for_a_job_that_is_just_finishing(
    workspace: Workspace, make_result: MakeResult, put_blob: Callable[[Workspace, bytes], str]
) -> None:
    begun = threading.Event()
    freed: list[int] = []

    def sweep() -> None:
        begun.set()
        freed.append(results.sweep(workspace))

    other = threading.Thread(target=sweep)
    with workspace.transaction():
        blob = put_blob(workspace, b"fresh")
        other.start()
        assert begun.wait(10)
        make_result("k", blob=blob)
    other.join()
    assert freed == [0]
    assert blob in workspace.blobs


def test_cleaning_beside_finishing_jobs_never_leaves_a_result_without_its_blob(
    workspace: Workspace, make_result: MakeResult, put_blob: Callable[[Workspace, bytes], str]
) -> None:
    finished = threading.Event()
    missing: list[str] = []

    def clean() -> None:
        while not finished.is_set():
            results.clean(workspace)

    cleaner = threading.Thread(target=clean)
    cleaner.start()
    for number in range(60):  # the same few contents again and again, so that blobs go and come back
        with workspace.transaction() as db:
            make_result(f"{number}", blob=put_blob(workspace, b"%d" % (number % 3)))
            missing += [found.key for found in results.all(db) if found.blob and found.blob not in workspace.blobs]
    finished.set()
    cleaner.join()
    assert missing == []
    results.clean(workspace)
    assert blobs_on_disk(workspace) == set()


@pytest.mark.parametrize("last", ["2", "11"])
def test_a_killed_process_leaves_no_result_without_its_blob_and_the_sweep_takes_the_rest(
    tmp_path: Path, last: str
) -> None:
    command = [sys.executable, "-c", FINISHER, str(tmp_path / "lab")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said: list[str] = []
        while not said or said[-1] != last:
            said.append(process.stdout.readline().strip())
        process.send_signal(signal.SIGKILL)
        said += process.stdout.read().split()
    with Workspace.open(tmp_path / "lab") as workspace:
        found = results.all(workspace.db)
        assert set(said) <= {result.key for result in found}
        for result in found:
            assert result.blob is not None
            with workspace.blobs.open(result.blob, "data") as handle:
                assert sha256(handle.read()).hexdigest() == result.blob
        results.sweep(workspace)
        assert blobs_on_disk(workspace) == {result.blob for result in found}
