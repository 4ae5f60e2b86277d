import assert from "node:assert/strict";
import { test } from "node:test";
import { rangeOf } from "../../static/js/traces/bar.js";
import { axisText, decimals, momentText, parseAmount, parseMoment, parseSpan, spanText } from "../../static/js/traces/times.js";

const segment = { rate: 30000, startS: 0, length: 30000 * 4000 };
const same = (sample) => sample;

test("times are read in every unit that a person writes", () => {
  const seconds = {
    "12.345": 12.345, "12.345 s": 12.345, "12,5s": 12.5, "250 ms": 0.25, "1.5 min": 90, "2 h": 7200, "500 µs": 5e-4, "500us": 5e-4,
    "1:12.5": 72.5, "0:01:12.5": 72.5, "1:00:00": 3600, "1e-3": 0.001, "3 sec": 3, "12 345 s": 12345, ".5": 0.5,
  };
  for (const [text, value] of Object.entries(seconds)) {
    const amount = parseAmount(text);
    assert.equal(amount?.unit, "s", text);
    assert.ok(Math.abs(amount.value - value) < 1e-9, text);
  }
  assert.deepEqual(parseAmount("370350 samples"), { unit: "samples", value: 370350 });
  assert.deepEqual(parseAmount("1 smp"), { unit: "samples", value: 1 });
});

test("nonsense is no time", () => {
  for (const text of ["", "abc", "12 parsecs", "1:75", "--3", "1:2:3:4", ":", "s", "1.2.3", "٣", "1e999", "NaN", "Infinity"]) assert.equal(parseAmount(text), null, text);
});

test("a moment is a whole sample of the segment", () => {
  assert.deepEqual(parseMoment("1.5", segment), { value: 45000 });
  assert.deepEqual(parseMoment("45000 samples", segment), { value: 45000 });
  assert.deepEqual(parseMoment("100.5", { ...segment, startS: 100 }), { value: 15000 });
  assert.equal(parseMoment("0.33333", { ...segment, rate: 11574.1 }).value, 3858);
});

test("a moment that is none, or outside, is answered with a sentence", () => {
  assert.match(parseMoment("soon", segment).error, /“soon” is not a time.*12\.345 s/);
  assert.match(parseMoment("4001", segment).error, /“4001” is outside this segment, which goes from 0 s to 4000 s/);
  assert.match(parseMoment("-1", segment).error, /outside/);
  assert.match(parseMoment("200 s", { ...segment, startS: 300 }).error, /from 300 s/);
});

test("a span is at least a sample", () => {
  assert.deepEqual(parseSpan("20 ms", 30000), { value: 600 });
  assert.deepEqual(parseSpan("600 samples", 30000), { value: 600 });
  assert.match(parseSpan("0", 30000).error, /longer than one sample/);
  assert.match(parseSpan("-2 s", 30000).error, /longer than one sample/);
  assert.match(parseSpan("wide", 30000).error, /not a span/);
});

test("a typed range keeps the cursor's place, or the middle", () => {
  const now = { start: 30000, count: 30000, cursor: null };
  assert.deepEqual(rangeOf("0.5 s", now, segment, same), { span: { start: 37500, count: 15000 } });
  assert.deepEqual(rangeOf("500 ms", { ...now, cursor: 33000 }, segment, same), { span: { start: 31500, count: 15000 } });
  assert.deepEqual(rangeOf("10000 s", now, segment, same).span, { start: 0, count: segment.length });
});

test("a range may be typed from – to", () => {
  for (const text of ["10 – 12 s", "10-12", "10 s .. 12 s", "10 to 12", "0:10 - 0:12", "300000 – 360000 samples"]) {
    assert.deepEqual(rangeOf(text, { start: 0, count: 9, cursor: null }, segment, same), { span: { start: 300000, count: 60000 } }, text);
  }
  assert.match(rangeOf("12 – 10 s", { start: 0, count: 9, cursor: null }, segment, same).error, /from an earlier to a later/);
  assert.match(rangeOf("10 – later", { start: 0, count: 9, cursor: null }, segment, same).error, /not a time/);
});

test("times are written with as many digits as tell samples apart", () => {
  assert.equal(decimals(1, 30000), 5);
  assert.equal(decimals(30000, 30000), 3);
  assert.equal(momentText(12.3456789, 4), "12.3457 s");
  assert.deepEqual([40, 30000, 30000 * 300, 30000 * 9000].map((count) => spanText(count, 30000)), ["1.333 ms", "1 s", "5 min", "2.5 h"]);
});

test("what a span is written as is read as the same span", () => {
  for (const count of [1, 7, 8, 599, 30000, 45001, 3000000]) {
    const { value } = parseSpan(spanText(count, 30000), 30000);
    assert.ok(Math.abs(value - count) <= Math.max(1, count * 1e-4), `${count} ${value}`);
  }
});

test("axis times", () => {
  assert.equal(axisText(12.5, 0.5), "12.5");
  assert.equal(axisText(72, 10), "1:12");
  assert.equal(axisText(3725, 60), "1:02:05");
  assert.equal(axisText(100.001, 0.001), "100.001");
  assert.equal(axisText(-75, 15), "−1:15");
  assert.equal(axisText(119.9999, 1), "2:00");
});
