"""The trace viewer's addresses on a Lab with real workers: frames, the overview's making, spikes, notes and chains."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from spikeinterface.preprocessing import astype, bandpass_filter

from labbox_local.ephys import frames, pyramid, sources
from labbox_local.lab import Lab
from labbox_local.services import tracing
from labbox_local.settings import Settings
from labbox_local.store import jobs, results
from labbox_local.web.app import create_app
from labbox_local.web.guard import cookie_name

from .conftest import ADDRESS, OWN_PAGE, PORT

RATE_HZ = 30_000
JSON = {"Accept": "application/json"}
CHAIN = json.dumps([{"step": "bandpass_filter", "params": {"freq_min": 300.0, "freq_max": 5000.0}}])


def samples_of(seconds: float = 4.0, channels: int = 8) -> np.ndarray[Any, Any]:
    return np.random.default_rng(2).normal(0, 100, size=(int(seconds * RATE_HZ), channels)).astype(np.int16)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, TestClient[Litestar], Path]]:
    """A Lab that owns its workspace, with recording 1 of a flat file and sorting 1 of it, and a client let in."""
    folder = tmp_path_factory.mktemp("traces")
    path = folder / "noise.raw"
    samples_of().tofile(path)
    np.savez(folder / "truth.npz", **spike_trains())
    with Lab(Settings(workspace=folder / "workspace", file=folder / "settings.json")) as lab:
        options = {"sampling_frequency": RATE_HZ, "num_channels": 8, "dtype": "int16", "gain_to_uv": 0.5}
        recording = lab.recordings.import_(str(path), "binary", **options)
        lab.sortings.import_(str(folder / "truth.npz"), recording_id=recording.id)
        with TestClient(create_app(lab), base_url=ADDRESS) as client:
            client.headers.update({**OWN_PAGE, **JSON})
            client.cookies.set(cookie_name(PORT), lab.token)
            yield lab, client, path


def spike_trains() -> dict[str, Any]:
    """Two units as SpikeInterface's npz has them."""
    return {
        "unit_ids": np.array([5, 9]), "num_segment": np.array([1]), "sampling_frequency": np.array([float(RATE_HZ)]),
        "spike_indexes_seg0": np.array([100, 5000, 60_000, 90_000]), "spike_labels_seg0": np.array([5, 9, 9, 5]),
    }  # fmt: skip


