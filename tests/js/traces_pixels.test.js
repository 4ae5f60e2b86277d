import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, spikePixel } from "../../static/js/traces/overlay.js";
import { paint } from "../../static/js/traces/paint.js";
import { drawEnvelope, drawSegments, edges, freshEnds, heatColours, ink, spread } from "../../static/js/traces/pixels.js";
import { Timeline } from "../../static/js/traces/timeline.js";
import { drawnIn, keptOf, random, rasterOf } from "./traces_samples.js";

const PEN = { half: 0.5, colour: 0x112233 };

test("a colour is blue, green, red from the left", () => {
  assert.equal(ink("#112233"), 0x332211);
});

test("every column of a frame is in exactly one pixel when pixels are wider, and every pixel has one when they are narrower", () => {
  const draw = random(11);
  for (let round = 0; round < 300; round += 1) {
    const frame = { first: Math.floor(draw() * 1000), perColumn: 1 + Math.floor(draw() * 50), columns: 400 };
    const perPixel = frame.perColumn * (0.05 + draw() * 8);
    const axis = { x: 0, sample: frame.first + draw() * 10 * perPixel, perPixel };
    const columns = { from: 0, to: Math.floor((frame.first + 400 * frame.perColumn - axis.sample) / perPixel) };
    const { from, to } = spread(columns, axis, frame);
    for (let x = 0; x < columns.to; x += 1) {
      assert.ok(from[x] >= 0 && to[x] > from[x] && to[x] <= 400);
      // slow twin: the columns whose middle is in the pixel
      const [left, right] = [axis.sample + x * perPixel, axis.sample + (x + 1) * perPixel];
      const held = Array.from({ length: 400 }, (_, column) => column).filter((column) => {
        const middle = frame.first + (column + 0.5) * frame.perColumn;
        return middle >= left && middle < right;
      });
      if (held.length) assert.deepEqual([from[x], to[x]], [held[0], held.at(-1) + 1]);
      else assert.equal(from[x], Math.floor(((left + right) / 2 - frame.first) / frame.perColumn));
    }
  }
});

test("a pixel's run goes from its largest to its smallest value", () => {
  const raster = rasterOf(3, 100);
  const data = { low: [-10, -20, -5, 0, -30, 3], high: [10, 20, 5, 0, 30, 3], base: 0 };
  const map = spread({ from: 0, to: 3 }, { x: 0, sample: 0, perPixel: 2 }, { first: 0, perColumn: 1, columns: 6 });
  drawEnvelope(raster, { from: 0, to: 3 }, map, data, { zero: 50, slope: 1 }, PEN, freshEnds(1), 0);
  const [top, bottom] = [drawnIn(raster, 0)[0], drawnIn(raster, 0).at(-1)];
  assert.ok(Math.abs(top - 29.5) <= 1 && Math.abs(bottom - 70.5) <= 1);
  assert.equal(drawnIn(raster, 2)[0], 19);
});

test("a flat line is one pixel thick and as opaque as it covers its pixels", () => {
  const raster = rasterOf(2, 10);
  const data = { low: [0, 0], high: [0, 0], base: 0 };
  const map = { from: Int32Array.of(0, 1), to: Int32Array.of(1, 2) };
  drawEnvelope(raster, { from: 0, to: 2 }, map, data, { zero: 5.25, slope: 1 }, PEN, freshEnds(1), 0);
  assert.deepEqual(drawnIn(raster, 0), [4, 5]);
  assert.deepEqual([4, 5].map((y) => raster.words[y * 2] >>> 24), [63, 191]);
});

test("runs touch their neighbours, so that steep traces are one line", () => {
  const raster = rasterOf(2, 100);
  const data = { low: [10, -40], high: [12, -38], base: 0 };
  drawEnvelope(raster, { from: 0, to: 2 }, { from: Int32Array.of(0, 1), to: Int32Array.of(1, 2) }, data, { zero: 50, slope: 1 }, PEN, freshEnds(1), 0);
  assert.ok(drawnIn(raster, 1)[0] <= drawnIn(raster, 0).at(-1));
});

test("what is no number leaves a hole, and what nothing is known of as well", () => {
  const raster = rasterOf(4, 100);
  const data = { low: [0, NaN, 32767, 0], high: [0, NaN, -32768, 0], base: 0 };
  const map = { from: Int32Array.of(0, 1, 2, 3), to: Int32Array.of(1, 2, 3, 4) };
  drawEnvelope(raster, { from: 0, to: 4 }, map, data, { zero: 50, slope: 1 }, PEN, freshEnds(1), 0);
  assert.deepEqual([0, 1, 2, 3].map((x) => drawnIn(raster, x).length > 0), [true, false, false, true]);
});

