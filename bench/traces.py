"""How long a window of traces takes at any zoom, beside the naive way and a plain read; and how long a pyramid takes.

Recordings of equal size on disk are generated: 64 channels, and 384. A window is answered as the program does it, from
the samples or from the pyramid, as the frame that the browser gets. The naive way is SpikeInterface's ``get_traces``
and NumPy's minimum and maximum per pixel; the plain read takes the bytes of the window from the (cached) file and does
nothing with them, which is the limit of what any program that looks at the samples can reach.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench_report import Report, Target, run
from numpy.typing import NDArray

from labbox_local.ephys import extremes, frames, pyramid, recordings, traces, tracing
from labbox_local.ephys.pyramid import Pyramid
from labbox_local.ephys.windows import View, Window

RATE_HZ = 30_000
COLUMNS = 1600
ZOOMS = 8
LIMITS_MS = {64: 50.0, 384: 150.0}
READ_BYTES = 1 << 20
TILE_SECONDS = 4
BUILDS = 3
SLOW_MS = 1000.0


@dataclass(frozen=True)
class Recorded:
    """A generated recording, opened in all the ways that are compared."""

    path: Path
    channels: int
    samples: int
    recording: Any
    view: View


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="length at 64 channels (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=15, help="windows per zoom (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="where to put the recordings; a temporary folder when not given")
    return run(measure, parser)


def measure(given: argparse.Namespace) -> Report:
    """All rows."""
    folder = Path(tempfile.mkdtemp(prefix="labbox-bench-", dir=given.folder))
    rows: list[dict[str, Any]] = []
    targets: list[Target] = []
    try:
        for channels, limit_ms in LIMITS_MS.items():
            recorded = generate(folder, channels, given.minutes * 60 * 64 / channels)
            built, ratio = build(recorded, folder / "pyramid")
            targets.append(Target(f"pyramid build, {channels} channels", ratio, 0.4, "× memmap sum", at_least=True))
            for row in zooms(recorded, built, given.repeats):
                rows.append({"channels": channels, **row})
                name = f"{channels} channels, {row['seconds']:.3g} s"
                targets.append(Target(name, row["ours_ms"], limit_ms, "ms"))
                if row["source"] == "file":
                    near_ms = 3 * row["read_ms"] + 5
                    targets.append(Target(f"{name}, against a plain read", row["ours_ms"], near_ms, "ms"))
            rows.append({"channels": channels, **build_row(recorded, built, ratio)})
            recorded.path.unlink()
    finally:
        shutil.rmtree(folder)
    columns = {
        "channels": "channels", "seconds": "window (s)", "source": "from", "ours_ms": "ours (ms)",
        "naive_ms": "get_traces + NumPy (ms)", "read_ms": "plain read (ms)", "faster": "faster than naive (×)",
    }  # fmt: skip
    return Report(f"Windows of traces, {COLUMNS} px, medians", columns, rows, targets)


def generate(folder: Path, channels: int, seconds: float) -> Recorded:
    """A flat file of noise."""
    random = np.random.default_rng(channels)
    tile = random.normal(0, 60, size=(TILE_SECONDS * RATE_HZ, channels)).astype(np.int16)
    samples = int(seconds * RATE_HZ)
    path = folder / f"{channels}.raw"
    with path.open("wb") as file:
        for start in range(0, samples, len(tile)):
            file.write(tile[: samples - start].tobytes())
    options = {"sampling_frequency": RATE_HZ, "num_channels": channels, "dtype": "int16", "gain_to_uv": 0.195}
    recording = recordings.open_recording({"format": "binary", "path": str(path), "options": options})
    return Recorded(path, channels, samples, recording, tracing.open_view(recording))


def build(recorded: Recorded, folder: Path) -> tuple[Pyramid, float]:
    """The pyramid, and its speed as a part of that of a sum over the mapped file; the medians of a few in turn."""
    mapped = np.memmap(recorded.path, dtype=np.int16, mode="r")
    ratios = []
    for _ in range(BUILDS):
        sum_s = timed(mapped.sum)[0]
        shutil.rmtree(folder, ignore_errors=True)
        source, threads = recorded.view.source, extremes.core_count()
        build_s, built = timed(lambda: pyramid.grow(source, folder, threads=threads))  # noqa: B023
        ratios.append(sum_s / build_s)
    return built, statistics.median(ratios)


def zooms(recorded: Recorded, built: Pyramid, repeats: int) -> Iterator[dict[str, Any]]:
    """A row for each zoom."""
    whole = recorded.samples / RATE_HZ
    for seconds in np.geomspace(0.01, whole, ZOOMS):
        count = min(recorded.samples, round(seconds * RATE_HZ))
        starts = np.random.default_rng(1).integers(0, recorded.samples - count + 1, repeats).tolist()
        frame = tracing.frame(recorded.view, built, Window(0, starts[0], count, COLUMNS))
        ours = median_ms(lambda at: tracing.frame(recorded.view, built, Window(0, at, count, COLUMNS)), starts)  # noqa: B023
        read = median_ms(lambda at: plain_read(recorded, at, count), starts)  # noqa: B023
        naive = median_ms(lambda at: naively(recorded, at, count), starts)  # noqa: B023
        yield {
            "seconds": float(seconds), "source": frames.decode(frame)[0]["source"], "ours_ms": ours,
            "naive_ms": naive, "read_ms": read, "faster": naive / ours,
        }  # fmt: skip


def build_row(recorded: Recorded, built: Pyramid, ratio: float) -> dict[str, Any]:
    """What the pyramid takes, in the columns of the windows."""
    on_disk = sum(path.stat().st_size for path in built.folder.iterdir()) / recorded.path.stat().st_size
    said = f"pyramid: built at {ratio:.2f} of the speed of memmap.sum(), {on_disk:.3f} of the file's size"
    return {"seconds": recorded.samples / RATE_HZ, "source": said} | dict.fromkeys(
        ("ours_ms", "naive_ms", "read_ms", "faster"), "–"
    )


def naively(recorded: Recorded, start: int, count: int) -> NDArray[Any]:
    """Read all, then the smallest and largest of each pixel."""
    samples = recorded.recording.get_traces(start_frame=start, end_frame=start + count)
    return np.stack(traces.min_max(samples, traces.pixel_edges(count, COLUMNS)))


def plain_read(recorded: Recorded, start: int, count: int) -> None:
    """Take the bytes of the window out of the cache of the disk."""
    row_bytes = 2 * recorded.channels
    buffer, left = memoryview(bytearray(READ_BYTES)), count * row_bytes
    with recorded.path.open("rb", buffering=0) as file:
        file.seek(start * row_bytes)
        while left:
            left -= file.readinto(buffer[: min(left, READ_BYTES)])


def median_ms(step: Callable[[int], Any], starts: list[int]) -> float:
    """The median over the starts; over three only of what takes seconds."""
    first, _ = timed(lambda: step(starts[0]))
    chosen = starts[:3] if first * 1000 > SLOW_MS else starts
    return statistics.median(timed(lambda at=at: step(at))[0] * 1000 for at in chosen)  # type: ignore[misc]


def timed(step: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came out."""
    began = time.perf_counter()
    result = step()
    return time.perf_counter() - began, result


if __name__ == "__main__":
    raise SystemExit(main())
