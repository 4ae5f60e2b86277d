import assert from "node:assert/strict";
import { test } from "node:test";
import { envelopeOf, spread } from "../../static/js/envelope.js";

test("channels stand apart by their noise, each about its own middle", () => {
  const minimum = [[-10, -12, -9, -11, -10], [90, 88, 91, 89, 90]];
  const maximum = [[10, 8, 11, 9, 10], [110, 108, 111, 109, 110]];
  const { offsets, step } = spread({ minimum, maximum });
  assert.deepEqual(offsets, [0, 100]);
  assert.ok(step > 60 && step < 90, `step ${step}`);
});

test("a silent recording and missing samples still have a distance", () => {
  const { step } = spread({ minimum: [[0, 0], [null, null]], maximum: [[0, 0], [null, null]] });
  assert.equal(step, 6);
});

test("sampled values become an envelope of single samples", () => {
  const made = envelopeOf({ values: [[1, 2, 3]], times_s: [0, 0.001, 0.002], channel_ids: ["a"], unit: "µV" });
  assert.equal(Math.round(made.sampling_rate_hz), 1000);
  assert.deepEqual(made.edges, [0, 1, 2, 3]);
  assert.deepEqual(made.minimum, made.maximum);
  assert.equal(made.sample_count, 3);
});

test("a single sample is an envelope too", () => {
  assert.equal(envelopeOf({ values: [[1]], times_s: [0], channel_ids: ["a"], unit: "" }).sample_count, 1);
});
