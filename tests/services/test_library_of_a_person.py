"""What a person can ask for, from Python, with real workers: import, lose a file, find it, sort twice, delete."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from labbox_local import Lab
from labbox_local.errors import Conflict, Invalid, LabError, NotFound, Unavailable
from labbox_local.services import analysis, importing, jobs, library, provenance, sorting, viewing
from labbox_local.services.importing import RecordingRequest, SortingRequest
from labbox_local.settings import Settings
from labbox_local.store.recordings import Recording

RATE_HZ = 20_000
FLAT = {"sampling_frequency": RATE_HZ, "num_channels": 4, "dtype": "int16"}
TETRODE = {"source": "generated", "layout": "tetrode", "params": {}}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A Lab that owns a new workspace."""
    folder = tmp_path_factory.mktemp("lab")
    with Lab(Settings(workspace=folder / "workspace", file=folder / "settings.json")) as opened:
        yield opened


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Three seconds of four channels with 60 spikes of one unit."""
    samples = np.random.default_rng(0).normal(0, 10, (3 * RATE_HZ, 4))
    shape = -200 * np.exp(-(((np.arange(40) - 15) / 4.0) ** 2))
    for start in spike_samples():
        samples[start - 15 : start + 25, 1] += shape
    path = tmp_path / "three seconds.raw"
    samples.astype("<i2").tofile(path)
    return path


@pytest.fixture
def recording(lab: Lab, raw: Path) -> Iterator[Recording]:
    """It in the library."""
    made = lab.recordings.import_(str(raw), "binary", probe=TETRODE, **FLAT)
    yield made
    if any(known.id == made.id for known in lab.recordings()):
        lab.recordings.delete(made.id)


def spike_samples() -> np.ndarray:
    return np.arange(500, 3 * RATE_HZ - 500, 980)


def npz(folder: Path) -> Path:
    """The true spikes as SpikeInterface's npz."""
    times = spike_samples()
    path = folder / "true.npz"
    np.savez(
        path,
        unit_ids=np.array([7]),
        num_segment=np.array([1]),
        sampling_frequency=np.array([float(RATE_HZ)]),
        spike_indexes_seg0=times,
        spike_labels_seg0=np.full(len(times), 7),
    )
    return path


def test_an_import_measures_its_channels_and_copies_nothing(lab: Lab, recording: Recording, raw: Path) -> None:
    for job in lab.jobs("active"):
        lab.jobs.finished(job)
    page = library.recording_page(lab.tools, recording.id)
    assert page.measured is not None
    assert len(page.measured["noise"]) == 4
    assert page.recording.facts["path"] == str(raw)
    assert not list(lab.tools.workspace.folder.rglob("*.raw"))
    assert lab.recordings.load(recording.id).get_num_samples() == 3 * RATE_HZ


def test_names_are_kept_apart(lab: Lab, recording: Recording, raw: Path) -> None:
    twin = lab.recordings.import_(str(raw), "binary", probe=TETRODE, **FLAT)
    assert (recording.name, twin.name) == ("three seconds.raw", "three seconds.raw (2)")
    lab.recordings.delete(twin.id)


def test_the_search_wants_every_word_and_the_tag(lab: Lab, recording: Recording) -> None:
    library.update_recording(lab.tools, recording.id, tags="cortex, good day ,cortex", notes="first\nsecond")
    assert lab.recordings.get(recording.id).tags == ["cortex", "good day"]
    assert [row.recording.id for row in library.page(lab.tools, "three cortex").rows] == [recording.id]
    assert [row.recording.id for row in library.page(lab.tools, "", "good day").rows] == [recording.id]
    assert library.page(lab.tools, "three hippocampus").rows == []
    with pytest.raises(Invalid, match="name"):
        library.update_recording(lab.tools, recording.id, name="   ")
    with pytest.raises(Invalid, match="notes"):
        library.update_recording(lab.tools, recording.id, notes="x" * 100_001)


def test_a_moved_file_is_missed_and_located(lab: Lab, recording: Recording, raw: Path, tmp_path: Path) -> None:
    moved = shutil.move(raw, tmp_path / "moved.raw")
    assert library.recording_page(lab.tools, recording.id).missing
    other = tmp_path / "other.raw"
    other.write_bytes(bytes(8 * 100))
    with pytest.raises(Invalid, match="another recording"):
        importing.locate(lab.tools, recording.id, str(other))
    located = importing.locate(lab.tools, recording.id, str(moved))
    assert located.facts["path"] == str(moved)
    assert library.file_trouble(located) == ("", False)


def test_a_changed_file_is_told(lab: Lab, recording: Recording, raw: Path) -> None:
    with raw.open("ab") as file:
        file.write(bytes(8))
    trouble, missing = library.file_trouble(recording)
    assert "has changed" in trouble
    assert not missing


