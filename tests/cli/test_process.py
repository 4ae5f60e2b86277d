"""The command line as real processes: one serves, others meet it; pipes get plain text; work comes back as JSON."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "labbox_local"]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?token=\S+")
SECONDS = 600


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    own = {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LABBOX_")}
    return {**clean, **own, "PYTHONPATH": str(ROOT), "LABBOX_WORKSPACE": str(tmp_path / "workspace")}


@pytest.fixture
def server(environ: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program serving its workspace without a window, and its address."""
    command = [*PROGRAM, "--no-window"]
    with subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = ADDRESS.search(process.stdout.readline())
        assert found
        try:
            yield process, found.group()
        finally:
            process.kill()


def ran(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
    )


def status_of(url: str, path: str | None = None) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("GET", path or f"{parts.path}?{parts.query}")
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_printed_address_lets_in_and_the_bare_one_does_not(server: tuple[subprocess.Popen[str], str]) -> None:
    assert status_of(server[1]) == 303
    assert status_of(server[1], "/") == 401


def test_it_ends_in_order_when_told_to(server: tuple[subprocess.Popen[str], str], environ: dict[str, str]) -> None:
    process, _ = server
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert not (Path(environ["LABBOX_WORKSPACE"]) / "scratch" / "server.json").exists()


def test_a_second_start_names_the_address_of_the_first(
    server: tuple[subprocess.Popen[str], str], environ: dict[str, str]
) -> None:
    second = ran(environ, "--no-window")
    assert second.returncode == 0
    assert second.stdout == f"Labbox Local is already open on this workspace, at {server[1]}\n"
    assert server[0].poll() is None


def test_lists_work_beside_a_running_server(server: tuple[subprocess.Popen[str], str], environ: dict[str, str]) -> None:
    assert json.loads(ran(environ, "ls", "--json").stdout) == []


def test_a_port_that_is_taken_is_a_sentence(
    server: tuple[subprocess.Popen[str], str], environ: dict[str, str], tmp_path: Path
) -> None:
    port = str(urlsplit(server[1]).port)
    done = ran(environ, "--no-window", "--port", port, "--workspace", str(tmp_path / "other"))
    assert done.returncode == 1
    assert f"Port {port} of this machine cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_display_it_serves_and_says_why(environ: dict[str, str]) -> None:
    bare = {
        name: value for name, value in environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    with subprocess.Popen(PROGRAM, env=bare, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        why, address = process.stdout.readline(), process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert why.startswith("No window: There is no display")
    assert ADDRESS.search(address)


def test_a_reader_that_leaves_early_is_no_traceback(environ: dict[str, str]) -> None:
    with subprocess.Popen([*PROGRAM, "ls"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.slow
def test_a_recording_comes_in_is_shown_and_goes(environ: dict[str, str], data: Path) -> None:
    file = data / "raw-locust" / "locust_trial_01.raw"
    flat = ("--sampling-rate", "15000", "--channels", "4", "--dtype", "int16", "--layout", "tetrode")
    made = ran(environ, "import", str(file), *flat, "--name", "trial 1", "--json")
    assert made.returncode == 0, made.stderr
    row = json.loads(made.stdout)
    assert (row["name"], row["channel_count"], row["sampling_rate_hz"]) == ("trial 1", 4, 15000)
    assert row["duration_s"] == pytest.approx(28.77, abs=0.01)
    jobs = json.loads(ran(environ, "jobs", "--json").stdout)
    assert [(job["task"], job["state"]) for job in jobs] == [("measure", "done")]
    assert ran(environ, "jobs", str(jobs[0]["id"]), "--log").returncode == 0
    listed = ran(environ, "ls")
    assert "trial 1" in listed.stdout
    assert "\x1b" not in listed.stdout + listed.stderr + made.stderr
    before = file.read_bytes()
    assert ran(environ, "delete", "recording", "trial 1", "--yes").returncode == 0
    assert json.loads(ran(environ, "ls", "--json").stdout) == []
    assert file.read_bytes() == before


@pytest.mark.slow
def test_what_cannot_be_imported_is_a_sentence_and_changes_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.raw", tmp_path / "notes.nwb"
    empty.touch()
    text.write_text("not at all NWB")
    flat = ("--sampling-rate", "15000", "--channels", "4", "--dtype", "int16")
    for arguments in ((str(tmp_path / "nowhere"),), (str(empty), *flat), (str(text),)):
        done = ran(environ, "import", *arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("labbox-local: ")
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
    assert json.loads(ran(environ, "ls", "--json").stdout) == []


@pytest.mark.slow
def test_the_demo_finds_the_true_units_and_is_quick_a_second_time(environ: dict[str, str]) -> None:
    command = ("demo", "--headless", "--json")
    first = ran({**environ}, *command)
    assert first.returncode == 0, first.stderr
    found = json.loads(first.stdout)
    assert found["true_unit_count"] == len(found["units"]) > 0
    assert found["well_found_fraction"] >= 0.8
    assert found["sorting"]["analyzed"]
    again = json.loads(ran(environ, *command).stdout)
    assert (again["recording"]["id"], again["sorting"]["id"]) == (found["recording"]["id"], found["sorting"]["id"])
    assert again["units"] == found["units"]
