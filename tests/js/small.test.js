// The pure parts of modules that do little else but listen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../static/js/hex.js";
import { eventNames } from "../../static/js/events.js";
import { grown } from "../../static/js/log.js";
import { target } from "../../static/js/rows.js";
import { limited } from "../../static/js/split.js";
import { cellText, ordered } from "../../static/js/table.js";
import { nextTheme } from "../../static/js/theme.js";

test("a message becomes an event for its kind and one for its subject", () => {
  assert.deepEqual(eventNames({ event: "job", data: { id: 7 } }), ["lab:job", "lab:job-7"]);
  assert.deepEqual(eventNames({ event: "library", data: { recording: 3 } }), ["lab:library", "lab:recording-3"]);
  assert.deepEqual(eventNames({ event: "jobs", data: { running: 2 } }), ["lab:jobs"]);
});

test("a log keeps its lines and replaces the unfinished one", () => {
  let log = { text: "one\n", partial: "", offset: 4 };
  log = grown(log, { text: "", partial: "50 %", next_offset: 4 });
  log = grown(log, { text: "100 %\n", partial: "next", next_offset: 10 });
  assert.deepEqual(log, { text: "one\n100 %\n", partial: "next", offset: 10 });
});

test("a log of many megabytes loses its oldest whole lines", () => {
  const line = "x".repeat(999) + "\n";
  const log = grown({ text: line.repeat(2000), partial: "", offset: 0 }, { text: line.repeat(500), partial: "", next_offset: 1 });
  assert.ok(log.text.length <= 2_000_000);
  assert.ok(log.text.startsWith("x") && log.text.length % 1000 === 0);
});

test("arrows move through rows and stop at the ends", () => {
  assert.deepEqual([target("ArrowDown", 0, 3), target("ArrowUp", 0, 3), target("End", 0, 3), target("Home", 2, 3)], [1, 0, 2, 0]);
  assert.equal(target("a", 0, 3), undefined);
});

test("a splitter leaves room on both sides", () => {
  assert.deepEqual([5, 40, 99].map(limited), [20, 40, 75]);
});

test("themes go round", () => {
  assert.deepEqual(["system", "light", "dark"].map(nextTheme), ["light", "dark", "system"]);
});

test("cells have equal decimals, thin spaces and a dash for nothing", () => {
  const rate = { kind: "number", decimals: 2 };
  assert.deepEqual([9.6, 12345.678, null, 0].map((value) => cellText(value, rate)), ["9.60", "12\u2009345.68", "–", "0.00"]);
  assert.equal(cellText(290360, { kind: "number", decimals: 0 }), "290\u2009360");
  assert.equal(cellText(0.12345678, { kind: "number", decimals: 6 }), "0.123457");
  assert.equal(cellText("unit 7", { kind: "text", decimals: 0 }), "unit 7");
});

test("numbers sort as numbers, names as people count, nothing comes last either way", () => {
  const sorted = (values, direction) => [...values].sort((a, b) => ordered(a, b, direction) * (direction === "asc" ? 1 : -1));
  assert.deepEqual(sorted([10, null, 2], "asc"), [2, 10, null]);
  assert.deepEqual(sorted([10, null, 2], "desc"), [10, 2, null]);
  assert.deepEqual(sorted(["u10", "u2"], "asc"), ["u2", "u10"]);
});

test("bytes become a colour", () => {
  assert.equal(hex([0, 114, 178, 255]), "#0072b2");
});
