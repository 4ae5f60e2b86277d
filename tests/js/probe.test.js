import assert from "node:assert/strict";
import { test } from "node:test";
import { extent, halfWidth, layout, neighbour } from "../../static/js/probe.js";

const contact = (x_um, y_um, number) => ({ id: String(number), x_um, y_um, channel_index: number });
const tetrode = { contacts: [contact(0, 0, 0), contact(0, 25, 1), contact(25, 25, 2), contact(25, 0, 3)], radius_um: 5 };
const long = { contacts: Array.from({ length: 384 }, (_, n) => contact((n % 2) * 32, Math.floor(n / 2) * 20, n)), width_um: 12, height_um: 12 };

test("depth grows upwards and proportions are kept", () => {
  const place = layout(tetrode, 200, 200);
  assert.ok(place.y(25) < place.y(0));
  assert.ok(place.x(25) > place.x(0));
  assert.equal(Math.round(place.x(25) - place.x(0)), Math.round(place.y(0) - place.y(25)));
});

test("everything is inside the drawing", () => {
  for (const probe of [tetrode, long]) {
    const place = layout(probe, 240, 400);
    for (const each of probe.contacts) {
      assert.ok(place.x(each.x_um) >= place.half && place.x(each.x_um) <= 240 - place.half);
      assert.ok(place.y(each.y_um) >= place.half && place.y(each.y_um) <= place.height - place.half);
    }
  }
});

test("a short probe fits its place, a long one grows beyond it so that contacts can be hit", () => {
  assert.ok(layout(tetrode, 240, 400).height <= 401);
  const place = layout(long, 240, 400);
  assert.ok(2 * place.half >= 6 - 1e-9);
  assert.ok(place.height > 400);
});

test("a probe of one contact is drawn", () => {
  const place = layout({ contacts: [contact(0, 0, 0)], radius_um: 5 }, 100, 100);
  assert.ok(Number.isFinite(place.scale) && place.scale > 0);
});

test("sizes come from the radius, the width, or a guess", () => {
  assert.deepEqual([halfWidth({ radius_um: 5 }), halfWidth({ width_um: 12 }), halfWidth({})], [5, 6, 5]);
});

test("arrows lead to the nearest contact in their direction and stop at the edge", () => {
  const { contacts } = tetrode;
  assert.equal(neighbour(contacts, 0, "ArrowUp"), 1);
  assert.equal(neighbour(contacts, 0, "ArrowRight"), 3);
  assert.equal(neighbour(contacts, 2, "ArrowLeft"), 1);
  assert.equal(neighbour(contacts, 0, "ArrowDown"), 0);
  assert.equal(neighbour(contacts, 0, "Enter"), 0);
});

test("all contacts of a long probe can be reached by arrows", () => {
  const seen = new Set([0]);
  const open = [0];
  while (open.length) {
    const from = open.pop();
    for (const key of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]) {
      const to = neighbour(long.contacts, from, key);
      if (!seen.has(to)) seen.add(to), open.push(to);
    }
  }
  assert.equal(seen.size, 384);
});

test("a long shank does not shrink the part that was recorded from", () => {
  assert.deepEqual(extent([0, 3840], [-200, 10_000], 6), [-200, 3846 + (3852 / 3)]);
  assert.deepEqual(extent([0, 25], [], 5), [-5, 30]);
  assert.deepEqual(extent([0, 25], [-30, 400], 5), [-30, 70]);
});
