"""The real tasks, called as a worker calls them, and a whole path through real workers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labbox_local.errors import Invalid, NotFound, Unavailable
from labbox_local.fields import Field
from labbox_local.jobs import keys, opening, tasks
from labbox_local.jobs.catalog import TASKS
from labbox_local.jobs.context import Context
from labbox_local.jobs.interactive import Interactive
from labbox_local.jobs.messages import TASKS_MODULE
from labbox_local.jobs.supervisor import Supervisor
from labbox_local.store import jobs, results
from labbox_local.store.blobs import Blobs
from labbox_local.store.workspace import Workspace
from tests.jobs.conftest import alive, until

EXAMPLE = {"duration_s": 6.0, "channel_count": 4, "unit_count": 3, "seed": 1}
DIGEST = "ab" + "0" * 62


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    """What a worker hands to a task."""
    return Context(tmp_path / "job", tmp_path / "blobs", cache_bytes=100_000_000)


@pytest.fixture
def ask(ctx: Context) -> Callable[..., Any]:
    """Calls a task as a worker does, both ways through JSON."""

    def call(task: str, **params: Any) -> Any:
        answer = tasks.FUNCTIONS[task](ctx, keys.through_json(params))
        return answer if isinstance(answer, bytes) else json.loads(keys.said(answer))

    return call


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Each test begins with nothing open."""
    opening.kept.cache_clear()


@pytest.fixture
def locust(data: Path) -> dict[str, Any]:
    """A real tetrode recording of four channels, as a spec without probe."""
    path = next((data / "raw-locust").glob("*.raw"), None) or next((data / "raw-locust").glob("*.dat"))
    options = {"sampling_frequency": 15000.0, "num_channels": 4, "dtype": "int16"}
    return {"format": "binary", "path": str(path), "options": options, "probe": None}


def test_every_task_of_the_catalog_has_a_function_and_no_other_has() -> None:
    assert set(tasks.FUNCTIONS) == set(TASKS)


def test_a_reference_to_a_blob_is_the_path_that_the_store_gives_it(tmp_path: Path) -> None:
    assert tasks.place(f"blob:{DIGEST}/sorting", tmp_path) == Blobs(tmp_path).path(DIGEST) / "sorting"
    assert tasks.place("/data/raw.dat", tmp_path) == Path("/data/raw.dat")
    spec = {"format": "spikeinterface", "path": f"blob:{DIGEST}/recording", "options": {}}
    assert tasks.located(spec, tmp_path)["path"] == str(Blobs(tmp_path).path(DIGEST) / "recording")
    assert tasks.located({**spec, "path": "/a"}, tmp_path)["path"] == "/a"


@pytest.mark.parametrize("reference", [f"blob:{DIGEST}/../../x", "blob:ab/x", "blob:", f"blob:{DIGEST}//etc/passwd"])
def test_a_reference_cannot_leave_its_blob(tmp_path: Path, reference: str) -> None:
    with pytest.raises(NotFound):
        tasks.place(reference, tmp_path)


def test_lists_are_plain_data(ask: Callable[..., Any]) -> None:
    assert "binary" in {entry["format"] for entry in ask("formats")}
    assert "phy" in {entry["format"] for entry in ask("sorting_formats")}
    sorters = ask("sorters")
    assert sorters[0]["installed"]
    assert {"tridesclous2", "kilosort4"} <= {entry["name"] for entry in sorters}
    known = ask("views")
    assert {"units_table", "autocorrelograms", "waveforms", "amplitudes"} <= {view["id"] for view in known["views"]}


def test_fields_can_be_read_back(ask: Callable[..., Any], locust: dict[str, Any]) -> None:
    assert [Field.of(plain) for plain in ask("sorter_fields", sorter="tridesclous2")]
    facts = ask("preview", spec=locust, probe={"source": "none"})["facts"]
    names = [Field.of(plain).name for plain in ask("preprocessing_fields", facts=facts)]
    assert {"bandpass", "freq_min", "freq_max"} <= set(names)


