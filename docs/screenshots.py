"""Makes the pictures of this folder from the running program: `python docs/screenshots.py [WORKSPACE]`.

Without a workspace the demo is run in a new one first.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from labbox_local.cli_checkup import find_chromium

FOLDER = Path(__file__).parent
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?token=\S+")
PROGRAM = [sys.executable, "-m", "labbox_local", "--workspace"]
SIZE = {"width": 1440, "height": 900}
DRAWN = (
    """names => names.every(name => document.querySelector(`#view-${name} .main-svg, #view-${name} .tabulator-row`))"""
)
VIEWS = ["units_table", "autocorrelograms", "waveforms", "amplitudes"]


def main() -> None:
    """Take every picture."""
    workspace = sys.argv[1] if len(sys.argv) > 1 else demo()
    server = subprocess.Popen([*PROGRAM, workspace, "--no-window"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = next(found.group() for line in server.stdout if (found := ADDRESS.search(line)))
        take(address)
    finally:
        server.terminate()
        server.wait()


def demo() -> str:
    """A new workspace with the example recording and its sorting."""
    workspace = tempfile.mkdtemp(prefix="labbox-pictures-")
    subprocess.run([*PROGRAM, workspace, "demo", "--headless"], check=True)
    return workspace


def take(address: str) -> None:
    """The library in light, a recording in dark, its newest sorting in light."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        light = browser.new_context(viewport=SIZE, color_scheme="light").new_page()
        light.goto(address)
        light.screenshot(path=FOLDER / "library.png")
        light.get_by_role("link", name="Example recording").first.click()
        opened(light, "/recordings/")
        recording = light.url
        light.locator("#made a[href^='/sortings/']").first.click()
        opened(light, "/sortings/")
        light.wait_for_function(DRAWN, arg=VIEWS)
        light.wait_for_timeout(1000)
        light.screenshot(path=FOLDER / "sorting.png")
        dark = browser.new_context(viewport=SIZE, color_scheme="dark").new_page()
        dark.goto(address)
        dark.goto(recording)
        dark.wait_for_load_state("load")
        dark.wait_for_timeout(1000)
        dark.screenshot(path=FOLDER / "recording.png")
        browser.close()


def opened(page: Page, path: str) -> None:
    """Wait until the page at `path` is there."""
    page.wait_for_url(re.compile(re.escape(path) + r"\d+"))


if __name__ == "__main__":
    main()