def test_a_sorting_on_a_recording_is_post_processed_and_drawn(lab: Lab, recording: Recording, tmp_path: Path) -> None:
    made = lab.sortings.import_(str(npz(tmp_path)), recording_id=recording.id, name="truth")
    assert (made.unit_count, made.spike_count) == (1, len(spike_samples()))
    for job in lab.jobs("active"):
        lab.jobs.finished(job)
    analyzed = lab.sortings.get(made.id)
    assert analyzed.analyzer_key is not None
    assert analyzed.preprocessing[0]["step"] == "bandpass_filter"
    table = json.loads(lab.sortings.draw(made.id, "units_table"))
    row = table["rows"][0]
    assert (row["id"], row["spikes"], row["channel"]) == ("7", len(spike_samples()), "1")
    assert lab.sortings.load_analyzer(made.id).has_extension("templates")
    np.testing.assert_array_equal(lab.sortings.load(made.id).get_unit_spike_train(7), spike_samples())
    history = provenance.of_sorting(lab.tools, made.id)
    assert history["recording"]["facts"]["channel_count"] == 4
    assert "spikeinterface" in history["packages"]
    with pytest.raises(NotFound, match="no view"):
        viewing.draw(lab.tools, made.id, "no_such_view", viewing.Selection())


def test_without_a_recording_a_view_says_what_it_lacks(lab: Lab, tmp_path: Path) -> None:
    made = lab.sortings.import_(str(npz(tmp_path)))
    assert library.page(lab.tools).loose_sortings == [made]
    with pytest.raises(Unavailable, match="without one"):
        lab.sortings.draw(made.id, "waveforms")
    with pytest.raises(LabError, match="needs a recording"):
        analysis.analyze(lab.tools, made.id)
    lab.sortings.delete(made.id)


def test_the_same_question_is_asked_once(lab: Lab, recording: Recording) -> None:
    first = sorting.run(lab.tools, recording.id, "simple", {"preprocessing.freq_min": "400"})
    again = sorting.run(lab.tools, recording.id, "simple", {"preprocessing.freq_min": 400.0})
    assert first.job is not None
    assert again.job is not None
    assert again.job.id == first.job.id
    lab.jobs.cancel(first.job.id)
    assert lab.jobs.get(first.job.id).state == "cancelled"
    retried = lab.jobs.retry(first.job.id)
    assert retried.retry_of == first.job.id
    lab.jobs.cancel(retried.id)
    with pytest.raises(Conflict):
        jobs.cancel(lab.tools, retried.id)


def test_every_wrong_parameter_is_named_and_nothing_is_queued(lab: Lab, recording: Recording) -> None:
    before = len(lab.jobs())
    with pytest.raises(Invalid) as caught:
        sorting.run(lab.tools, recording.id, "simple", {"preprocessing.freq_max": "99999", "no_such": "1"})
    assert {"preprocessing.freq_max", "no_such"} <= set(caught.value.fields)
    with pytest.raises(Invalid, match="installed are"):
        sorting.run(lab.tools, recording.id, "no_such_sorter")
    assert len(lab.jobs()) == before


@pytest.mark.parametrize("path", ["", "  ", "a\0b", "/nowhere/at/all", "~no_such_person/file"])
def test_a_path_that_cannot_be_is_answered_at_its_field(lab: Lab, path: str) -> None:
    before = lab.recordings()
    with pytest.raises(Invalid) as caught:
        importing.commit(lab.tools, RecordingRequest(path))
    assert set(caught.value.fields) == {"path"}
    assert lab.recordings() == before


def test_a_sorting_for_a_recording_that_is_gone_is_refused(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="recording_id"):
        importing.import_sorting(lab.tools, SortingRequest(str(npz(tmp_path)), recording_id=999))


def test_deleting_frees_what_nothing_else_uses_and_leaves_raw_data(lab: Lab, raw: Path, tmp_path: Path) -> None:
    made = lab.recordings.import_(str(raw), "binary", probe=TETRODE, **FLAT)
    lab.sortings.import_(str(npz(tmp_path)), recording_id=made.id)
    for job in lab.jobs("active"):
        lab.jobs.finished(job)
    going = library.recording_deletion(lab.tools, made.id)
    assert (going.sorting_count, going.active_jobs, going.raw_path) == (1, 0, str(raw))
    assert going.size_bytes > 0
    lab.recordings.delete(made.id)
    assert raw.is_file()
    with pytest.raises(NotFound):
        lab.recordings.get(made.id)
    with pytest.raises(NotFound, match="number or name"):
        library.find_recording(lab.tools, made.name)