test("traces beyond the edges are cut, not wrapped", () => {
  const raster = rasterOf(2, 20);
  const data = { low: [-1e6, 1e5], high: [1e6, 1e6], base: 0 };
  drawEnvelope(raster, { from: 0, to: 2 }, { from: Int32Array.of(0, 1), to: Int32Array.of(1, 2) }, data, { zero: 10, slope: 1 }, PEN, freshEnds(1), 0);
  assert.equal(drawnIn(raster, 0).length, 20);
  assert.ok(drawnIn(raster, 1).length <= 1);
});

test("a negative gain turns the trace over", () => {
  const draw = (slope) => {
    const raster = rasterOf(1, 40);
    drawEnvelope(raster, { from: 0, to: 1 }, { from: Int32Array.of(0), to: Int32Array.of(1) }, { low: [2], high: [10], base: 0 }, { zero: 20, slope }, PEN, freshEnds(1), 0);
    return drawnIn(raster, 0);
  };
  assert.ok(draw(1).every((y) => y < 20));
  assert.ok(draw(-1).every((y) => y > 20));
  assert.equal(draw(1).length, draw(-1).length);
});

test("near zooms are straight lines between samples, which stand in the middle of their periods", () => {
  const raster = rasterOf(40, 100);
  const columns = { from: 0, to: 40 };
  const map = edges(columns, { x: 0, sample: 0, perPixel: 0.1 }, 0, 4);
  drawSegments(raster, columns, map, Float32Array.of(0, 20, 0, 0), { zero: 50, slope: 1 }, PEN);
  assert.deepEqual(drawnIn(raster, 2), []);
  const topAt = (x) => drawnIn(raster, x)[0];
  assert.ok(Math.abs(topAt(15) - 30) <= 1, "the second sample is at 1.5 periods");
  assert.ok(Math.abs(topAt(10) - 38) <= 1);
  assert.deepEqual(drawnIn(raster, 36), []);
});

test("segments leave a hole at what is no number", () => {
  const raster = rasterOf(50, 20);
  const columns = { from: 0, to: 50 };
  drawSegments(raster, columns, edges(columns, { x: 0, sample: 0, perPixel: 0.1 }, 0, 5), Float32Array.of(0, 0, NaN, 0, 0), { zero: 10, slope: 1 }, PEN);
  assert.deepEqual([8, 20, 28, 42].map((x) => drawnIn(raster, x).length > 0), [true, false, false, true]);
});

/** A scene of one row over one kept frame. */
function sceneOf(kept, start, count, width, more = {}) {
  const total = kept.reduce((most, each) => Math.max(most, each.to), 0);
  return {
    timeline: new Timeline({ sample_count: total }, 1000), start, count, rows: [{ at: 0, index: 0, colour: 0x0000ff, unitsPerPixel: 1 }], rowCount: 1,
    panes: [{ from: 0, to: width, layers: [{ kept, colour: null }] }], highlights: [], mode: "lines", heat: heatColours("#0000ff", "#ffffff", "#ff0000"), half: 0.5, behind: 0x888888, grid: null, ...more,
  };
}

test("a spike's mark stands on the pixel of its sample, at any zoom", () => {
  const draw = random(5);
  for (let round = 0; round < 200; round += 1) {
    const total = 20_000;
    const sample = 50 + Math.floor(draw() * (total - 100));
    const perColumn = 1 + Math.floor(draw() * 12);
    const values = Array.from({ length: total }, (_, at) => (at === sample ? 40 : 0));
    const columns = Array.from({ length: Math.ceil(total / perColumn) }, (_, at) => values.slice(at * perColumn, (at + 1) * perColumn));
    const kept = perColumn === 1 ? keptOf({ low: [values] }) : keptOf({ perColumn, low: [columns.map((each) => Math.min(...each))], high: [columns.map((each) => Math.max(...each))] });
    const count = Math.min(total, Math.ceil(100 * perColumn * (1 + draw() * 20)));
    const start = Math.max(0, Math.min(total - count, sample - Math.floor(draw() * count)));
    const width = 100;
    const raster = rasterOf(width, 100);
    paint(raster, sceneOf([kept], start, count, width));
    const x = spikePixel(placeOf({ start, count }, { from: 0, to: width }), sample);
    if (x < 1 || x > width - 2) continue;
    const peaks = Array.from({ length: width }, (_, at) => at).filter((at) => drawnIn(raster, at)[0] <= 11);
    // a column of samples is drawn at its middle, so the mark is off by no more than half a column
    const reach = Math.ceil((perColumn / 2) * (width / count)) + (count < width ? Math.ceil(width / count) : 0);
    assert.ok(peaks.length > 0 && peaks.some((at) => Math.abs(at - x) <= Math.max(reach, perColumn === 1 ? 0 : 1)), `${sample} ${perColumn} ${start}+${count}: ${peaks} ${x}`);
  }
});