def test_a_real_recording_is_detected_looked_at_and_read(ask: Callable[..., Any], locust: dict[str, Any]) -> None:
    assert ask("detect", path=locust["path"])["candidates"]
    seen = ask("preview", spec=locust, probe={"source": "generated", "layout": "tetrode", "params": {}})
    assert (seen["facts"]["channel_count"], seen["facts"]["sampling_rate_hz"]) == (4, 15000.0)
    window = {"start_s": 0.5, "duration_s": 0.1, "segment": 0, "max_points": 50}
    every = ask("traces", spec=seen["spec"], **window)
    ids = [str(channel) for channel in every["channel_ids"]]
    two = ask("traces", spec=seen["spec"], channels=[ids[2], ids[0]], **window)
    assert [str(channel) for channel in two["channel_ids"]] == [ids[2], ids[0]]
    with pytest.raises(Invalid, match="no channel “nine”"):
        ask("traces", spec=seen["spec"], channels=["nine"], **window)


def test_a_recording_stays_open_until_its_file_changes(ctx: Context, tmp_path: Path) -> None:
    file = tmp_path / "raw.dat"
    file.write_bytes(np.arange(8000, dtype="int16").tobytes())
    options = {"sampling_frequency": 1000.0, "num_channels": 4, "dtype": "int16"}
    spec = {"format": "binary", "path": str(file), "options": options, "probe": None}
    first = tasks.open_recording(ctx, spec)
    assert tasks.open_recording(ctx, spec) is first
    file.write_bytes(np.arange(4000, dtype="int16").tobytes())
    second = tasks.open_recording(ctx, spec)
    assert (first.get_num_samples(), second.get_num_samples()) == (2000, 1000)
    os.remove(file)
    with pytest.raises(Invalid):
        tasks.open_recording(ctx, spec)


def test_checks_name_the_fields_of_the_form(ask: Callable[..., Any], locust: dict[str, Any]) -> None:
    facts = ask("preview", spec=locust, probe={"source": "none"})["facts"]
    form = {"bandpass": True, "freq_min": 300.0, "freq_max": 6000.0, "reference": False, "operator": "median"}
    run = {"spec": locust, "sorter": "simple", "params": {}, "facts": {**facts, "has_probe": True}}
    checked = ask("check_sort", **run, preprocessing=form)
    assert checked["preprocessing"] == [{"step": "bandpass_filter", "params": {"freq_min": 300.0, "freq_max": 6000.0}}]
    with pytest.raises(Invalid) as raised:
        ask("check_sort", **{**run, "params": {"no_such": 1}}, preprocessing={**form, "freq_max": 7_600.0})
    assert {"preprocessing.freq_max", "no_such"} <= set(raised.value.fields)
    with pytest.raises(Invalid) as raised:
        ask("check_sort", **run, preprocessing={**form, "freq_max": 7_600.0})
    assert set(raised.value.fields) == {"preprocessing.freq_max"}


def test_an_imported_sorting_is_drawn(ask: Callable[..., Any], ctx: Context, data: Path) -> None:
    given = {"path": str(data / "phy-template"), "format": "", "options": {}, "spec": None}
    seen = ask("preview_sorting", **given)
    assert (seen["unit_count"], seen["spike_count"]) == (62, 314)
    made = ask("import_sorting", **{**given, "format": seen["format"]})
    assert made["unit_count"] == 62
    blob = Blobs(ctx.blobs).path(DIGEST)
    blob.parent.mkdir(parents=True)
    ctx.output.rename(blob)
    asked = {"sorting": f"blob:{DIGEST}/sorting", "analyzer": None, "labels": made["labels"], "has_recording": False}
    table = json.loads(ask("draw", view="units_table", **asked, selection={}, settings={}))
    assert len(table["rows"]) == 62
    assert tasks.open_sorting(ctx, asked["sorting"]) is tasks.open_sorting(ctx, asked["sorting"])
    figure = json.loads(ask("draw", view="autocorrelograms", **asked, selection={"units": ["1"]}, settings={}))
    assert figure["data"]
    with pytest.raises(NotFound):
        ask("draw", view="nothing", **asked)


