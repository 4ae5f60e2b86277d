"""From process start to the first answered page, on a workspace of 200 recordings; and what that process imported.

Beside it stand what cannot be undercut (the imports of the server alone) and what was avoided (SpikeInterface).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from statistics import median
from typing import Any

from bench_report import Report, Target, run

from labbox_local.store import recordings
from labbox_local.store.workspace import Workspace

RECORDING_COUNT = 200
LIMIT_S = 1.0
NEVER_IMPORTED = ("spikeinterface", "numba", "plotly")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*")
COLUMNS = {"what": "what", "median_s": "median (s)", "least_s": "least (s)", "most_s": "most (s)", "runs": "runs"}
COMPARED = {
    "python alone": "pass",
    "import litestar, uvicorn, jinja2, sqlite_utils": "import litestar, uvicorn, jinja2, sqlite_utils",
    "import spikeinterface.full": "import spikeinterface.full",
}
STOP_SECONDS = 20


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="how often each is measured (at least 5)")
    return run(measure, parser)


def measure(given: argparse.Namespace) -> Report:
    """The table."""
    runs = max(5, given.runs)
    with tempfile.TemporaryDirectory(prefix="labbox-local-bench-") as folder:
        workspace = Path(folder) / "workspace"
        fill(workspace, RECORDING_COUNT)
        first_page_s(workspace)  # once uncounted: the disk is cold
        pages: list[float] = []
        compared: dict[str, list[float]] = {what: [] for what in COMPARED}
        for _ in range(runs):  # in turn, so that a busy moment of the machine meets all of them
            pages.append(first_page_s(workspace))
            for what, code in COMPARED.items():
                compared[what].append(program_s(code))
        heavy = imported_by_server(workspace)
    rows = [row(f"first page, {RECORDING_COUNT} recordings", pages)]
    rows += [row(what, seconds) for what, seconds in compared.items()]
    return Report(
        "From process start to the first answered page",
        COLUMNS,
        rows,
        [
            Target("the median first page", rows[0]["median_s"], LIMIT_S, "s"),
            Target(f"imports of {', '.join(NEVER_IMPORTED)}", len(heavy), 1, "modules"),
        ],
    )


def row(what: str, seconds: Sequence[float]) -> dict[str, Any]:
    """One line of the table."""
    return {
        "what": what,
        "median_s": median(seconds),
        "least_s": min(seconds),
        "most_s": max(seconds),
        "runs": len(seconds),
    }


def fill(folder: Path, count: int) -> None:
    """A workspace of so many recordings of flat files that exist."""
    file = folder.parent / "recording.raw"
    file.write_bytes(bytes(64))
    with Workspace.open(folder) as workspace, workspace.transaction() as db:
        for number in range(count):
            insert(db, file, number)


def insert(db: Any, file: Path, number: int) -> None:
    """One recording as an import leaves it."""
    seen = file.stat()
    options = {"sampling_frequency": 30000.0, "num_channels": 4, "dtype": "int16"}
    spec = {"format": "binary", "path": str(file), "options": options, "probe": None}
    recordings.insert(
        db,
        name=f"session {number:03d}",
        spec=spec,
        facts={
            "format": "binary",
            "path": str(file),
            "channel_count": 4,
            "channel_ids": [0, 1, 2, 3],
            "sampling_rate_hz": 30000.0,
            "sample_counts": [8],
            "duration_s": 8 / 30000,
            "dtype": "int16",
            "has_gains": False,
            "unit": "a.u.",
            "probe_name": "",
            "has_probe": False,
            "shanks": 1,
            "groups": [0, 0, 0, 0],
            "annotations": {},
            "size_bytes": seen.st_size,
        },
        probe=None,
        provenance={},
        fingerprint={"files": [{"path": str(file), "size_bytes": seen.st_size, "mtime_ns": seen.st_mtime_ns}]},
        tags=["bench"],
    )


def first_page_s(workspace: Path) -> float:
    """Seconds from starting the process to having read the whole library page."""
    began = time.perf_counter()
    with serving(workspace) as (process, _):
        page = fetch(address_of(process))
        seconds = time.perf_counter() - began
    if page.count("session ") < RECORDING_COUNT:
        raise SystemExit(f"The library page does not list its {RECORDING_COUNT} recordings.")
    return seconds


def imported_by_server(workspace: Path) -> list[str]:
    """Which of the modules that it must not have imported the server had imported when it answered its first page."""
    with serving(workspace, "-X", "importtime") as (process, told):
        fetch(address_of(process))
    names = {
        line.rpartition("|")[2].strip() for line in told.read_text().splitlines() if line.startswith("import time:")
    }
    if "litestar" not in names:
        raise SystemExit("The server did not tell what it imported.")
    return sorted(name for name in names if name.partition(".")[0] in NEVER_IMPORTED)


@contextmanager
def serving(workspace: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The program on the workspace without a window, and the file to which it writes its errors."""
    told = workspace.parent / "stderr.txt"
    command = [sys.executable, *options, "-m", "labbox_local", "--no-window", "--workspace", str(workspace)]
    with told.open("w") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield process, told
        finally:
            process.terminate()
            process.communicate(timeout=STOP_SECONDS)


def address_of(process: subprocess.Popen[str]) -> str:
    """The address that the program prints."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := ADDRESS.search(line):
            return found.group()
    raise SystemExit("The program ended without printing its address.")


def fetch(address: str) -> str:
    """The page behind the address, its cookie taken on the way."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    try:
        with opener.open(address, timeout=STOP_SECONDS) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise SystemExit(f"The first page answers {error.code} instead of 200.") from error


def program_s(code: str) -> float:
    """Seconds that a Python process takes for some code."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
