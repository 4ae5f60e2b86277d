"""Real sorters on seconds of data."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spikeinterface.core as si
from spikeinterface.core.globals import get_global_job_kwargs
from spikeinterface.sorters import BaseSorter
from spikeinterface.sorters.sorterlist import sorter_dict, sorter_full_list

from labbox_local.ephys import comparison, preprocessing, sorter_catalog, sorter_run, sorters, sortings
from labbox_local.ephys.sortings import SortingData
from labbox_local.errors import Invalid, LabError, Unavailable
from tests.ephys.samples import RATE_HZ, generated, locust, nothing, saved, without_probe

# What the sorters' own code warns of; none of it is ours to mend.
pytestmark = [
    pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaPendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
CHAIN = [{"step": "bandpass_filter", "params": {"freq_min": 300.0, "freq_max": 6000.0}}]


class Scripted(BaseSorter):
    """A sorter that does what its parameter says, to see what becomes of it."""

    sorter_name = "scripted"
    sorter_description = "For tests."
    _default_params: dict[str, Any] = {"says": "", "seed": None, "filter": True}  # noqa: RUF012
    _params_description: dict[str, Any] = {"says": "How to end."}  # noqa: RUF012

    @classmethod
    def is_installed(cls) -> bool:
        return True

    @classmethod
    def get_sorter_version(cls) -> str:
        return "1.0"

    @classmethod
    def _setup_recording(cls, recording: Any, folder: Path, params: dict[str, Any], verbose: bool) -> None:
        if params["says"] == "early":
            raise ValueError("channels must be named")

    @classmethod
    def _run_from_folder(cls, folder: Path, params: dict[str, Any], verbose: bool) -> None:
        (folder / "seen.txt").write_text(f"{params['seed']} {params['filter']}")
        if params["says"] not in ("", "early"):
            raise RuntimeError(params["says"])

    @classmethod
    def _get_result_from_folder(cls, folder: Path) -> Any:
        recording = cls.load_recording_from_folder(folder.parent)
        last = recording.get_num_samples(0)
        units = [{"b": np.array([10, 20]), "a": np.array([15, last - 1, last + 5]), "none": np.array([], int)}]
        units += [{key: np.array([], int) for key in units[0]}] * (recording.get_num_segments() - 1)
        return si.NumpySorting.from_unit_dict(units, recording.get_sampling_frequency())


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorter_catalog, "sorter_full_list", [*sorter_full_list, Scripted])
    monkeypatch.setitem(sorter_dict, "scripted", Scripted)


def run(
    recording: Any, sorter: str, tmp_path: Path, params: dict[str, Any] | None = None
) -> tuple[dict[str, Any], SortingData]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    summary = sorters.run(recording, sorter, params or {}, tmp_path / "sorting", scratch, nothing)
    return summary, sortings.load(tmp_path / "sorting")


@pytest.mark.parametrize(
    "sorter",
    ["simple", *(pytest.param(name, marks=pytest.mark.slow) for name in ("spykingcircus2", "mountainsort5"))],
)
def test_finds_most_true_spikes(sorter: str, tmp_path: Path) -> None:
    if sorter == "mountainsort5":
        pytest.importorskip("mountainsort5", reason="the extra “sorters” is not installed")
    recording, truth = generated((12.0,))
    summary, found = run(saved(recording, tmp_path / "recording"), sorter, tmp_path)
    assert summary["unit_count"] == found.unit_count >= 2
    assert summary["spike_count"] == found.spike_count
    assert summary["sorter_version"]
    assert summary["packages"]["spikeinterface"]
    assert summary["seconds"] > 0
    assert summary["params_changed"] == {}
    assert found.segment_sample_counts == truth.segment_sample_counts
    assert found.spike_counts().min() > 0
    assert found.source["sorter"] == sorter
    assert comparison.to_truth(found, truth)["well_detected"] >= 2


@pytest.mark.slow
def test_the_default_sorter_finds_all_units_of_an_easy_recording(tmp_path: Path) -> None:
    recording, truth = generated((20.0,), channels=16, units=5)
    filtered = preprocessing.apply(saved(recording, tmp_path / "recording"), CHAIN)
    summary, found = run(filtered, sorters.DEFAULT_SORTER, tmp_path)
    assert comparison.to_truth(found, truth)["fraction"] >= 0.8
    assert "was switched off" in summary["notes"][0]


def test_a_real_tetrode_recording_is_sorted(data: Path, tmp_path: Path) -> None:
    recording = locust(data)
    summary, found = run(preprocessing.apply(recording, CHAIN), "simple", tmp_path, {"detect_threshold": "6"})
    assert summary["params_changed"] == {"detect_threshold": 6.0}
    assert found.spike_count > 500
    assert found.segment_sample_counts == (recording.get_num_samples(),)


def test_segments_are_joined_for_a_sorter_that_takes_one_and_split_again(tmp_path: Path) -> None:
    pytest.importorskip("mountainsort5", reason="the extra “sorters” is not installed")
    recording, truth = generated((8.0, 6.0))
    summary, found = run(saved(recording, tmp_path / "recording"), "mountainsort5", tmp_path)
    assert found.segment_count == 2
    assert found.segment_sample_counts == truth.segment_sample_counts
    assert "2 segments were sorted as one" in summary["notes"][0]
    assert all(stop - start > 100 for start, stop in found.segment_bounds())
    assert max(unit["recall"] for unit in comparison.to_truth(found, truth)["units"]) > 0.9


def test_a_recording_in_memory_only_is_written_out_first(tmp_path: Path) -> None:
    recording, truth = generated((10.0,))
    assert not recording.check_serializability("json")
    _, found = run(recording, "simple", tmp_path)
    assert comparison.to_truth(found, truth)["well_detected"] >= 2


def test_noise_gives_a_sorting_without_units(tmp_path: Path) -> None:
    noise = without_probe()
    noise.set_probe(generated((1.0,))[0].get_probe())
    summary, found = run(saved(noise, tmp_path / "recording"), "simple", tmp_path, {"detect_threshold": 12})
    assert (summary["unit_count"], summary["spike_count"], found.unit_count) == (0, 0, 0)


@pytest.mark.usefixtures("scripted")
class TestScripted:
    def test_empty_units_and_spikes_outside_are_left_out(self, tmp_path: Path) -> None:
        summary, found = run(saved(generated((1.0,))[0], tmp_path / "r"), "scripted", tmp_path)
        assert sorted(found.unit_ids) == ["a", "b"]
        assert found.spike_count == 4
        assert found.sample_index.max() == RATE_HZ - 1
        assert [note.split()[0] for note in summary["notes"]] == ["1", "1"]

    def test_a_failure_is_one_sentence_with_its_last_words(self, tmp_path: Path) -> None:
        with pytest.raises(LabError, match=r"^scripted failed: RuntimeError: the matrix is singular$"):
            run(saved(generated((1.0,))[0], tmp_path / "r"), "scripted", tmp_path, {"says": "the matrix is singular"})
        assert not (tmp_path / "sorting").exists()

    def test_a_failure_before_the_start_is_one_too(self, tmp_path: Path) -> None:
        with pytest.raises(LabError, match="could not start on this recording: channels must be named"):
            run(saved(generated((1.0,))[0], tmp_path / "r"), "scripted", tmp_path, {"says": "early"})

    def test_a_full_disk_is_named(self, tmp_path: Path) -> None:
        says = {"says": "[Errno 28] No space left on device"}
        with pytest.raises(LabError, match="ran out of disk space"):
            run(saved(generated((1.0,))[0], tmp_path / "r"), "scripted", tmp_path, says)

    def test_a_sorter_that_ends_with_no_spikes_has_found_nothing(self, tmp_path: Path) -> None:
        recording = saved(generated((1.0, 1.0))[0], tmp_path / "r")
        summary, found = run(recording, "scripted", tmp_path, {"says": "No spikes!"})
        assert (summary["unit_count"], found.spike_count, found.segment_count) == (0, 0, 2)

    def test_seeds_are_fixed_and_its_own_filter_goes_off_after_ours(self, tmp_path: Path) -> None:
        recording = saved(generated((1.0,))[0], tmp_path / "r")
        run(preprocessing.apply(recording, CHAIN), "scripted", tmp_path)
        assert next(tmp_path.rglob("seen.txt")).read_text() == "0 False"

    def test_without_a_filter_of_ours_the_sorter_keeps_its_own(self, tmp_path: Path) -> None:
        summary, _ = run(saved(generated((1.0,))[0], tmp_path / "r"), "scripted", tmp_path)
        assert next(tmp_path.rglob("seen.txt")).read_text() == "0 True"
        assert not any("switched off" in note for note in summary["notes"])


@pytest.mark.parametrize(
    ("sorter", "channels", "chain", "expected"),
    [
        ("tridesclous2", 4, CHAIN, {"preprocessing_dict": {}}),
        ("tridesclous2", 32, CHAIN, {"preprocessing_dict": {"common_reference": {}}}),
        ("tridesclous2", 32, [*CHAIN, {"step": "common_reference", "params": {}}], {"preprocessing_dict": {}}),
        ("tridesclous2", 4, [], {}),
        ("spykingcircus2", 4, CHAIN, {"apply_preprocessing": False}),
        ("mountainsort5", 4, CHAIN, {"filter": False}),
        ("kilosort4", 4, CHAIN, {}),
    ],
)
def test_own_filter_is_off_only_when_ours_is_on(
    sorter: str, channels: int, chain: list[dict[str, Any]], expected: dict[str, Any]
) -> None:
    recording = preprocessing.apply(without_probe(channels, 0.5), chain)
    assert sorter_run.own_filter_off(sorter_catalog.find(sorter), recording) == expected


def test_only_a_long_recording_is_worth_several_processes() -> None:
    short, long = (si.generate_recording(64, 30_000.0, [seconds]) for seconds in (60.0, 900.0))
    assert (sorter_run.processes(short, 4), sorter_run.processes(long, 4), sorter_run.processes(long, 1)) == (1, 4, 1)


def test_a_sorter_that_is_not_installed_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        run(without_probe(), "yass", tmp_path)
    assert "pip install yass-algorithm" in caught.value.hint


def test_wrong_parameters_are_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        run(without_probe(), "simple", tmp_path, {"freq_min": "low"})
    assert list(caught.value.fields) == ["freq_min"]


def test_job_settings_of_the_process_are_put_back() -> None:
    before = get_global_job_kwargs()
    seen = []
    with contextlib.suppress(LabError), sorter_run.job_settings(n_jobs=2, progress_bar=False):
        seen.append(get_global_job_kwargs()["n_jobs"])
        raise LabError("stop")
    assert seen == [2]
    assert get_global_job_kwargs() == before


@pytest.mark.parametrize(
    ("trace", "words"),
    [
        ("Traceback:\n  File x\nValueError: too few\n\nSpike sorting failed. You can …", "ValueError: too few"),
        ("a.b.TypingError: \n\nCannot unify\nFile x\n   ^", "a.b.TypingError: Cannot unify"),
        ("AssertionError", "AssertionError"),
        ("something\nlast line", "last line"),
        ("numpy.linalg.LinAlgError: singular\nrun time 3 s", "numpy.linalg.LinAlgError: singular"),
        ("", "it did not say why"),
    ],
)
def test_last_words_are_the_line_that_says_most(trace: str, words: str) -> None:
    assert sorter_run.last_words(trace) == words
