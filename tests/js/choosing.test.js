import assert from "node:assert/strict";
import { test } from "node:test";
import { clicked, reached, span } from "../../static/js/choosing.js";

const order = ["a", "b", "c", "d", "e"];

test("a click chooses one row alone", () => {
  assert.deepEqual(clicked(order, ["a", "b"], "d"), ["d"]);
});

test("a click with Ctrl adds a row or takes it out, in the order of choosing", () => {
  assert.deepEqual(clicked(order, ["d"], "a", { add: true }), ["d", "a"]);
  assert.deepEqual(clicked(order, ["d", "a"], "d", { add: true }), ["a"]);
});

test("a click with Shift chooses from the last one up to it, either way", () => {
  assert.deepEqual(clicked(order, ["b"], "d", { range: true, anchor: "b" }), ["b", "c", "d"]);
  assert.deepEqual(clicked(order, ["d"], "b", { range: true, anchor: "d" }), ["d", "c", "b"]);
  assert.deepEqual(clicked(order, ["e"], "b", { range: true, add: true, anchor: "a" }), ["e", "a", "b"]);
});

test("without a row to start from Shift is a plain click", () => {
  assert.deepEqual(clicked(order, [], "c", { range: true }), ["c"]);
  assert.deepEqual(span(order, "gone", "c"), ["c"]);
});

test("arrows move by one and stop at the ends", () => {
  assert.equal(reached("ArrowDown", order, "b"), "c");
  assert.equal(reached("ArrowUp", order, "a"), "a");
  assert.equal(reached("ArrowDown", order, "e"), "e");
  assert.equal(reached("ArrowDown", order, null), "a");
  assert.deepEqual([reached("Home", order, "c"), reached("End", order, "c"), reached("PageDown", order, "a")], ["a", "e", "e"]);
});

test("other keys and empty tables lead nowhere", () => {
  assert.equal(reached("x", order, "a"), null);
  assert.equal(reached("ArrowDown", [], null), null);
});