def frame(client: TestClient[Litestar], **query: Any) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    answer = client.get("/recordings/1/frame", params={"segment": 0, **query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return frames.planes_of(answer.content)


def test_a_window_comes_as_a_frame_of_the_samples_asked_for(served: Any) -> None:
    header, planes = frame(served[1], start=1000, count=50, columns=100, channels="3,0")
    assert (header["kind"], header["channel_ids"], header["unit"]) == ("lines", [3, 0], "µV")
    np.testing.assert_array_equal(planes[0], samples_of()[1000:1050, [3, 0]].T)
    assert header["scale"] == [0.5, 0.5]


def test_a_chain_is_applied_to_near_windows(served: Any) -> None:
    header, planes = frame(served[1], start=1000, count=500, columns=500, chain=CHAIN)
    recording = served[0].recordings.load(1)
    whole = bandpass_filter(astype(recording, "float32"), freq_min=300, freq_max=5000).get_traces()
    assert header["dtype"] == "float32"
    np.testing.assert_allclose(planes[0].T, whole[1000:1500], rtol=0, atol=1e-6 * np.abs(whole).max())


def test_what_the_viewer_is_told_first_is_complete(served: Any) -> None:
    told = served[1].get("/recordings/1/tracing").json()
    assert [channel["position"] for channel in told["channels"]] == list(range(8))
    assert told["segments"] == [{"sample_count": 120_000, "start_s": 0.0, "gaps": []}]
    assert {"bandpass_filter", "common_reference"} <= {step["name"] for step in told["steps"]}
    assert told["default_chain"][0]["step"] == "bandpass_filter"
    assert (told["unit"], told["sampling_rate_hz"], told["recording"]["id"]) == ("µV", RATE_HZ, 1)


@pytest.mark.parametrize("chain", ["", CHAIN])
def test_an_overview_is_built_and_then_used(served: Any, chain: str) -> None:
    lab, client, _ = served
    job = client.post("/recordings/1/pyramid", data={"chain": chain}).json()["job"]
    assert lab.jobs.wait(job).state == "done"
    header, _ = frame(client, start=0, count=120_000, columns=100, chain=chain)
    assert (header["source"], header["coverage"], header["job"]) == ("pyramid", 1.0, None)
    assert [pyramid["coverage"] for pyramid in client.get("/recordings/1/tracing").json()["pyramids"]][-1] == 1.0
    assert not any(lab.tools.workspace.growing.iterdir())
    again = client.post("/recordings/1/pyramid", data={"chain": chain}).json()["job"]
    assert lab.jobs.wait(again).state == "done"


def test_an_overview_is_kept_when_results_are_cleaned_up(served: Any) -> None:
    lab, client, _ = served
    job = client.post("/recordings/1/pyramid").json()["job"]
    lab.jobs.wait(job)
    results.clean(lab.tools.workspace)
    assert frame(client, start=0, count=120_000, columns=100)[0]["source"] == "pyramid"


def test_spikes_stand_on_their_samples(served: Any) -> None:
    client = served[1]
    header, data = frames.decode(client.get("/sortings/1/spikes?start=1000&count=70000").content)
    offsets, owners = np.frombuffer(data[:8], "<i4"), np.frombuffer(data[8:], "<u4")
    assert ((offsets + 1000).tolist(), owners.tolist(), header["total"]) == ([5000, 60_000], [1, 1], 2)
    assert client.get("/sortings/1/next_spike?sample=100&units=0").json() == {"segment": 0, "sample": 90_000, "unit": 0}
    none = client.get("/sortings/1/next_spike?sample=100&units=0&direction=-1")
    assert (none.status_code, none.json()["error"]) == (404, "There is no earlier spike of these units.")
    told = client.get("/sortings/1/tracing").json()
    assert (told["unit_ids"], told["spike_counts"], told["recording"]) == ([5, 9], [2, 2], 1)


def test_templates_and_residual_follow_the_post_processing(served: Any) -> None:
    lab, client, _ = served
    lab.sortings.analyze(1)
    header, data = frames.decode(client.get("/sortings/1/templates?units=1").content)
    template = np.frombuffer(data, "<f4").reshape(1, header["sample_count"], 8)
    place = {"start": 59_900, "count": 200, "columns": 200}
    _, before = frame(client, **place)
    header, after = frame(client, **place, residual=1, units="1")
    begin = 60_000 - 59_900 - frames.decode(client.get("/sortings/1/templates?units=1").content)[0]["nbefore"]
    removed = (before[0].astype(float) - after[0])[:, begin : begin + template.shape[1]].T * 0.5
    np.testing.assert_allclose(removed, template[0], atol=1e-3)


def test_notes_are_written_changed_listed_exported_and_removed(served: Any) -> None:
    client = served[1]
    point = {"segment": "0", "start_sample": "300", "end_sample": "", "text": "stimulus, “on”"}
    made = client.post("/recordings/1/notes", data=point).json()
    changed = client.post(f"/notes/{made['id']}", data={**point, "end_sample": "600"}).json()
    assert changed == {**made, "end_sample": 600}
    assert client.get("/recordings/1/notes").json()["notes"] == [changed]
    assert client.get("/recordings/1/notes.json").json()["notes"] == [changed]
    table = client.get("/recordings/1/notes.csv").text.splitlines()
    assert table[0] == "segment,start_sample,end_sample,start_s,end_s,text,created_at"
    assert table[1].startswith('0,300,600,0.01,0.02,"stimulus, “on”",')
    client.post(f"/notes/{made['id']}/delete")
    assert client.get("/recordings/1/notes").json()["notes"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " "}, "text"),
        ({"start_sample": "noon"}, "start_sample"),
        ({"start_sample": "120000"}, "start_sample"),
        ({"end_sample": "300"}, "end_sample"),
        ({"end_sample": "120001"}, "end_sample"),
        ({"segment": "1"}, "segment"),
    ],
)
def test_a_note_that_cannot_be_is_refused_at_its_field(served: Any, changes: dict[str, str], field: str) -> None:
    note = {"segment": "0", "start_sample": "300", "end_sample": "", "text": "x", **changes}
    answer = served[1].post("/recordings/1/notes", data=note)
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == [field]


