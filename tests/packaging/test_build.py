"""What pip gets: built from the files of the repository alone, as a fresh clone has them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD_SECONDS = 300
VENDOR = (
    "htmx.min.js",
    "hx-sse.min.js",
    "tabulator.min.js",
    "tabulator.min.css",
    "tinykeys.js",
    "dockview-core.min.js",
)


def repository_files() -> list[str]:
    """Every file that a commit would have now; without a repository, the build's own list is trusted."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    if told.returncode != 0:
        pytest.skip("This is no git checkout.")
    return [name for name in told.stdout.splitlines() if (ROOT / name).is_file()]


def clone(folder: Path) -> Path:
    for name in repository_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def build(kind: str, source: Path, out: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", str(out), str(source)],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution and the wheel of a fresh clone."""
    folder = tmp_path_factory.mktemp("build")
    source = clone(folder / "clone")
    for kind in ("sdist", "wheel"):
        done = build(kind, source, folder / "dist")
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next((built / "dist").glob("*.whl")))


def test_the_wheel_holds_templates_styles_and_browser_libraries(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {f"labbox_local/_static/vendor/{name}" for name in VENDOR} <= names
    assert {
        f"labbox_local/_{name}" for name in repository_files() if name.startswith(("templates/", "static/"))
    } <= names
    assert {name for name in repository_files() if name.startswith("labbox_local/")} <= names


def test_the_wheel_brings_the_licences_of_what_it_ships(wheel: zipfile.ZipFile) -> None:
    licences = [name for name in wheel.namelist() if name.startswith("labbox_local/_static/vendor/licenses/")]
    assert len(licences) == 4
    assert all(b"ermission" in wheel.read(name) for name in licences)


def test_no_script_points_to_a_map_that_is_not_there(wheel: zipfile.ZipFile) -> None:
    scripts = [name for name in wheel.namelist() if "/_static/" in name and name.endswith((".js", ".css"))]
    assert scripts
    assert not [name for name in scripts if b"sourceMappingURL" in wheel.read(name)]


def test_the_command_is_installed_with_the_wheel(wheel: zipfile.ZipFile) -> None:
    entry_points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert b"labbox-local = labbox_local.cli:main" in wheel.read(entry_points)


def test_tests_and_node_modules_stay_out_of_the_wheel(wheel: zipfile.ZipFile) -> None:
    assert not [name for name in wheel.namelist() if name.startswith(("tests/", "bench/")) or "node_modules" in name]


def test_a_source_distribution_needs_no_npm(built: Path, tmp_path: Path) -> None:
    with tarfile.open(next((built / "dist").glob("*.tar.gz"))) as packed:
        packed.extractall(tmp_path, filter="data")
    source = next(tmp_path.iterdir())
    done = build("wheel", source, tmp_path / "out", PATH=str(failing_npm(tmp_path)))
    assert done.returncode == 0, done.stdout + done.stderr
    names = zipfile.ZipFile(next((tmp_path / "out").glob("*.whl"))).namelist()
    assert "labbox_local/_static/vendor/htmx.min.js" in names


def test_npm_that_fails_is_a_sentence_and_leaves_nothing_behind(tmp_path: Path) -> None:
    source = clone(tmp_path / "clone")
    done = build("wheel", source, tmp_path / "out", PATH=f"{failing_npm(tmp_path)}:{os.environ['PATH']}")
    told = done.stdout + done.stderr
    assert done.returncode != 0
    assert "labbox-local: npm could not fetch the browser libraries" in told
    assert "no network here" in told
    assert not (source / "static" / "vendor").exists()


def test_a_second_build_fetches_nothing(built: Path, tmp_path: Path) -> None:
    done = build("wheel", built / "clone", tmp_path / "out", PATH=f"{failing_npm(tmp_path)}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stdout + done.stderr


def failing_npm(folder: Path) -> Path:
    """A folder with an npm that cannot reach anything."""
    place = folder / "bin"
    place.mkdir(exist_ok=True)
    (place / "npm").write_text("#!/bin/sh\necho 'no network here' >&2\nexit 1\n")
    (place / "npm").chmod(0o755)
    return place
