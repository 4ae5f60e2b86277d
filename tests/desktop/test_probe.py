"""Whether a window can open, and what is said when it cannot."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from labbox_local.desktop_probe import (
    DEBIAN_PACKAGES,
    WindowProbe,
    lack_from,
    lack_without_trying,
    missing_libraries,
    window_environ,
)

ROOT = Path(__file__).parents[2]
OFFSCREEN = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
needs_qt = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Qt is the window's toolkit on Linux only.")


@needs_qt
def test_a_machine_without_display_is_told_so() -> None:
    lack = lack_without_trying({})
    assert lack is not None
    assert "no display" in lack.says
    assert lack.mend == "labbox-local --no-window"


@needs_qt
@pytest.mark.parametrize(
    "environ", [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "offscreen"}]
)
def test_a_display_of_any_kind_is_worth_a_try(environ: dict[str, str]) -> None:
    assert lack_without_trying(environ) is None


@needs_qt
@pytest.mark.window
def test_a_window_can_open_offscreen() -> None:
    assert WindowProbe(OFFSCREEN).lack() is None


@needs_qt
@pytest.mark.window
def test_a_display_that_does_not_answer_is_a_sentence_and_not_the_end_of_the_program() -> None:
    environ = {name: value for name, value in os.environ.items() if name not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")}
    lack = WindowProbe({**environ, "DISPLAY": ":4711"}).lack()
    assert lack is not None
    assert lack.says.endswith(".")
    assert lack.mend


def test_missing_libraries_are_named_with_debians_packages() -> None:
    said = "ImportError: libxcb-cursor.so.0: cannot open shared object file: No such file or directory"
    lack = lack_from(said, ["libnss3.so", "libsmime3.so"])
    assert lack.says == "Qt cannot open a window without libnss3.so, libsmime3.so, libxcb-cursor.so.0."
    assert lack.mend == "sudo apt-get install libnss3 libxcb-cursor0"


def test_a_library_without_a_known_package_keeps_its_name() -> None:
    assert lack_from("", ["libstrange.so.3"]).mend == "sudo apt-get install libstrange.so.3"


def test_other_failures_give_their_last_line_or_the_telling_one() -> None:
    assert "cannot open a window: ValueError: no." in lack_from("Traceback\n\nValueError: no.\n", []).says
    said = "qt.qpa.xcb: could not connect to display :4711\nThis application failed to start.\n"
    assert "could not connect to display :4711." in lack_from(said, []).says
    assert "without a word" in lack_from("", []).says


def test_root_gets_no_sandbox_once_and_keeps_other_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    flags = window_environ({"QTWEBENGINE_CHROMIUM_FLAGS": "--mute-audio", "A": "1"})
    assert flags == {"QTWEBENGINE_CHROMIUM_FLAGS": "--mute-audio --no-sandbox", "A": "1"}
    assert window_environ(flags) == flags
    assert window_environ({}) == {"QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox"}


def test_others_keep_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert window_environ({"A": "1"}) == {"A": "1"}


@needs_qt
def test_each_library_that_is_missing_here_has_a_known_package() -> None:
    assert set(missing_libraries()) <= set(DEBIAN_PACKAGES)


def test_the_test_machine_installs_every_library_that_the_probe_knows() -> None:
    listed = set(re.findall(r"^[a-z].*$", (ROOT / ".ci" / "debian-packages").read_text(), flags=re.MULTILINE))
    assert listed - {"chromium"} == set(DEBIAN_PACKAGES.values())
