import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds, shifted, within, zoomed } from "../../static/js/window.js";

test("a stretch stays inside the recording", () => {
  assert.deepEqual(within({ start: -2, span: 1 }, 10, 0.01), { start: 0, span: 1 });
  assert.deepEqual(within({ start: 9.5, span: 1 }, 10, 0.01), { start: 9, span: 1 });
  assert.deepEqual(within({ start: Infinity, span: 1 }, 10, 0.01), { start: 9, span: 1 });
  assert.deepEqual(within({ start: 3, span: 99 }, 10, 0.01), { start: 0, span: 10 });
  assert.deepEqual(within({ start: 3, span: 0 }, 10, 0.01), { start: 3, span: 0.01 });
});

test("a recording shorter than the least span is shown whole", () => {
  assert.deepEqual(within({ start: 0, span: 1 }, 0.0005, 0.001), { start: 0, span: 0.0005 });
});

test("shifting moves by a share of the span", () => {
  assert.deepEqual(shifted({ start: 10, span: 5 }, -0.2), { start: 9, span: 5 });
});

test("zooming keeps the second under the pointer in its place", () => {
  const before = { start: 2, span: 4 };
  const after = zoomed(before, 2, 3);
  assert.equal(after.span, 2);
  assert.equal((3 - after.start) / after.span, (3 - before.start) / before.span);
});

test("seconds are read from what a person types", () => {
  assert.deepEqual([" 1.5 ", "1,5", "3 s", "0"].map(seconds), [1.5, 1.5, 3, 0]);
  for (const text of ["", "soon", "1 min", "Infinity"]) assert.equal(seconds(text), null);
});
