import assert from "node:assert/strict";
import { test } from "node:test";
import { Selection, toggled } from "../../static/js/selection.js";

test("whoever listens hears what changed and who changed it", () => {
  const selection = new Selection();
  const heard = [];
  const end = selection.listen((names, source) => heard.push([names, source]));
  selection.set({ units: ["3"], cursorS: 1 }, "table");
  selection.set({ units: ["3"] }, "table");
  end();
  selection.set({ units: [] }, "table");
  assert.deepEqual(heard, [[["units", "cursorS"], "table"]]);
  assert.deepEqual(selection.now, { units: [], electrodes: [], cursorS: 1 });
});

test("the address of a view names every unit and electrode", () => {
  const selection = new Selection({ units: ["1", "a&b"], electrodes: ["AP0"], cursorS: 0 });
  assert.equal(selection.query().toString(), "unit=1&unit=a%26b&electrode=AP0&cursor_s=0");
  assert.equal(new Selection().query().toString(), "");
});

test("toggling takes an item in and out", () => {
  assert.deepEqual(toggled(["a"], "b"), ["a", "b"]);
  assert.deepEqual(toggled(["a", "b"], "a"), ["b"]);
});
