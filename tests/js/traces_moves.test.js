import assert from "node:assert/strict";
import { test } from "node:test";
import { CHANGES, commandOf } from "../../static/js/traces/commands.js";
import { anchor, centred, inside, revealing, shifted, zoomed } from "../../static/js/traces/moves.js";
import { paneAt, tickAt, wheelFactor } from "../../static/js/traces/pointer.js";
import { Store } from "../../static/js/traces/state.js";
import { boxAt } from "../../static/js/traces/strip.js";
import { random } from "./traces_samples.js";

const LENGTH = 100000;
const model = (now, more = {}) => ({ store: new Store({ start: 10000, count: 5000, ...now }), timeline: { length: LENGTH }, sortingId: null, tracing: { channels: Array(100).fill({}) }, ...more });

test("a shift is 20 % of the span and ends at the recording's ends", () => {
  assert.deepEqual(shifted({ start: 1000, count: 500 }, 0.2, LENGTH), { start: 1100, count: 500 });
  assert.deepEqual(shifted({ start: 50, count: 500 }, -0.2, LENGTH), { start: 0, count: 500 });
  assert.deepEqual(shifted({ start: LENGTH - 510, count: 500 }, 0.2, LENGTH), { start: LENGTH - 500, count: 500 });
});

test("a shift of a few samples is still one sample", () => {
  assert.deepEqual(shifted({ start: 10, count: 2 }, 0.2, 3), { start: 0, count: 3 });
  assert.deepEqual(shifted({ start: 10, count: 8 }, 0.02, 100), { start: 11, count: 8 });
});

test("zooming keeps its centre where it is", () => {
  const next = zoomed({ start: 1000, count: 1000 }, 1 / 1.15, 1250, LENGTH);
  assert.equal(next.count, Math.round(1000 / 1.15));
  assert.ok(Math.abs((1250 - next.start) / next.count - 0.25) < 1e-3);
});

test("zooming always changes something until it cannot", () => {
  let span = { start: 0, count: LENGTH };
  for (let step = 0; step < 300 && span.count > 8; step += 1) {
    const next = zoomed(span, 1 / 1.15, 50000, LENGTH);
    assert.ok(next.count < span.count);
    span = next;
  }
  assert.equal(span.count, 8);
  for (let step = 0; step < 300 && span.count < LENGTH; step += 1) span = zoomed(span, 1.15, 50000, LENGTH);
  assert.deepEqual(span, { start: 0, count: LENGTH });
});

test("whatever is done, windows are whole samples inside the recording", () => {
  const draw = random(1);
  let span = { start: 0, count: 1000 };
  for (let step = 0; step < 2000; step += 1) {
    const [kind, value] = [Math.floor(draw() * 3), draw()];
    if (kind === 0) span = shifted(span, value * 4 - 2, LENGTH);
    else if (kind === 1) span = zoomed(span, 0.5 + value, span.start + value * span.count, LENGTH);
    else span = centred(span, value * LENGTH, LENGTH);
    assert.ok(Number.isInteger(span.start) && Number.isInteger(span.count));
    assert.ok(span.start >= 0 && span.count >= 8 && span.start + span.count <= LENGTH);
  }
});

test("a recording of one sample is shown as it is", () => {
  assert.deepEqual(inside({ start: 5, count: 100 }, 1), { start: 0, count: 1 });
  assert.deepEqual(zoomed({ start: 0, count: 1 }, 2, 0, 1), { start: 0, count: 1 });
});

test("a place that is well in view does not move the window", () => {
  assert.deepEqual(revealing({ start: 0, count: 1000 }, 500, LENGTH), { start: 0, count: 1000 });
  assert.deepEqual(revealing({ start: 0, count: 1000 }, 5000, LENGTH), { start: 4500, count: 1000 });
});

test("+ and − zoom about the cursor, or the middle when it is not in view", () => {
  assert.equal(anchor({ start: 0, count: 100 }, 30), 30);
  assert.equal(anchor({ start: 0, count: 100 }, 300), 50);
  assert.equal(anchor({ start: 0, count: 100 }, null), 50);
});

