"""Sortings with and without what views are computed from, made once for all of these tests."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from labbox_local.ephys import analyzers, sortings
from labbox_local.ephys.sortings import SortingData
from labbox_local.views.base import ViewData
from tests.ephys.samples import RATE_HZ, detected, generated, locust, nothing, random_sorting, saved

# SpikeInterface's own, from few spikes and short recordings.
THEIR_WARNINGS = (UserWarning, RuntimeWarning, DeprecationWarning, PendingDeprecationWarning)


def analyzed(recording: object, sorting: SortingData, folder: Path) -> ViewData:
    """The sorting with its analyzer."""
    (folder / "scratch").mkdir(parents=True)
    with warnings.catch_warnings():
        for category in THEIR_WARNINGS:
            warnings.simplefilter("ignore", category)
        warnings.filterwarnings("ignore", module="numba")
        analyzers.run(recording, sorting, folder / "analyzer", folder / "scratch", nothing)
    return ViewData(sorting, analyzers.open_analyzer(folder / "analyzer"), {"0": "good", "b": "mua"})


@pytest.fixture(scope="session")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> ViewData:
    """Two segments, 32 channels in µV, text ids, one unit without spikes."""
    folder = tmp_path_factory.mktemp("sparse")
    recording, truth = generated((6.0, 4.0), channels=32, units=4)
    segments = [
        (truth.sample_index[start:stop], np.where(truth.unit_index[start:stop] > 1, truth.unit_index[start:stop] + 1,
                                                  truth.unit_index[start:stop]))
        for start, stop in truth.segment_bounds()
    ]  # fmt: skip
    sorting = sortings.build(
        ["a", "b", "none", "c", "d"], segments, RATE_HZ, segment_sample_counts=truth.segment_sample_counts,
        properties={"quality": ["good", "mua", None, "good", "noise"], "contamination": [0.25, 3, None, 0.5, 12.0]},
    )  # fmt: skip
    return analyzed(saved(recording, folder / "recording"), sorting, folder)


@pytest.fixture(scope="session")
def tetrode(data: Path, tmp_path_factory: pytest.TempPathFactory) -> ViewData:
    """Real spikes of both locust trials, without gains, whole numbers as ids."""
    recording = locust(data, trials=2)
    return analyzed(recording, detected(recording), tmp_path_factory.mktemp("tetrode"))


CASES: dict[str, Callable[[], SortingData]] = {
    "two segments": lambda: random_sorting((5, 3), durations_s=(12.0, 7.0)),
    "one unit": lambda: random_sorting((7,)),
    "empty unit": lambda: random_sorting((0, 1, 2, 3), silent=(2,)),
    "text ids": lambda: random_sorting(("b", "a", "#10")),
    "hundreds of units": lambda: random_sorting(tuple(range(300)), durations_s=(2.0,)),
}


@pytest.fixture(params=CASES)
def bare(request: pytest.FixtureRequest) -> ViewData:
    """A sorting before post-processing."""
    return ViewData(CASES[request.param]())


@pytest.fixture(scope="session")
def imported() -> ViewData:
    """A sorting that came without a recording, with amplitudes, depths and templates of its own."""
    rng = np.random.default_rng(1)
    plain = random_sorting((10, 20, 30), silent=(1,))
    templates = rng.normal(size=(3, 40, 6)).astype(np.float32)
    templates[:, :, 4:] = 0
    sorting = sortings.build(
        plain.unit_ids, [(plain.sample_index, plain.unit_index)], RATE_HZ,
        amplitude=rng.normal(12, 1, plain.spike_count), amplitude_unit="scaled",
        depth_um=rng.normal(500, 20, plain.spike_count), templates=templates, template_unit="whitened",
        properties={"KSLabel": ["good", "mua", "good"]},
    )  # fmt: skip
    return ViewData(sorting, None, {}, has_recording=False)
