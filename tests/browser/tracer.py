"""What the tests of the trace viewer share: recordings to look at, and the state that a gesture leads to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from labbox_local.lab import Lab
from labbox_local.settings import Settings

RATE_HZ = 30_000
EXAMPLE, WIDE, PARTS, GOING = 1, 2, 3, 4
SORTING = 1
QUIET = """() => {
  const viewer = document.querySelector("[data-tracer]")?.tracer;
  if (!viewer || viewer.frame || viewer.model.requests.under || viewer.model.requests.refused.size) return false;
  return !viewer.model.wants().length && !viewer.spikes?.requests.under && !viewer.spikes?.wants().length;
}"""


def fill(folder: Path) -> Path:
    """A workspace with an example and its true units (post-processed), and three flat files."""
    noise = np.random.default_rng(5).normal(0, 60, size=(15 * RATE_HZ, 64)).astype(np.int16)
    noise.tofile(folder / "wide.raw")
    noise[: RATE_HZ * 2, :4].copy().tofile(folder / "going.raw")
    first, second = (np.random.default_rng(seed).normal(0, 60, size=(RATE_HZ, 2)).astype(np.float32) for seed in (1, 2))
    first[700:750, 0] = np.nan
    first.tofile(folder / "one.raw")
    second[:2000].tofile(folder / "two.raw")
    workspace = folder / "workspace"
    with Lab(Settings(workspace=workspace, file=folder / "settings.json")) as lab:
        lab.recordings.make_example(duration_s=10, channel_count=16, unit_count=8, name="example")
        lab.sortings.analyze(SORTING)
        known = {"sampling_frequency": RATE_HZ, "dtype": "int16", "gain_to_uv": 0.5}
        lab.recordings.import_(str(folder / "wide.raw"), "binary", name="wide", num_channels=64, **known)
        parts = {"num_channels": 2, "dtype": "float32", "more_paths": [str(folder / "two.raw")]}
        lab.recordings.import_(str(folder / "one.raw"), "binary", name="parts", **{**known, **parts})
        lab.recordings.import_(str(folder / "going.raw"), "binary", name="going", num_channels=4, **known)
    return workspace


def quiet(page: Page) -> None:
    """Wait until all that is wanted is on screen."""
    page.wait_for_function(QUIET)


def state(page: Page) -> dict[str, Any]:
    """The viewer's state."""
    now: dict[str, Any] = page.evaluate("document.querySelector('[data-tracer]').tracer.store.now")
    return now


def put(page: Page, **changes: Any) -> None:
    """Change the viewer's state, and wait until that is on screen."""
    page.evaluate("(changes) => document.querySelector('[data-tracer]').tracer.store.set(changes)", changes)
    quiet(page)


def viewer(page: Page, expression: str) -> Any:
    """The value of an expression of `viewer`."""
    return page.evaluate(
        f"() => {{ const viewer = document.querySelector('[data-tracer]').tracer; return {expression}; }}"
    )


def place(page: Page, tick: float, row: float = 0.5) -> tuple[float, float]:
    """Where on the page a tick and a row stand (`row` counts from the top; -0.1 is the lane of spikes)."""
    box = page.locator("[data-part=plot]").bounding_box()
    assert box is not None
    x, y = page.evaluate(
        """([tick, row]) => {
          const {box, store, model} = document.querySelector("[data-tracer]").tracer;
          const {start, count} = store.now;
          const pane = box.panes[0];
          const height = (box.bottom - box.top) / model.rows.length;
          const y = row < 0 ? box.top / 2 : box.top + (row + 0.5) * height;
          return [pane.from + ((tick + 0.5 - start) / count) * (pane.to - pane.from), y];
        }""",
        [tick, row],
    )
    return box["x"] + x, box["y"] + y
