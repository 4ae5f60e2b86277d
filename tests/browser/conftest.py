"""The program in a process of its own, and pages of a real Chromium in which any console error is a failure."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from labbox_local.cli_checkup import find_chromium

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?token=\S+")
FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass(frozen=True)
class Served:
    """A running program: the address that lets a person in, and its workspace."""

    url: str
    workspace: Path
    process: subprocess.Popen[str]

    def at(self, path: str) -> str:
        """The address of a page."""
        return self.url.partition("/?")[0] + path


Opened = Callable[..., Page]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Served]]:
    """Starts the program on a workspace; all that were started are ended."""
    started: list[Served] = []
    home = tmp_path_factory.mktemp("home")

    def start(workspace: Path) -> Served:
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        environ |= {name: str(home / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        process = subprocess.Popen(
            [sys.executable, "-m", "labbox_local", "--workspace", str(workspace), "--no-window"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if found := ADDRESS.search(line):
                served = Served(found.group(), workspace, process)
                started.append(served)
                return served
        raise AssertionError("The program ended without saying its address.")

    yield start
    for served in started:
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(60) == 0
        assert served.process.stdout is not None
        served.process.stdout.close()


@pytest.fixture(scope="module")  # not longer: Playwright keeps an event loop, beside which other tests can run none
def browser() -> Iterator[Browser]:
    """A Chromium of this machine."""
    program = find_chromium()
    if program is None:
        pytest.skip("There is no Chromium: set CHROME_PATH to one, or install one.")
    flags = [*FLAGS, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(program), args=flags)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Opened]:
    """Opens a page of a running program as its window would; errors on its console fail the test at the end.

    ``forgive`` is a pattern of messages that the test provokes.
    """
    complaints: list[str] = []
    contexts = []

    def opened(served: Served, path: str = "/", forgive: str = "^$", **options: object) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)

        def note(text: str) -> None:
            if not re.search(forgive, text):
                complaints.append(text)

        page.on("console", lambda message: note(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: note(str(error)))
        page.goto(served.url)
        if path != "/":
            page.goto(served.at(path))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
