"""Post-processing: what SpikeInterface computes, from any recording that a person may have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spikeinterface.core as si

from labbox_local.ephys import analyzers, correlograms, preprocessing, sortings
from labbox_local.ephys.sortings import SortingData
from labbox_local.errors import Invalid, LabError, Unavailable
from tests.ephys.samples import RATE_HZ, detected, generated, locust, nothing, random_sorting, saved, without_probe

# SpikeInterface warns of few spikes and short recordings, which these are.
pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaPendingDeprecationWarning"),
]


def analyze(recording: Any, sorting: SortingData, tmp_path: Path, **arguments: Any) -> tuple[dict[str, Any], Any]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    summary = analyzers.run(recording, sorting, tmp_path / "analyzer", scratch, nothing, **arguments)
    json.dumps(summary, allow_nan=False)
    return summary, analyzers.open_analyzer(tmp_path / "analyzer")


def with_odd_units(truth: SortingData, ids: tuple[str, ...]) -> SortingData:
    """The true units, one without spikes in the middle and one with two spikes at the end."""
    segments = []
    for start, stop in truth.segment_bounds():
        units = np.where(np.asarray(truth.unit_index[start:stop]) >= 1, truth.unit_index[start:stop] + 1, 0)
        samples = np.concatenate([truth.sample_index[start:stop], [200, 4000]])
        segments.append((samples, np.concatenate([units, [truth.unit_count + 1] * 2])))
    return sortings.build(ids, segments, RATE_HZ, segment_sample_counts=truth.segment_sample_counts)


def test_two_segments_text_ids_and_odd_units(tmp_path: Path) -> None:
    recording, truth = generated((6.0, 4.0))
    sorting = with_odd_units(truth, ("a", "none", "b", "c", "two"))
    summary, analyzer = analyze(saved(recording, tmp_path / "recording"), sorting, tmp_path)
    assert summary["extensions"] == list(analyzers.DEFAULT_EXTENSIONS)
    assert summary["unit"] == "µV"
    assert list(analyzer.unit_ids) == list(sorting.unit_ids)
    assert summary["metrics"]["num_spikes"] == sorting.spike_counts().tolist()
    empty = {name: values[1] for name, values in summary["metrics"].items() if name != "num_spikes"}
    assert set(empty.values()) == {None}
    assert len(analyzer.get_extension("spike_amplitudes").get_data()) == sorting.spike_count


def test_amplitudes_stand_in_the_order_of_our_spikes(tmp_path: Path) -> None:
    recording, truth = generated((6.0, 4.0))
    _, analyzer = analyze(saved(recording, tmp_path / "recording"), truth, tmp_path)
    amplitudes = analyzer.get_extension("spike_amplitudes").get_data()
    channels = analyzers.main_channels(analyzer)
    for segment, (start, stop) in enumerate(truth.segment_bounds()):
        traces = recording.get_traces(segment, return_in_uV=True)
        peaks = [channels[unit] for unit in truth.unit_index[start:stop]]
        np.testing.assert_allclose(amplitudes[start:stop], traces[truth.sample_index[start:stop], peaks], atol=1e-4)


def test_metrics_equal_our_own_counts(tmp_path: Path) -> None:
    recording, truth = generated((9.0,))
    summary, _ = analyze(saved(recording, tmp_path / "recording"), truth, tmp_path)
    metrics = summary["metrics"]
    np.testing.assert_array_equal(metrics["firing_rate"], correlograms.firing_rates_hz(truth))
    np.testing.assert_array_equal(metrics["isi_violations_count"], correlograms.isi_violation_counts(truth))
    np.testing.assert_array_equal(metrics["isi_violations_ratio"], correlograms.isi_violation_ratios(truth))


def test_real_tetrode_equals_spikeinterfaces_own_analyzer(data: Path, tmp_path: Path) -> None:
    chain = [{"step": "bandpass_filter", "params": {"freq_min": 300.0, "freq_max": 6000.0}}]
    recording = preprocessing.apply(locust(data, trials=2), chain)
    sorting = detected(recording)
    summary, analyzer = analyze(recording, sorting, tmp_path)
    assert summary["unit"] == "a.u."
    assert "no gains" in summary["notes"][0]
    assert not analyzer.is_sparse()
    their_sorting = sortings.to_spikeinterface(sorting)
    theirs = si.create_sorting_analyzer(their_sorting, recording, sparse=False, return_in_uV=False)
    theirs.compute({name: dict(params) for name, params in analyzers.DEFAULT_EXTENSIONS.items()})
    for name in ("templates", "spike_amplitudes", "noise_levels"):
        np.testing.assert_allclose(
            analyzer.get_extension(name).get_data(), theirs.get_extension(name).get_data(), rtol=1e-6, atol=1e-6
        )
    expected = theirs.get_extension("quality_metrics").get_data()
    np.testing.assert_allclose(summary["metrics"]["snr"], expected["snr"].astype(float), rtol=1e-6)


def test_many_channels_are_sparse_and_few_are_dense(tmp_path: Path) -> None:
    for channels, sparse in ((8, False), (16, True)):
        folder = tmp_path / str(channels)
        folder.mkdir()
        recording, truth = generated((3.0,), channels=channels)
        _, analyzer = analyze(saved(recording, folder / "recording"), truth, folder)
        assert analyzer.is_sparse() == sparse


def test_a_recording_without_a_probe_gets_a_line_and_says_so(tmp_path: Path) -> None:
    recording = saved(without_probe(), tmp_path / "recording")
    sorting = random_sorting((4, 9), durations_s=(3.9,), rate_hz=20)
    summary, analyzer = analyze(recording, sorting, tmp_path)
    assert any("has no probe" in note for note in summary["notes"])
    assert summary["unit"] == "a.u."
    assert analyzer.get_channel_locations()[:, 1].tolist() == [0, 20, 40, 60]
    assert not recording.has_probe()


def test_a_recording_in_memory_only_leaves_no_pickle(tmp_path: Path) -> None:
    recording, truth = generated((3.0,))
    analyze(recording, truth, tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".pickle", ".pkl")]


def test_it_may_be_moved_and_still_knows_its_recording(tmp_path: Path) -> None:
    recording, truth = generated((3.0,))
    analyze(saved(recording, tmp_path / "recording"), truth, tmp_path)
    moved = tmp_path / "far" / "away"
    moved.parent.mkdir()
    (tmp_path / "analyzer").rename(moved)
    analyzer = analyzers.open_analyzer(moved)
    assert analyzer.has_recording()
    assert analyzer.get_loaded_extension_names() == []
    assert analyzer.is_read_only()


def test_peak_channels_are_known_without_the_recording(tmp_path: Path) -> None:
    recording, truth = generated((3.0,))
    _, analyzer = analyze(saved(recording, tmp_path / "recording"), truth, tmp_path)
    expected = [int(index) for index in analyzer.get_main_channels()]
    (tmp_path / "analyzer" / "recording.json").unlink()
    alone = analyzers.open_analyzer(tmp_path / "analyzer")
    assert not alone.has_recording()
    assert analyzers.main_channels(alone) == expected


def test_only_the_extensions_asked_for_are_computed_and_each_is_told(tmp_path: Path) -> None:
    recording, truth = generated((3.0,))
    told: list[tuple[str, float | None]] = []
    (tmp_path / "scratch").mkdir()
    summary = analyzers.run(
        saved(recording, tmp_path / "recording"), truth, tmp_path / "analyzer", tmp_path / "scratch",
        lambda stage, fraction: told.append((stage, fraction)), {"random_spikes": {}, "waveforms": {}},
    )  # fmt: skip
    assert summary["extensions"] == ["random_spikes", "waveforms"]
    assert summary["metrics"] == {}
    assert ("Cutting out waveforms", 0.5) in told
    assert [fraction for _, fraction in told] == sorted(fraction for _, fraction in told)


@pytest.mark.parametrize(
    ("sorting", "words"),
    [
        (random_sorting((1,), durations_s=(50.0,)), "ends at sample 90000"),
        (random_sorting((1,), durations_s=(1.0, 1.0)), "2 segments, the recording 1"),
        (sortings.build([1], [(np.array([5]), np.array([0]))], 20_000.0), "20000 Hz, is not the recording's, 30000 Hz"),
    ],
)
def test_a_sorting_of_another_recording_is_refused(sorting: SortingData, words: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        analyze(generated((3.0,))[0], sorting, tmp_path)
    assert words in caught.value.fields["recording"]


def test_a_sorting_without_spikes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="nothing to post-process"):
        analyze(generated((1.0,))[0], sortings.build([1], [(np.array([]), np.array([]))], RATE_HZ), tmp_path)


class TestOpening:
    def test_a_pickle_is_never_read(self, tmp_path: Path) -> None:
        recording, truth = generated((2.0,))
        analyze(saved(recording, tmp_path / "recording"), truth, tmp_path, extensions={"random_spikes": {}})
        proof = tmp_path / "ran"
        hostile = f"cposix\nsystem\n(S'touch {proof}'\ntR.".encode()
        (tmp_path / "analyzer" / "extensions" / "random_spikes" / "more.pkl").write_bytes(hostile)
        with pytest.raises(Unavailable, match=r"more\.pkl"):
            analyzers.open_analyzer(tmp_path / "analyzer")
        assert not proof.exists()

    def test_a_folder_that_is_gone_or_damaged_says_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(Unavailable) as gone:
            analyzers.open_analyzer(tmp_path / "nowhere")
        assert gone.value.hint == "Post-process the sorting again."
        (tmp_path / "damaged").mkdir()
        with pytest.raises(Unavailable, match="cannot be read"):
            analyzers.open_analyzer(tmp_path / "damaged")
