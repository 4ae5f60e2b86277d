"""What the repository may hold, and what its files say of each other."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

import labbox_local
from labbox_local.cli import Parts

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text())
NPM: dict[str, Any] = json.loads((ROOT / "package.json").read_text())


def committed() -> list[str]:
    told = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    if told.returncode != 0:
        pytest.skip("This is no git checkout.")
    return told.stdout.splitlines()


def test_no_source_of_others_is_committed() -> None:
    assert not [
        name for name in committed() if re.search(r"vendor|node_modules|\.min\.|plotly.*\.js|\.whl$|\.map$", name)
    ]


def test_the_lock_names_hashes_and_no_address() -> None:
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert len(packages) == len(NPM["dependencies"])
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in packages.values())
    assert "://" not in json.dumps(LOCK)


def test_the_lock_and_the_list_agree_on_exact_versions() -> None:
    locked = {name.removeprefix("node_modules/"): entry["version"] for name, entry in LOCK["packages"].items() if name}
    assert locked == NPM["dependencies"]


def test_one_version_everywhere() -> None:
    version = PROJECT["project"]["version"]
    assert version == labbox_local.__version__ == NPM["version"] == LOCK["version"]
    assert re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)


def test_every_command_stands_in_the_readme() -> None:
    listed = set(re.findall(r"^\| `labbox-local ?([a-z]*)", README, flags=re.MULTILINE))
    assert listed == {"", *Parts.modules}


def test_every_room_stands_in_the_readme_with_what_it_may_import() -> None:
    from tests.test_rooms import MAY_IMPORT

    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| .* \| (.*) \|$", README, flags=re.MULTILINE)
    told = {room: set(re.findall(r"\w+", allowed)) for rooms, allowed in rows for room in re.findall(r"`(\w+)`", rooms)}
    wanted: dict[str, set[str]] = {}
    for module, allowed in MAY_IMPORT.items():
        if not module.startswith("_"):
            wanted.setdefault(module.split(".")[0], set()).update(allowed.split())
    assert told == {room: allowed - {room} for room, allowed in wanted.items()}


def test_every_target_of_make_that_the_readme_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert all(re.search(rf"^{target}:", makefile, flags=re.MULTILINE) for target in re.findall(r"make (\w+) ", README))


def test_pytest_is_the_last_thing_that_make_test_runs() -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    told = subprocess.run(["make", "-n", "test"], cwd=ROOT, env=outside, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[-1] == ".venv/bin/python -m pytest"


def test_the_script_of_the_test_machine_is_sound_and_ends_in_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert subprocess.run(["bash", "-n", str(script)], timeout=60).returncode == 0
    assert script.stat().st_mode & 0o111
    assert "make --no-print-directory test" in script.read_text().splitlines()[-1]


def test_every_picture_and_file_that_the_readme_points_to_exists() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert not [target for target in targets if not (ROOT / target).is_file()]
