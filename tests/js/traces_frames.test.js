import assert from "node:assert/strict";
import { test } from "node:test";
import { Cache } from "../../static/js/traces/cache.js";
import { parseFrame, parseSpikes, parseTemplates } from "../../static/js/traces/frame.js";
import { lowerBound, nearest, spikesWithin, suffices } from "../../static/js/traces/spikes.js";
import { expectedMaximum, median, summary, typical } from "../../static/js/traces/summary.js";
import { sparse } from "../../static/js/traces/templates.js";
import { Timeline } from "../../static/js/traces/timeline.js";
import { encoded, keptOf, random } from "./traces_samples.js";

const header = {
  kind: "envelope", dtype: "int16", channel_ids: ["AP0", "µ 1"], columns: 3, segment: 1, first_sample: 100, samples_per_column: 4, sample_count: 10,
  scale: [0.5, 0.25], offset: [0, -1], unit: "µV", coverage: 0.4, source: "pyramid", built: [[0, 2]], invalid: 0, message: "40 % built",
};

test("a frame of extremes has minima, then maxima", () => {
  const frame = parseFrame(encoded(header, Int16Array.of(1, 2, 3, 4, 5, 6), Int16Array.of(7, 8, 9, 10, 11, 12)));
  assert.deepEqual([...frame.low], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual([...frame.high], [7, 8, 9, 10, 11, 12]);
  assert.deepEqual([frame.kind, frame.segment, frame.first, frame.perColumn, frame.count, frame.coverage], ["envelope", 1, 100, 4, 10, 0.4]);
  assert.deepEqual(frame.built, [[0, 2]]);
});

test("a frame of samples has one plane, in every type that travels", () => {
  for (const [dtype, Kind] of Object.entries({ int16: Int16Array, uint16: Uint16Array, int32: Int32Array, float32: Float32Array })) {
    const frame = parseFrame(encoded({ ...header, kind: "lines", dtype, samples_per_column: 1 }, Kind.of(1, 2, 3, 4, 5, 6)));
    assert.ok(frame.low instanceof Kind);
    assert.equal(frame.low, frame.high);
  }
});

test("what is no frame, or is cut off, is refused with a sentence", () => {
  const whole = encoded(header, new Int16Array(6), new Int16Array(6));
  for (const wrong of [new ArrayBuffer(0), new ArrayBuffer(20), whole.slice(0, 40), whole.slice(0, whole.byteLength - 2), encoded({ ...header, dtype: "complex64" }, new Int16Array(12))]) {
    assert.throws(() => parseFrame(wrong), /not a frame of traces/);
  }
});

test("spikes are offsets and units", () => {
  const spikes = parseSpikes(encoded({ kind: "spikes", shown: 3, total: 8 }, Int32Array.of(1, 5, 9), Uint32Array.of(2, 0, 2)));
  assert.deepEqual([...spikes.offsets, ...spikes.units, spikes.total], [1, 5, 9, 2, 0, 2, 8]);
});

test("the spikes of a window lie in it, its end not included", () => {
  const got = { first: 1000, count: 100, spikes: { offsets: Int32Array.of(0, 10, 10, 20, 99), units: Uint32Array.of(0, 1, 2, 3, 4), total: 5, shown: 5 } };
  assert.deepEqual(spikesWithin(got, 1010, 10), [{ sample: 1010, unit: 1 }, { sample: 1010, unit: 2 }]);
  assert.deepEqual(spikesWithin(got, 2000, 10), []);
  assert.equal(lowerBound([1, 3, 3, 7], 3), 1);
});

test("spikes are asked for again when the window leaves them, or when a narrower one could show more", () => {
  const got = (shown) => ({ key: "k", first: 0, count: 300, spikes: { shown, total: 100 } });
  assert.ok(suffices(got(100), "k", 100, 100));
  assert.ok(!suffices(got(100), "other", 100, 100));
  assert.ok(!suffices(got(100), "k", 250, 100));
  assert.ok(suffices(got(50), "k", 100, 100));
  assert.ok(!suffices(got(50), "k", 100, 70));
  assert.ok(!suffices(null, "k", 0, 1));
});

test("the nearest spike within reach", () => {
  const spikes = [10, 14, 30].map((sample) => ({ sample, unit: 0 }));
  assert.equal(nearest(spikes, ({ sample }) => Math.abs(sample - 13), 5).sample, 14);
  assert.equal(nearest(spikes, ({ sample }) => Math.abs(sample - 21), 5), null);
});

test("a template is kept on the channels where it is large, the largest first", () => {
  const values = Float32Array.of(0, 1, -8, 0, 3, 0, 0, 2, 8, /* second unit */ 5, 0, 0, 5, 0, 0, 5, 0, 0);
  const all = parseTemplates(encoded({ kind: "templates", units: [4, 7], sample_count: 3, channels: 3, nbefore: 1 }, values));
  assert.deepEqual(sparse(all, 0), { unit: 4, before: 1, length: 3, channels: [2, 1], values: [Float32Array.of(-8, 0, 8), Float32Array.of(1, 3, 2)] });
  assert.deepEqual(sparse(all, 1).channels, [0]);
});

test("a template of zeros has no channels", () => {
  const all = { units: [1], sampleCount: 2, channelCount: 2, before: 0, values: new Float32Array(4) };
  assert.deepEqual(sparse(all, 0).channels, []);
});

test("the cache keeps what was used last, and never more than its bytes", () => {
  const cache = new Cache(100);
  for (const id of ["a", "b", "c"]) cache.put(id, { bytes: 40, id });
  assert.deepEqual([cache.get("a"), cache.bytes], [undefined, 80]);
  cache.touch("b");
  cache.put("d", { bytes: 40, id: "d" });
  assert.deepEqual([...cache.items.keys()], ["b", "d"]);
  cache.put("huge", { bytes: 101, id: "huge" });
  assert.equal(cache.get("huge"), undefined);
  cache.put("b", { bytes: 10, id: "b" });
  assert.equal(cache.bytes, 50);
  cache.dropWhere((item) => item.id === "d");
  assert.deepEqual([cache.bytes, cache.filter(() => true).length], [10, 1]);
});

test("the noise of an envelope and of its samples is nearly the same, whatever waves are below", () => {
  const draw = random(7);
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const values = Array.from({ length: 8000 }, (_, at) => 10 * normal() + 20 * Math.sin(at / 300) + 500);
  const columns = Array.from({ length: 400 }, (_, column) => values.slice(column * 20, column * 20 + 20));
  const lines = summary(keptOf({ low: [values] }).frame);
  const envelope = summary(keptOf({ perColumn: 20, low: [columns.map((each) => Math.min(...each))], high: [columns.map((each) => Math.max(...each))] }).frame);
  for (const { spread, middle } of [lines, envelope]) {
    assert.ok(spread[0] > 6 && spread[0] < 14, `${spread[0]}`);
    assert.ok(Math.abs(middle[0] - 500) < 25);
  }
});

test("large slow waves make traces smaller, and values that are none do nothing", () => {
  const wave = Array.from({ length: 500 }, (_, at) => 6000 * Math.sin(at / 40));
  const { spread } = summary(keptOf({ low: [wave, wave.map(() => NaN)] }).frame);
  assert.ok(spread[0] > 800);
  assert.equal(spread[1], 0);
  assert.equal(typical([0, 4, 9, 5, NaN]), 5);
  assert.equal(typical([0]), 1);
  assert.equal(median([]), 0);
  assert.ok(expectedMaximum(1000) > expectedMaximum(10));
});

test("without gaps a tick is a sample", () => {
  const line = new Timeline({ sample_count: 1000, start_s: 5 }, 100);
  assert.deepEqual([line.length, line.toTick(7), line.toSample(999), line.seconds(50), line.fromSeconds(5.5)], [1000, 7, 999, 5.5, 50]);
  assert.deepEqual(line.within(990, 100), [{ tick: 990, sample: 990, count: 10 }]);
});

test("gaps move the samples after them", () => {
  const line = new Timeline({ sample_count: 1000, gaps: [{ sample: 600, missing_s: 1 }, { sample: 200, missing_s: 0.5 }] }, 100);
  assert.equal(line.length, 1150);
  assert.deepEqual([199, 200, 599, 600].map((sample) => line.toTick(sample)), [199, 250, 649, 750]);
  for (const sample of [0, 199, 200, 420, 600, 999]) assert.equal(line.toSample(line.toTick(sample)), sample);
  assert.equal(line.toSample(220), 200);
  assert.equal(line.toSample(5000), 999);
  assert.deepEqual(line.within(190, 100), [{ tick: 190, sample: 190, count: 10 }, { tick: 250, sample: 200, count: 40 }]);
  assert.deepEqual(line.samplesWithin(190, 100), { first: 190, count: 50 });
  assert.deepEqual(line.gapsWithin(0, 300), [{ from: 200, to: 250, missingS: 0.5 }]);
  assert.deepEqual(line.samplesWithin(210, 10), { first: 200, count: 0 });
});

test("a gap at the very start or end is none", () => {
  assert.equal(new Timeline({ sample_count: 10, gaps: [{ sample: 0, missing_s: 1 }, { sample: 10, missing_s: 1 }] }, 100).length, 10);
});
