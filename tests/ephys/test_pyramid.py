"""Pyramids on disk: the same to the byte however often their making was killed, and readable while they grow."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labbox_local.ephys import pyramid
from labbox_local.ephys.pyramid import Plan, Pyramid, State, grow, open_pyramid

from .test_pyramid_kernels import rows_of, slow_extremes
from .trace_data import write_flat

GROWER = Path(__file__).with_name("pyramid_grower.py")
ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


class Grower:
    """The other side of `pyramid_grower`."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(GROWER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def run(self, order: dict[str, Any], kill_after_s: float | None = None) -> int:
        """The exit code of a child that does the order, killed from outside after a while."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        timer = threading.Timer(kill_after_s or 0, os.kill, (child, signal.SIGKILL))
        if kill_after_s is not None:
            timer.start()
        code = int(self.process.stdout.readline())
        timer.cancel()
        return code

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def grower() -> Iterator[Grower]:
    opened = Grower()
    yield opened
    opened.close()


def order_for(folder: Path, dtype: str, counts: list[int], channels: int, **more: Any) -> dict[str, Any]:
    """An order for a child, its source written to disk; ``reference`` holds what comes out undisturbed."""
    segments = [rows_of(dtype, count, channels, seed=count) for count in counts]
    source = write_flat(folder, segments)
    grow(source, folder / "reference", factor=more["factor"])
    paths = [file.path for file in source.files]
    return {"paths": paths, "dtype": dtype, "channels": channels, "folder": str(folder / "grown"), **more}


@pytest.mark.parametrize("dtype", ["int16", "uint16", "int32", "float32", "float64"])
def test_every_level_holds_the_extremes_of_its_blocks(tmp_path: Path, dtype: str) -> None:
    segments = [rows_of(dtype, 9001, 3, seed=1), rows_of(dtype, 17, 3, seed=2)]
    built = grow(write_flat(tmp_path, segments), tmp_path / "pyramid", factor=4)
    assert built.coverage == 1.0
    assert built.plan.level_count > 2
    for segment, samples in enumerate(segments):
        for level in range(built.plan.level_count):
            size = built.plan.samples_per_block(level)
            edges = [*range(0, len(samples), size), len(samples)]
            stored = np.fromfile(tmp_path / "pyramid" / f"{segment}-{level}.pairs", dtype=dtype).reshape(-1, 2, 3)
            expected, invalid = slow_extremes(samples, edges)
            np.testing.assert_array_equal(stored, expected)
            if built.plan.floating:
                counts = np.fromfile(tmp_path / "pyramid" / f"{segment}-{level}.invalid", dtype=np.uint32)
                np.testing.assert_array_equal(counts.reshape(-1, 3), invalid)


def test_a_build_killed_before_any_of_its_file_operations_goes_on_to_the_same_bytes(
    tmp_path: Path, grower: Grower
) -> None:
    order = order_for(
        tmp_path, "float32", [1200, 333], 3, factor=4, checkpoint_s=0.0, chunk_bytes=12 * 120,
    )  # fmt: skip
    expected = files_of(tmp_path / "reference")
    number, deaths = 1, 0
    while grower.run({**order, "die_at": number}) == KILLED:
        deaths += 1
        assert grower.run(order) == 0
        assert files_of(tmp_path / "grown") == expected, f"killed before operation {number}"
        for path in (tmp_path / "grown").iterdir():
            path.unlink()
        number += 1 if number < 40 else 7
    assert deaths > 50


def test_a_build_killed_again_and_again_at_random_goes_on_to_the_same_bytes(tmp_path: Path, grower: Grower) -> None:
    order = order_for(
        tmp_path, "int16", [600_000, 50_001], 16, factor=4, checkpoint_s=0.005, chunk_bytes=1 << 16,
    )  # fmt: skip
    dice, deaths = random.Random(7), 0
    while grower.run(order, kill_after_s=dice.uniform(0.0, 0.02 * (deaths + 1))) == KILLED:
        deaths += 1
    assert deaths > 3
    assert files_of(tmp_path / "grown") == files_of(tmp_path / "reference")


def test_how_much_is_read_at_a_time_does_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_flat(tmp_path, [rows_of("int16", 20_000, 4)])
    expected = files_of(grow(source, tmp_path / "one", factor=8).folder)
    monkeypatch.setattr(pyramid, "CHUNK_BYTES", 999)
    assert files_of(grow(source, tmp_path / "two", factor=8, threads=2).folder) == expected


def test_a_growing_pyramid_reads_as_far_as_its_state_says(tmp_path: Path) -> None:
    samples = rows_of("int16", 5000, 2)
    whole = grow(write_flat(tmp_path, [samples]), tmp_path / "pyramid", factor=4)
    (tmp_path / "pyramid" / "state.json").write_text(json.dumps({"segments": 0, "samples": 3000}))
    partial = open_pyramid(tmp_path / "pyramid")
    assert partial is not None
    assert (partial.coverage, partial.built(0)) == (0.6, 3000)
    part, _ = partial.envelope(1, 0, 0, 2992, 16, np.arange(2))
    full, _ = whole.envelope(1, 0, 0, 2992, 16, np.arange(2))
    np.testing.assert_array_equal(part, full)


def test_a_folder_without_a_pyramid_is_none(tmp_path: Path) -> None:
    assert open_pyramid(tmp_path) is None
    (tmp_path / "plan.json").write_text('{"version": 99}')
    (tmp_path / "state.json").write_text('{"segments": 0, "samples": 0}')
    assert open_pyramid(tmp_path) is None


def test_the_pyramid_of_something_else_is_started_afresh(tmp_path: Path) -> None:
    first = write_flat(tmp_path, [rows_of("int16", 5000, 2)])
    grow(first, tmp_path / "pyramid", factor=4)
    (tmp_path / "other").mkdir()
    other = write_flat(tmp_path / "other", [rows_of("int16", 4000, 2)])
    grown = grow(other, tmp_path / "pyramid", factor=4)
    assert files_of(grown.folder) == files_of(grow(other, tmp_path / "fresh", factor=4).folder)


def test_progress_rises_to_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyramid, "CHECKPOINT_S", 0.0)
    monkeypatch.setattr(pyramid, "CHUNK_BYTES", 1000)
    seen: list[float] = []
    grow(write_flat(tmp_path, [rows_of("int16", 3000, 2)]), tmp_path / "pyramid", factor=4, progress=seen.append)
    assert len(seen) > 10
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_all_valid_floating_point_samples_leave_holes_for_their_counts(tmp_path: Path) -> None:
    samples = np.zeros((400_000, 8), dtype=np.float32)
    grow(write_flat(tmp_path, [samples]), tmp_path / "pyramid", factor=4)
    counts = (tmp_path / "pyramid" / "0-0.invalid").stat()
    assert counts.st_size == 100_000 * 8 * 4
    assert counts.st_blocks * 512 < 10_000


def test_levels_are_chosen_by_how_many_blocks_a_column_holds() -> None:
    built = Pyramid(Path(), Plan("int16", 1, (10_000_000,), factor=32), State(1, 0))
    assert built.plan.level_count == 6
    assert [built.level_for(n, 4) for n in (127, 128, 511, 512, 10**9)] == [None, 0, 0, 1, 5]
    assert built.level_for(127) == 0
