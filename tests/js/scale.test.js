import assert from "node:assert/strict";
import { test } from "node:test";
import { median, roundBelow, secondsText, ticks } from "../../static/js/scale.js";

test("scale bars are 1, 2 or 5 times a power of ten", () => {
  const found = [0.03, 1, 1.9, 2, 4.99, 5, 99, 234567].map(roundBelow);
  assert.deepEqual(found, [0.02, 1, 1, 2, 2, 5, 50, 200000]);
  for (const nothing of [0, -1, NaN, Infinity]) assert.equal(roundBelow(nothing), 0);
});

test("ticks are round, inside and not too many", () => {
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(3.14, 3.21, 4), [3.14, 3.16, 3.18, 3.2]);
  assert.deepEqual(ticks(5, 5, 4), []);
});

test("ticks far from zero keep their digits", () => {
  assert.deepEqual(ticks(3600, 3600.0004, 4), [3600, 3600.0001, 3600.0002, 3600.0003, 3600.0004]);
});

test("times have the unit that suits them", () => {
  assert.deepEqual([12.345, 0.005, 0.0002, 0].map(secondsText), ["12.345 s", "5 ms", "200 µs", "0 s"]);
});

test("the median of an even number of values lies between the middle two", () => {
  assert.deepEqual([[3], [4, 1, 2], [4, 1, 3, 2]].map(median), [3, 2, 2.5]);
  assert.ok(Number.isNaN(median([])));
});