def test_chains_are_kept_by_name(served: Any) -> None:
    client = served[1]
    chain = [{"step": "bandpass_filter", "params": {}, "on": False}]
    saved = client.post("/recordings/1/presets", data={"name": "spikes", "chain": json.dumps(chain)}).json()["presets"]
    assert [(preset["name"], preset["chain"]) for preset in saved] == [("spikes", chain)]
    replaced = client.post("/recordings/1/presets", data={"name": "spikes", "chain": "[]"}).json()["presets"]
    assert [(preset["id"], preset["chain"]) for preset in replaced] == [(saved[0]["id"], [])]
    client.post(f"/presets/{saved[0]['id']}/delete")
    assert client.get("/recordings/1/tracing").json()["presets"] == []
    assert client.post(f"/presets/{saved[0]['id']}/delete").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"start": 0, "count": 10, "columns": 0}, 422),
        ({"start": 0, "count": 10, "columns": 10, "segment": 4}, 422),
        ({"start": 0, "count": 10, "columns": 10, "channels": "a"}, 422),
        ({"start": 0, "count": 10, "columns": 10, "chain": "bandpass"}, 422),
        ({"start": 0, "count": 10, "columns": 10, "chain": '[{"step": "resample"}]'}, 422),
        ({"start": "noon", "count": 10, "columns": 10}, 400),
        ({"start": 0, "count": 10, "columns": 10, "residual": 99}, 404),
    ],
)
def test_nonsense_is_answered_with_a_sentence(served: Any, query: dict[str, Any], status: int) -> None:
    answer = served[1].get("/recordings/1/frame", params=query)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


def test_the_viewer_has_pages_of_its_own(served: Any) -> None:
    for path in ("/recordings/1/tracer", "/sortings/1/tracer"):
        answer = served[1].get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert "data-tracer=" in answer.text


def test_an_overview_whose_worker_was_killed_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    path = tmp_path / "long.raw"
    with path.open("wb") as file:
        tile = samples_of(10.0, 64).tobytes()
        for _ in range(30):
            file.write(tile)
    with Lab(Settings(workspace=tmp_path / "workspace", file=tmp_path / "settings.json")) as lab:
        options = {"sampling_frequency": RATE_HZ, "num_channels": 64, "dtype": "int16"}
        recording = lab.recordings.import_(str(path), "binary", **options)
        killed = tracing.build_pyramid(lab.tools, recording.id)
        lab.jobs.wait(killed.id, _kill)
        assert lab.jobs.get(killed.id).state == "failed"
        done = lab.jobs.finished(lab.jobs.retry(killed.id))
        stored = results.get(lab.tools.workspace.db, done.key).blob
        assert stored is not None
        built = lab.tools.workspace.blobs.path(stored) / "pyramid"
        source = sources.flat_files(lab.recordings.load(recording.id))
        assert source is not None
        expected = pyramid.grow(source, tmp_path / "expected").folder
        assert {each.name: each.read_bytes() for each in built.iterdir()} == {
            each.name: each.read_bytes() for each in expected.iterdir()
        }


def _kill(job: jobs.Job) -> None:
    if job.state == "running" and job.pid:
        os.kill(job.pid, signal.SIGKILL)


def test_a_file_cut_short_or_gone_is_a_sentence_and_comes_back(served: Any) -> None:
    _, client, path = served
    content = path.read_bytes()
    try:
        os.truncate(path, len(content) // 2)
        cut = client.get("/recordings/1/frame", params={"start": 0, "count": 100, "columns": 100})
        assert cut.status_code == 503
        assert "has become shorter since it was imported" in cut.json()["error"]
        path.unlink()
        gone = client.get("/recordings/1/frame", params={"start": 0, "count": 100, "columns": 100})
        assert gone.status_code in (422, 503)
        assert str(path) in gone.json()["error"]
    finally:
        path.write_bytes(content)
    assert frame(client, start=0, count=100, columns=100)[0]["kind"] == "lines"