def test_a_sorting_that_is_gone_is_said(ask: Callable[..., Any]) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        ask("draw", view="units_table", sorting=f"blob:{DIGEST}/sorting")


@pytest.fixture
def lanes(workspace: Workspace) -> Any:
    """The two lanes as the program has them."""
    supervisor = Supervisor(workspace, completions={}, publish=lambda event, data: None, module=TASKS_MODULE)
    interactive = Interactive(workspace)
    supervisor.start()
    yield supervisor, interactive
    interactive.close()
    supervisor.stop()


def finished(workspace: Workspace, supervisor: Supervisor, task: str, **params: Any) -> tuple[Any, str]:
    """The summary of a job that went well, and its blob as a reference."""
    job = supervisor.wait(supervisor.enqueue(task, params).id, timeout=300)
    assert job.state == "done", job.traceback or job.error
    result = results.get(workspace.db, job.key)
    return result.summary, f"blob:{result.blob}"


@pytest.mark.slow
def test_from_an_example_to_drawn_units_and_their_accuracy(lanes: Any, workspace: Workspace) -> None:
    supervisor, interactive = lanes
    made, blob = finished(workspace, supervisor, "example", **EXAMPLE)
    spec = {**made["spec"], "path": f"{blob}/{made['spec']['path']}"}
    assert made["unit_count"] == 3
    measured, _ = finished(workspace, supervisor, "measure", spec=spec)
    assert len(measured["noise"]) == 4
    chain = made["preprocessing"]
    run, found = finished(workspace, supervisor, "sort", spec=spec, sorter="simple", params={}, preprocessing=chain)
    assert run["sorter"] == "simple"
    accuracy, _ = finished(workspace, supervisor, "compare_truth", sorting=f"{found}/sorting", truth=f"{blob}/sorting")
    assert len(accuracy["units"]) == 3
    _, analyzed = finished(workspace, supervisor, "analyze", spec=spec, sorting=f"{blob}/sorting", preprocessing=chain)
    for view in ("units_table", "waveforms", "amplitudes", "autocorrelograms"):
        asked = {"view": view, "sorting": f"{blob}/sorting", "analyzer": f"{analyzed}/analyzer", "labels": {}}
        drawn = json.loads(interactive.ask("draw", {**asked, "selection": {}, "settings": {}}))
        assert drawn
    window = {"start_s": 0.0, "duration_s": 1.0, "segment": 0, "max_points": 100}
    assert interactive.ask("traces", {"spec": spec, **window})["channel_ids"]
    assert not list(workspace.scratch.iterdir())


@pytest.mark.slow
def test_a_running_sorter_is_cancelled_with_all_its_processes(lanes: Any, workspace: Workspace) -> None:
    supervisor, _ = lanes
    made, blob = finished(workspace, supervisor, "example", **{**EXAMPLE, "duration_s": 120.0, "channel_count": 32})
    spec = {**made["spec"], "path": f"{blob}/{made['spec']['path']}"}
    params = {"spec": spec, "sorter": "tridesclous2", "params": {}, "preprocessing": made["preprocessing"]}
    job = supervisor.enqueue("sort", params)
    until(lambda: jobs.get(workspace.db, job.id).progress, "the sorter's progress", 120)
    pid = int(jobs.get(workspace.db, job.id).pid or 0)
    assert workspace.log_path(job.id).stat().st_size > 0
    supervisor.cancel(job.id)
    assert supervisor.wait(job.id, timeout=10).state == "cancelled"
    assert not alive(pid)
    assert not list(workspace.scratch.iterdir())
