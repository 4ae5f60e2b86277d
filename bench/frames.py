"""How long the trace viewer takes to draw a frame in Chromium, beside Plotly with the same data.

The page, its modules and styles are the program's own; frames are generated here, so that no disk and no server is in
the way. Every frame is another window: the traces move on, as under a held arrow key.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
from bench_report import Report, Target, run
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Route, sync_playwright

from labbox_local.cli_checkup import find_chromium
from labbox_local.ephys import frames
from labbox_local.web import assets, static
from labbox_local.web.app import environment

LIMITS_MS = {32: 8.0, 128: 16.0, 384: 30.0}
PLOT_PX = 1600
HEIGHT_PX = 900
# What stands beside the traces: labels, padding and borders of page and panel.
BESIDE_PX = 76
RATE_HZ = 30_000.0
SECONDS = 60
SCALE_UV = 0.195
SITE = "http://bench.invalid"
# Without these two Chromium draws no more than 60 frames a second, and everything faster looks alike.
FLAGS = ["--disable-gpu", "--disable-quic", "--disable-frame-rate-limit", "--disable-gpu-vsync"]
COLUMNS = {
    "channels": "channels",
    "zoom": "window",
    "frame_ms": "frame (ms)",
    "slow_ms": "95th of 100 (ms)",
    "draw_ms": "of it our script (ms)",
    "heat_ms": "heat map (ms)",
    "plotly_ms": "Plotly (ms)",
    "ratio": "Plotly ÷ ours",
}
# From one painted frame of the screen to the next, the window moved in each by 1/200 of its span.
MOVE = """async ({count, mode}) => {
  const viewer = document.querySelector("[data-tracer]").tracer;
  viewer.store.set({mode});
  const next = () => new Promise((done) => requestAnimationFrame(done));
  await next();
  const [whole, script] = [[], []];
  let before = await next();
  const home = viewer.store.now.start;
  for (let frame = 0; frame < count; frame += 1) {
    const step = Math.max(1, Math.round(viewer.store.now.count / 200));
    viewer.store.set({start: home + (frame % 40 - 20) * step});
    viewer.draw();
    script.push(viewer.drawn.ms);
    const now = await next();
    whole.push(now - before);
    before = now;
  }
  viewer.store.set({start: home});
  return {whole, script};
}"""
READY = """() => {
  const viewer = document.querySelector("[data-tracer]")?.tracer;
  const quiet = viewer && !viewer.model.requests.under && !viewer.model.wants().length;
  return Boolean(quiet && viewer.model.cache.items.size);
}"""
WINDOW = """({start, count}) => document.querySelector("[data-tracer]").tracer.store.set({start, count})"""
PLOT_WIDTH = """() => document.querySelector("[data-tracer]").tracer.model.width"""
PLOTLY = """async ({count, channels, points, spacing}) => {
  const box = Object.assign(document.createElement("div"), {id: "plotly"});
  const place = {position: "fixed", inset: 0, width: "1680px", height: "900px", background: "white", zIndex: 99};
  Object.assign(box.style, place);
  document.body.append(box);
  await new Promise((done, fail) => {
    const script = document.createElement("script");
    document.head.append(Object.assign(script, {src: "/static/vendor-py/plotly.min.js", onload: done, onerror: fail}));
  });
  const x = Array.from({length: 2 * points}, (_, at) => at >> 1);
  const line = {type: "scatter", mode: "lines", x, line: {width: 1}, hoverinfo: "skip"};
  const data = channels.map((values, row) => ({...line, y: values.map((value) => value - row * spacing)}));
  const layout = {showlegend: false, margin: {l: 60, r: 20, t: 10, b: 30}, xaxis: {range: [0, points]}};
  await Plotly.newPlot(box, data, layout, {staticPlot: false});
  const next = () => new Promise((done) => requestAnimationFrame(done));
  const whole = [];
  let before = await next();
  for (let frame = 0; frame < count; frame += 1) {
    const shift = (frame % 40 - 20) * points / 200;
    await Plotly.relayout(box, {"xaxis.range": [shift, shift + points]});
    const now = await next();
    whole.push(now - before);
    before = now;
  }
  Plotly.purge(box);
  box.remove();
  return whole;
}"""


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100, help="frames of the viewer for each row")
    parser.add_argument("--plotly-frames", type=int, default=12, help="frames of Plotly for each row")
    return run(measure, parser)


def measure(given: argparse.Namespace) -> Report:
    """The table."""
    program = find_chromium()
    if program is None:
        raise SystemExit("There is no Chromium: set CHROME_PATH to one, or install one.")
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=[*FLAGS, "--no-sandbox"])
        for channels in LIMITS_MS:
            rows += measured(browser, Recording(channels), given.frames, given.plotly_frames)
        browser.close()
    targets = [
        Target(f"the median frame of {row['channels']} channels, {row['zoom']}", row["frame_ms"], limit, "ms")
        for row in rows
        if (limit := LIMITS_MS[row["channels"]])
    ]
    return Report(f"A frame of traces, {PLOT_PX} px wide, as Chromium shows it", COLUMNS, rows, targets)


class Recording:
    """Generated traces: noise and spikes in a few seconds that are repeated to a minute."""

    def __init__(self, channels: int, seed: int = 3) -> None:
        rng = np.random.default_rng(seed)
        noise = rng.standard_normal((channels, int(RATE_HZ)), dtype=np.float32) * 10 / SCALE_UV
        for channel in range(channels):
            for spike in rng.integers(50, noise.shape[1] - 50, 20):
                noise[channel, spike : spike + 30] -= rng.uniform(200, 800) * np.hanning(30)
        self.second: NDArray[np.int16] = noise.astype(np.int16)
        self.channels = channels
        self.sample_count = int(RATE_HZ) * SECONDS

    def samples(self, start: int, stop: int) -> NDArray[np.int16]:
        """(channels, samples)."""
        return self.second[:, np.arange(start, stop) % self.second.shape[1]]

    def frame(self, query: Mapping[str, str]) -> bytes:
        """What the program answers for a window."""
        start, columns = int(query["start"]), int(query["columns"])
        stop = min(self.sample_count, start + int(query["count"]))
        width = -(-(stop - start) // columns)
        first = start // width * width
        header: dict[str, Any] = {
            "dtype": "int16", "channel_ids": list(range(self.channels)), "segment": 0, "first_sample": first,
            "samples_per_column": width, "sample_count": stop - first, "sampling_rate_hz": RATE_HZ,
            "scale": [SCALE_UV] * self.channels, "offset": [0.0] * self.channels, "unit": "µV", "coverage": 1.0,
            "source": "file", "invalid": 0, "message": "",
        }  # fmt: skip
        samples = self.samples(first, stop)
        if width == 1:
            return frames.encode({**header, "kind": "lines", "columns": stop - first}, [samples])
        edges = np.arange(0, stop - first, width)
        planes = [extreme.reduceat(samples, edges, axis=1) for extreme in (np.minimum, np.maximum)]
        return frames.encode({**header, "kind": "envelope", "columns": len(edges)}, planes)

    def tracing(self) -> dict[str, Any]:
        """What the program says of it."""
        channels = [{"position": at, "id": at, "x_um": 0, "y_um": 20 * at, "shank": ""} for at in range(self.channels)]
        segments = [{"sample_count": self.sample_count, "start_s": 0.0, "gaps": []}]
        return {
            "recording": {"id": 1, "name": "generated"}, "channels": channels, "sampling_rate_hz": RATE_HZ,
            "segments": segments, "unit": "µV", "pyramids": [], "notes": [], "presets": [], "steps": [],
        }  # fmt: skip


def measured(browser: Browser, recording: Recording, count: int, plotly_count: int) -> list[dict[str, Any]]:
    """The rows of one number of channels: zoomed out and near."""
    page = browser.new_page(viewport={"width": PLOT_PX + BESIDE_PX, "height": HEIGHT_PX})
    page.route(f"{SITE}/**", lambda route: answer(route, recording))
    page.goto(f"{SITE}/page")
    page.wait_for_function(READY)
    width = page.evaluate(PLOT_WIDTH)
    if abs(width - PLOT_PX) > 40:
        raise SystemExit(f"The plot is {width} px wide instead of {PLOT_PX}.")
    rows = []
    for zoom, samples in (("1 s", int(RATE_HZ)), ("20 ms", int(RATE_HZ * 0.02))):
        page.evaluate(WINDOW, {"start": 20 * int(RATE_HZ), "count": samples})
        page.wait_for_function(READY)
        page.evaluate(MOVE, {"count": 10, "mode": "lines"})
        lines = page.evaluate(MOVE, {"count": count, "mode": "lines"})
        heat = page.evaluate(MOVE, {"count": count, "mode": "heat"})
        rows.append(row(recording.channels, zoom, lines, heat, plotly(page, recording, samples, plotly_count)))
    page.close()
    return rows


def row(
    channels: int, zoom: str, lines: Mapping[str, Sequence[float]], heat: Mapping[str, Sequence[float]], other: Any
) -> dict[str, Any]:
    """One line of the table."""
    frame = median(lines["whole"])
    return {
        "channels": channels,
        "zoom": zoom,
        "frame_ms": frame,
        "slow_ms": sorted(lines["whole"])[int(len(lines["whole"]) * 0.95)],
        "draw_ms": median(lines["script"]),
        "heat_ms": median(heat["whole"]),
        "plotly_ms": median(other),
        "ratio": median(other) / frame,
    }


def plotly(page: Page, recording: Recording, count: int, frame_count: int) -> Sequence[float]:
    """Milliseconds of Plotly's frames with the same two values per channel and pixel."""
    points = min(PLOT_PX, count)
    samples = recording.samples(0, count // points * points).reshape(recording.channels, points, -1)
    pairs = np.stack([samples.min(axis=2), samples.max(axis=2)], axis=2).reshape(recording.channels, -1)
    given = {
        "count": frame_count, "points": points, "spacing": 1000, "channels": pairs.astype(int).tolist(),
    }  # fmt: skip
    times: Sequence[float] = page.evaluate(PLOTLY, given)
    return times


def answer(route: Route, recording: Recording) -> None:
    """Serve the page, its files and its data without a server."""
    address = urlparse(route.request.url)
    if address.path == "/page":
        route.fulfill(body=page_html(), content_type="text/html; charset=utf-8")
    elif address.path.endswith("/tracing"):
        route.fulfill(body=json.dumps(recording.tracing()), content_type="application/json")
    elif address.path.endswith("/frame"):
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        route.fulfill(body=recording.frame(query), content_type="application/octet-stream")
    elif (path := static.located(address.path.removeprefix("/static/"))) is not None:
        route.fulfill(body=path.read_bytes(), content_type=static.MEDIA_TYPES.get(path.suffix, "text/plain"))
    else:
        route.fulfill(status=404)


def page_html() -> str:
    """The viewer's page without the rest of the program."""
    viewer = SimpleNamespace(recording_id=1, sorting_id=None)
    shown = {"recording_id": 1, "sorting_id": None}
    template = environment().get_template("traces/_viewer.html")
    body = template.render(viewer={**shown, **vars(viewer)})
    styles = "".join(
        f'<link rel="stylesheet" href="{static.asset_url(name)}">'
        for name in sorted(f"css/{path.name}" for path in Path(assets.static_dir(), "css").glob("*.css"))
    )
    page = f'<main><div class="traces-page">{body}</div></main>'
    return f'<!doctype html><html data-theme="light"><head>{styles}</head><body>{page}</body></html>'


if __name__ == "__main__":
    sys.exit(main())
