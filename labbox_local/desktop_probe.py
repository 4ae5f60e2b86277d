"""Whether a window can open here, tried in another process: a Qt that lacks something ends its whole process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

PROBE_SECONDS = 60
# Qt is what the default install brings on Linux; elsewhere the system's own web view is used.
TOOLKIT: Literal["qt"] | None = "qt" if sys.platform.startswith("linux") else None
PROBE = f"from webview.guilib import initialize; initialize({TOOLKIT!r})"
WITHOUT_DISPLAY = {"offscreen", "minimal", "vnc", "eglfs", "linuxfb"}
QT_FILES = (
    "plugins/platforms/libqxcb.so",
    "lib/libQt6WebEngineCore.so.6",
    "lib/libQt6WebEngineWidgets.so.6",
    "libexec/QtWebEngineProcess",
)
# Debian's package for every shared library outside Qt's own wheel that a bare system may lack.
DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libXcomposite.so.1": "libxcomposite1",
    "libXdamage.so.1": "libxdamage1",
    "libXrandr.so.2": "libxrandr2",
    "libXtst.so.6": "libxtst6",
    "libasound.so.2": "libasound2",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libgbm.so.1": "libgbm1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libnspr4.so": "libnspr4",
    "libnss3.so": "libnss3",
    "libnssutil3.so": "libnss3",
    "libplc4.so": "libnspr4",
    "libplds4.so": "libnspr4",
    "libsmime3.so": "libnss3",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-dri3.so.0": "libxcb-dri3-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbfile.so.1": "libxkbfile1",
}


@dataclass(frozen=True)
class Lack:
    """Something missing: ``says`` is one sentence, ``mend`` the one line that would mend it."""

    says: str
    mend: str


class WindowProbe:
    """A try at opening a window's toolkit that runs beside the rest of the start; ask it when the answer is needed."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = window_environ(os.environ if environ is None else environ)
        self._known = lack_without_trying(self._environ)
        self._process = None if self._known else self._start()

    def lack(self) -> Lack | None:
        """What keeps a window from opening, or None when it can."""
        if self._process is None:
            return self._known
        try:
            _, said = self._process.communicate(timeout=PROBE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            return Lack(f"The window library did not answer within {PROBE_SECONDS} s.", "labbox-local --browser")
        return None if self._process.returncode == 0 else lack_from(said, missing_libraries())

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PROBE],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )


def window_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which a window runs: Chromium inside Qt refuses its sandbox to root."""
    flags = environ.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or "--no-sandbox" in flags:
        return dict(environ)
    return {**environ, "QTWEBENGINE_CHROMIUM_FLAGS": f"{flags} --no-sandbox".strip()}


def lack_without_trying(environ: Mapping[str, str]) -> Lack | None:
    """What can be told at once: no window library, or no display."""
    if find_spec("webview") is None:
        return Lack("The window library pywebview is not installed.", "pip install 'pywebview[qt]'")
    if TOOLKIT == "qt" and find_spec("PyQt6") is None:
        return Lack("pywebview is installed without Qt, which its window needs here.", "pip install 'pywebview[qt]'")
    places = (environ.get("DISPLAY"), environ.get("WAYLAND_DISPLAY"))
    platform = environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if TOOLKIT == "qt" and not any(places) and platform not in WITHOUT_DISPLAY:
        return Lack("There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set.", "labbox-local --no-window")
    return None


def lack_from(said: str, missing: Iterable[str]) -> Lack:
    """The sentence for a try that failed, from what it wrote and the shared libraries that are not there."""
    named = re.findall(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object", said)
    libraries = sorted({*missing, *named})
    if libraries:
        packages = sorted({DEBIAN_PACKAGES.get(name, name) for name in libraries})
        return Lack(
            f"Qt cannot open a window without {', '.join(libraries)}.", f"sudo apt-get install {' '.join(packages)}"
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    reason = lines[-1].rstrip(".") if lines else "it ended without a word"
    for line in lines:
        if "could not connect to display" in line:
            reason = line.rstrip(".")
    return Lack(f"The window library cannot open a window: {reason}.", "labbox-local --browser")


def missing_libraries() -> list[str]:
    """The shared libraries that Qt's window needs and the system's loader does not find; Linux only."""
    spec = find_spec("PyQt6") if sys.platform.startswith("linux") else None
    if spec is None or not spec.submodule_search_locations:
        return []
    qt = Path(spec.submodule_search_locations[0]) / "Qt6"
    return sorted({name for file in QT_FILES for name in _unresolved(qt / file)})


def _unresolved(file: Path) -> list[str]:
    try:
        told = subprocess.run(["ldd", str(file)], capture_output=True, text=True, timeout=PROBE_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return re.findall(r"^\s*(\S+) => not found", told.stdout, flags=re.MULTILINE)
