import assert from "node:assert/strict";
import { test } from "node:test";
import { csv, fitted, merged, numbers, styled } from "../../static/js/figure.js";

const look = { panel: "#fff", text: "#555", strong: "#000", grid: "#eee", axis: "#999", raised: "#fefefe", accent: "#08a", font: "sans" };

test("what a view says of its layout wins over the program's look", () => {
  const layout = styled({ xaxis: { title: { text: "Time (s)" }, showgrid: true }, margin: { l: 90 } }, look);
  assert.equal(layout.xaxis.title.text, "Time (s)");
  assert.equal(layout.xaxis.title.standoff, 6);
  assert.equal(layout.xaxis.showgrid, true);
  assert.deepEqual(layout.margin, { l: 90, r: 12, t: 10, b: 40 });
});

test("every axis of a figure gets the look, and the plot stands on the panel", () => {
  const layout = styled({ xaxis2: {}, yaxis17: {}, axis: 1 }, look);
  for (const name of ["xaxis", "yaxis", "xaxis2", "yaxis17"]) assert.equal(layout[name].linecolor, "#999");
  assert.equal(layout.paper_bgcolor, "#fff");
  assert.equal(layout.showlegend, false);
});

test("merging changes neither of the two", () => {
  const [under, over] = [{ a: { b: 1, c: [1] } }, { a: { c: [2, 3] } }];
  assert.deepEqual(merged(under, over), { a: { b: 1, c: [2, 3] } });
  assert.deepEqual(under, { a: { b: 1, c: [1] } });
  assert.deepEqual(merged(under, undefined), under);
});

test("a figure's own table is its numbers, else the x and y of its traces", () => {
  assert.deepEqual(numbers({ table: { t: [1] }, data: [{ x: [9] }] }), { t: [1] });
  assert.deepEqual(numbers({ data: [{ name: "unit 3", x: [1, 2], y: [3, 4] }, { y: [5] }] }), {
    "unit 3 x": [1, 2], "unit 3 y": [3, 4], "trace 2 y": [5],
  });
  assert.deepEqual(numbers({}), {});
});

test("CSV quotes what needs it and fills short columns", () => {
  assert.equal(csv({ 'a "b"': [1, null], "x,y": ["line\nbreak"] }), '"a ""b""","x,y"\r\n1,"line\nbreak"\r\n,\r\n');
});

const panels = () => ({
  xaxis: { domain: [0, 0.3], anchor: "y", title: { text: "Time (ms)" } }, yaxis: { domain: [0.5, 1] },
  xaxis2: { domain: [0.4, 0.7], anchor: "y2", title: { text: "Time (ms)" } }, yaxis2: { domain: [0, 0.4], nticks: 3 },
});

test("wide panels stay as the view made them", () => {
  assert.deepEqual(fitted(panels(), 2000), panels());
});

test("narrow panels say their title once, at the lower left, and leave numbers to the pointer", () => {
  const layout = fitted(panels(), 300);
  assert.equal(layout.xaxis.title.text, "");
  assert.equal(layout.xaxis2.title.text, "Time (ms)");
  assert.deepEqual(layout.yaxis2, { domain: [0, 0.4], nticks: 3, showticklabels: false, ticks: "" });
});

test("a narrow distribution beside a plot leaves that plot's axis alone", () => {
  const layout = { xaxis: { domain: [0, 0.85] }, yaxis: {}, xaxis2: { domain: [0.87, 1], anchor: "y" } };
  assert.deepEqual(fitted(layout, 800), layout);
});

test("a figure of one panel is not touched", () => {
  const layout = { xaxis: { title: { text: "Time (s)" } }, yaxis: {} };
  assert.deepEqual(fitted(layout, 100), layout);
});