test("pieces of different fineness meet without a hole, near and far", () => {
  const fine = keptOf({ first: 0, low: [Array(500).fill(0)] });
  const coarse = keptOf({ first: 500, perColumn: 5, low: [Array(100).fill(-1)], high: [Array(100).fill(1)] });
  const raster = rasterOf(100, 40);
  const holes = paint(raster, sceneOf([fine, coarse], 400, 200, 100));
  assert.deepEqual(holes, { unbuilt: [], blank: [] });
  for (let x = 0; x < 100; x += 1) assert.ok(drawnIn(raster, x).length, `${x}`);
  const near = rasterOf(100, 40);
  paint(near, sceneOf([keptOf({ low: [Array(20).fill(0)] }), keptOf({ first: 20, low: [Array(20).fill(0)] })], 10, 20, 100));
  for (let x = 0; x < 100; x += 1) assert.ok(drawnIn(near, x).length, `${x}`);
});

test("what is not there is told, and what is not built is drawn as what stands behind", () => {
  const kept = keptOf({ perColumn: 10, low: [Array(50).fill(-1)], high: [Array(50).fill(1)], built: [[0, 20]] });
  const raster = rasterOf(100, 40);
  const scene = sceneOf([kept], 0, 1000, 100);
  scene.timeline = new Timeline({ sample_count: 1000 }, 1000);
  assert.deepEqual(paint(raster, scene), { unbuilt: [{ from: 20, to: 50 }], blank: [{ from: 50, to: 100 }] });
  const colourAt = (x) => raster.words[20 * 100 + x] & 0xffffff;
  assert.deepEqual([colourAt(10), colourAt(30), drawnIn(raster, 70)], [0x0000ff, 0x888888, []]);
});

test("nothing is drawn across a gap", () => {
  const raster = rasterOf(100, 40);
  const scene = sceneOf([keptOf({ low: [Array(100).fill(0)] })], 0, 200, 100);
  scene.timeline = new Timeline({ sample_count: 100, gaps: [{ sample: 50, missing_s: 0.1 }] }, 1000);
  paint(raster, scene);
  const isDrawn = Array.from({ length: 100 }, (_, x) => drawnIn(raster, x).length > 0);
  assert.ok(isDrawn.slice(1, 24).every(Boolean) && isDrawn.slice(76, 99).every(Boolean));
  assert.ok(!isDrawn.slice(26, 74).some(Boolean));
});

test("the samples of a highlight have its colour, and only on its rows", () => {
  const raster = rasterOf(100, 40);
  const rows = [0, 1].map((at) => ({ at, index: at, colour: 0x0000ff, unitsPerPixel: 1 }));
  const kept = keptOf({ low: [Array(200).fill(0), Array(200).fill(0)] });
  paint(raster, { ...sceneOf([kept], 0, 200, 100), rows, rowCount: 2, highlights: [{ from: 40, to: 60, rows: [rows[1]], colour: 0x00ff00 }] });
  const colours = (x) => [10, 30].map((y) => raster.words[y * 100 + x] & 0xffffff);
  assert.deepEqual([colours(10), colours(25), colours(40)], [[0x0000ff, 0x0000ff], [0x0000ff, 0x00ff00], [0x0000ff, 0x0000ff]]);
});

test("a heat map has a band a row, warm above and cold below the middle", () => {
  const raster = rasterOf(10, 20);
  const kept = keptOf({ low: [Array(10).fill(8), Array(10).fill(-8)], high: [Array(10).fill(9), Array(10).fill(-7)], perColumn: 2 });
  const rows = [0, 1].map((at) => ({ at, index: at, colour: 0, unitsPerPixel: 2 }));
  paint(raster, { ...sceneOf([kept], 0, 20, 10), rows, rowCount: 2, mode: "heat" });
  const part = (y) => [raster.words[y * 10 + 5] & 255, (raster.words[y * 10 + 5] >> 16) & 255];
  assert.ok(part(4)[0] > part(4)[1] && part(9)[0] > part(9)[1], "red on top");
  assert.ok(part(14)[0] < part(14)[1], "blue below");
});

test("the grid is behind the traces", () => {
  const raster = rasterOf(100, 40);
  paint(raster, sceneOf([keptOf({ low: [Array(100).fill(0)] })], 0, 100, 100, { grid: { ticks: [50], colour: 0xaaaaaa } }));
  assert.equal(raster.words[20 * 100 + 50] & 0xffffff, 0x0000ff);
  assert.equal(raster.words[5 * 100 + 50] & 0xffffff, 0xaaaaaa);
});