test("keys mean commands, letters by their place, and none with a modifier", () => {
  const key = (key, code = key, more = {}) => commandOf({ key, code, ...more });
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "+", "-", "Home", "End"].map((each) => key(each)), ["earlier", "later", "larger", "smaller", "zoom-in", "zoom-out", "first", "last"]);
  assert.equal(key("т", "KeyN"), "note");
  assert.equal(key("a", "KeyA", { ctrlKey: true }), null);
  assert.equal(key("?", "Slash", { shiftKey: true }), null);
  assert.equal(key("ArrowLeft", "ArrowLeft", { altKey: true }), null);
});

test("commands change the state to the letter", () => {
  const change = (name, now = {}, more = {}) => CHANGES[name](model(now, more));
  assert.deepEqual(change("earlier"), { start: 9000, count: 5000, direction: -1 });
  assert.deepEqual(change("later"), { start: 11000, count: 5000, direction: 1 });
  assert.deepEqual(change("larger"), { gain: 1.15 });
  assert.deepEqual(change("smaller"), { gain: 1 / 1.15 });
  assert.equal(change("zoom-in").count, Math.round(5000 / 1.15));
  assert.equal(change("zoom-out").count, Math.round(5000 * 1.15));
  assert.deepEqual(change("first"), { start: 0, count: 5000, direction: 1 });
  assert.deepEqual(change("last"), { start: LENGTH - 5000, count: 5000, direction: -1 });
  assert.deepEqual(change("whole"), { start: 0, count: LENGTH });
  assert.deepEqual(change("clear"), { cursor: null, interval: null });
  assert.deepEqual(change("heat"), { mode: "heat" });
  assert.deepEqual(change("order"), { order: "id" });
  assert.deepEqual(change("signal", { signal: "overlaid" }), { signal: "raw" });
});

test("channels are paged through without leaving their list", () => {
  assert.deepEqual(CHANGES["rows-down"](model({ rows: 32, row: 64 })), { row: 68 });
  assert.deepEqual(CHANGES["rows-up"](model({ rows: 32, row: 10 })), { row: 0 });
  assert.deepEqual(CHANGES["rows-down"](model({ rows: 0 })), {});
});

test("templates and residual need a sorting", () => {
  assert.deepEqual(CHANGES.residual(model()), {});
  assert.deepEqual(CHANGES.residual(model({}, { sortingId: 3 })), { residual: true });
});

test("a notch of the wheel zooms by 1.15, many by no more than three do", () => {
  assert.ok(Math.abs(wheelFactor({ deltaY: 100, deltaMode: 0 }) - 1.15) < 1e-12);
  assert.ok(Math.abs(wheelFactor({ deltaY: -100, deltaMode: 0 }) - 1 / 1.15) < 1e-12);
  assert.ok(wheelFactor({ deltaY: 1e6, deltaMode: 0 }) <= 1.15 ** 3 + 1e-12);
  assert.ok(wheelFactor({ deltaY: 3, deltaMode: 1 }) > 1.1);
});

test("a place of the plot is a tick of its pane", () => {
  const panes = [{ from: 50, to: 150 }, { from: 150, to: 250 }];
  assert.equal(paneAt(panes, 149), panes[0]);
  assert.equal(paneAt(panes, 999), panes[1]);
  assert.equal(tickAt({ start: 1000, count: 200 }, panes[1], 150), 1000);
  assert.equal(tickAt({ start: 1000, count: 200 }, panes[1], 200), 1100);
  assert.equal(tickAt({ start: 1000, count: 200 }, panes[1], 250), 1199);
});

test("the window's box in the strip can be hit at any zoom", () => {
  assert.deepEqual(boxAt({ start: 0, count: 50 }, 100, 200), { x: 0, width: 100 });
  const tiny = boxAt({ start: 99999, count: 1 }, 100000, 200);
  assert.deepEqual(tiny, { x: 194, width: 6 });
});

test("the state takes whole numbers only, and tells once what is different", () => {
  const store = new Store();
  assert.throws(() => store.set({ start: 1.5 }), RangeError);
  const heard = [];
  const end = store.subscribe((names, source) => heard.push([[...names], source]));
  store.set({ start: 3, count: store.now.count, units: [] }, "me");
  store.set({ start: 3 });
  end();
  store.set({ start: 4 });
  assert.deepEqual(heard, [[["start"], "me"]]);
});
