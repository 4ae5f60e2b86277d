import assert from "node:assert/strict";
import { test } from "node:test";
import { Selection } from "../../static/js/selection.js";
import { chainWords, changed, moved, newStep, parsed, textOf, without } from "../../static/js/traces/chain.js";
import { link } from "../../static/js/traces/link.js";
import { chainText, Model } from "../../static/js/traces/model.js";
import { inOrder } from "../../static/js/traces/notes.js";
import { csvOf, python, pythonOf, quoted } from "../../static/js/traces/numbers.js";
import { amount, axisTicks, drawOverlay, durationText } from "../../static/js/traces/overlay.js";
import { valueText } from "../../static/js/traces/readout.js";
import { groupsOf, labelStep, ordered, rowAt, visible } from "../../static/js/traces/rows.js";
import { Store } from "../../static/js/traces/state.js";
import { escaped, SvgPen } from "../../static/js/traces/svg.js";
import { Timeline } from "../../static/js/traces/timeline.js";
import { unitColour } from "../../static/js/traces/unit_colour.js";
import { tracePaths } from "../../static/js/traces/vector.js";
import { keptOf } from "./traces_samples.js";

const channels = [
  { position: 0, id: "a", x_um: 0, y_um: 0, shank: "1", group: 0 },
  { position: 1, id: "b", x_um: 0, y_um: 40, shank: "0", group: 0 },
  { position: 2, id: "c", x_um: 10, y_um: 20, shank: "1", group: 0, bad: "dead" },
  { position: 3, id: 7, x_um: 0, y_um: 20, shank: "1", group: 0 },
];
const ids = (list) => list.map((each) => each.id);
const everything = { channels: null, order: "depth", rows: 0, row: 0 };

/** A model whose requests go nowhere. */
function modelOf(now = {}, more = {}) {
  const tracing = { recording: { id: 5, name: "one \"two\"" }, channels, sampling_rate_hz: 1000, segments: [{ sample_count: 5000 }, { sample_count: 300, start_s: 10 }], unit: "µV", ...more };
  const model = new Model(tracing, new Store({ start: 0, count: 100, ...now }), { sortingId: 3, viewId: "v", changed: () => {} });
  model.width = 100;
  return model;
}

test("by depth the highest is on top, shanks stay together; by id as in the file", () => {
  assert.deepEqual(ids(ordered(channels, "depth")), [7, "c", "a", "b"]);
  assert.deepEqual(ids(ordered(channels, "id")), ["a", "b", "c", 7]);
  assert.deepEqual(ids(ordered(channels.map(({ position, id }) => ({ position, id })), "depth")), ["a", "b", "c", 7]);
  assert.deepEqual(groupsOf(channels), ["1", "0"]);
});

test("chosen channels, and pages of them", () => {
  assert.deepEqual(ids(visible(channels, { ...everything, channels: [0, 3] })), [7, "a"]);
  assert.deepEqual(ids(visible(channels, { ...everything, rows: 2, row: 1 })), ["c", "a"]);
  assert.deepEqual(ids(visible(channels, { ...everything, rows: 2, row: 99 })), ["a", "b"]);
  assert.deepEqual([rowAt(0, 100, 4), rowAt(99, 100, 4), rowAt(100, 100, 4), rowAt(-1, 100, 4), rowAt(5, 100, 0)], [0, 3, -1, -1, -1]);
  assert.deepEqual([labelStep(20, 13), labelStep(5, 13), labelStep(2, 13)], [1, 4, 8]);
});

test("what is asked for: the layer, the channels in order, the chain without what is off", () => {
  const chain = [{ step: "highpass", params: { freq_min: 300 }, on: true }, { step: "car", params: {}, on: false }];
  const model = modelOf({ signal: "overlaid", chain, channels: [3, 0] });
  assert.deepEqual(model.layers().map((layer) => [layer.name, layer.query]), [
    ["raw", { segment: "0", channels: "0,3", chain: "" }], ["processed", { segment: "0", channels: "0,3", chain: '[{"step":"highpass","params":{"freq_min":300}}]' }],
  ]);
  assert.equal(chainText([chain[1]]), "");
  assert.deepEqual(modelOf().layers()[0].query, { segment: "0", channels: "", chain: "" });
});

test("templates are subtracted from what is on top, near, and of chosen units only", () => {
  const query = (now) => modelOf({ residual: true, units: [4, 9], ...now }).layers().map((layer) => [layer.query.residual, layer.query.units]);
  assert.deepEqual(query({}), [["3", "4,9"]]);
  assert.deepEqual(query({ signal: "side" }), [[undefined, undefined], ["3", "4,9"]]);
  assert.deepEqual(query({ units: [] }), [[undefined, undefined]]);
  assert.deepEqual(query({ count: 5000 }), [[undefined, undefined]]);
});

test("what is on screen of all layers is asked for before what is beside it", () => {
  const wants = modelOf({ signal: "side", chain: [{ step: "x", params: {} }], start: 1000 }).wants();
  assert.deepEqual(wants.map((each) => each.stage), ["full", "full", "ahead", "ahead", "ahead", "ahead"]);
  assert.ok(wants.every((each) => Number.isInteger(each.first) && Number.isInteger(each.count) && Number.isInteger(each.columns)));
});

test("the value under the pointer comes from the finest frame", () => {
  const model = modelOf({ channels: [0, 2], count: 10 });
  const [{ key }] = model.layers();
  const put = (kept) => model.cache.put(kept.id, kept);
  put(keptOf({ key, perColumn: 5, low: [[-9, -9], [-1, -1]], high: [[9, 9], [1, 1]], asked: 5 }));
  assert.deepEqual(model.valueAt(7, channels[0]), { low: -9, high: 9, perColumn: 5, unit: "µV" });
  put(keptOf({ key, low: [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], Array(10).fill(5)], scale: 0.5 }));
  assert.deepEqual(model.valueAt(7, channels[0]), { low: 3.5, high: 3.5, perColumn: 1, unit: "µV" });
  assert.equal(model.valueAt(7, channels[1]), null);
  assert.equal(model.valueAt(4000, channels[0]), null);
  assert.equal(valueText({ low: -9, high: 9.126, perColumn: 1200, unit: "µV" }), "-9 to 9.13 µV in 1\u2009200 samples");
  assert.equal(valueText({ low: NaN, high: NaN, perColumn: 1, unit: "µV" }), "no number");
});

test("a row is as high as the noise suggests, for all channels or each its own", () => {
  const model = modelOf();
  model.noise = model.noiseOf({ spread: Float64Array.of(10, 10, 0, 40) });
  assert.deepEqual(channels.map((each) => model.rowUnits(each)), [180, 180, 180, 180]);
  model.store.set({ scale: "own", gain: 2 });
  assert.deepEqual(channels.map((each) => model.rowUnits(each)), [90, 90, 90, 360]);
});

test("the selection of the page and the viewer follow each other, in their own terms", () => {
  const model = modelOf();
  const viewer = { model, store: model.store, sorting: { unit_ids: ["u1", 12, "u3"] } };
  const selection = new Selection();
  const end = link(viewer, selection);
  model.store.set({ units: [1], cursor: 50, channels: [2, 3], start: 20, gain: 2 });
  const { units, electrodes, cursorS, cursor, time, gain } = selection.now;
  assert.deepEqual({ units, electrodes, cursorS, cursor, time, gain }, { units: ["12"], electrodes: ["c", "7"], cursorS: 0.05, cursor: { segment: 0, sample: 50 }, time: { segment: 0, start_sample: 20, sample_count: 100 }, gain: 2 });
  selection.set({ units: ["u3", "gone"], electrodes: ["a"] });
  assert.deepEqual([model.store.now.units, model.store.now.channels], [[2], [0]]);
  selection.set({ electrodes: [], cursorS: 3 });
  assert.deepEqual([model.store.now.channels, model.store.now.cursor, model.store.now.start], [null, 3000, 2950]);
  selection.set({ time: { segment: 0, start_sample: 400, sample_count: 50 } });
  assert.deepEqual([model.store.now.start, model.store.now.count], [400, 50]);
  selection.set({ cursor: { segment: 1, sample: 200 } });
  assert.deepEqual([model.store.now.segment, model.store.now.cursor, model.store.now.start], [1, 200, 175]);
  end();
  selection.set({ units: [] });
  assert.deepEqual(model.store.now.units, [2]);
});

test("a viewer that comes later takes over what is chosen", () => {
  const model = modelOf();
  link({ model, store: model.store, sorting: null }, new Selection({ electrodes: ["b"], cursorS: 1 }));
  assert.deepEqual([model.store.now.channels, model.store.now.cursor], [[1], 1000]);
});

test("steps of a chain are put in, moved, changed and taken out, and the chain before stays as it was", () => {
  const kind = { name: "bandpass", title: "band-pass", fields: [{ name: "low", kind: "float", default: 300 }] };
  const chain = Object.freeze([newStep(kind), { step: "car", params: {} }]);
  assert.deepEqual(chain[0], { step: "bandpass", params: { low: 300 }, on: true });
  assert.deepEqual(moved(chain, 0, 1).map((step) => step.step), ["car", "bandpass"]);
  assert.equal(moved(chain, 0, -1), chain);
  assert.equal(changed(chain, 1, { on: false })[1].on, false);
  assert.deepEqual(without(chain, 0).map((step) => step.step), ["car"]);
  assert.equal(chainWords(changed(chain, 1, { on: false }), [kind]), "band-pass");
  assert.equal(chainWords([], []), "none");
});

test("a typed parameter is a value, or a sentence", () => {
  const float = { name: "f", kind: "float", default: 3, minimum: 1, maximum: 10, unit: "Hz" };
  assert.deepEqual(parsed(float, "2,5"), { value: 2.5 });
  assert.deepEqual(parsed(float, ""), { value: 3 });
  assert.equal(parsed(float, "99").error, "Must be from 1 to 10 Hz; 99 is not.");
  assert.match(parsed(float, "high").error, /“high” is not/);
  assert.match(parsed({ ...float, kind: "int" }, "2.5").error, /whole number/);
  assert.match(parsed({ name: "n", kind: "int", default: null, minimum: 4 }, "3").error, /at least 4/);
  assert.match(parsed({ name: "n", kind: "int", default: null }, "").error, /needed/);
  assert.deepEqual(parsed({ name: "n", kind: "int", default: 1, optional: true }, ""), { value: null });
  assert.deepEqual(parsed({ name: "j", kind: "json", default: null }, "[1, 2]"), { value: [1, 2] });
  assert.match(parsed({ name: "j", kind: "json", default: null }, "[1,").error, /JSON/);
  assert.deepEqual(parsed({ name: "b", kind: "bool", default: null, optional: true }, "false"), { value: false });
  assert.deepEqual([textOf({ kind: "json" }, { a: 1 }), textOf(float, 2), textOf(float, null)], ['{"a":1}', "2", ""]);
});

test("notes stand in order of time", () => {
  const note = (id, segment, start_sample) => ({ id, segment, start_sample, end_sample: null, text: "" });
  assert.deepEqual(inOrder([note(1, 1, 0), note(2, 0, 9), note(3, 0, 2)]).map((each) => each.id), [3, 2, 1]);
});

test("numbers of every sample, or of smallest and largest values, with their channels as on screen", () => {
  const model = modelOf({ channels: [0, 3], start: 2, count: 3 });
  const lines = keptOf({ low: [[0, 1, 2, 3, 4, 5], [9, 8, 7, 6, NaN, 4]], scale: 0.5 });
  assert.equal(csvOf(model, [lines]), "sample,time (s),7 (µV),a (µV)\n2,0.002000,3.5,1\n3,0.003000,3,1.5\n4,0.004000,,2\n");
  const envelope = keptOf({ perColumn: 4, low: [[-1, -2], [0, 1]], high: [[1, 2], [3, -1]] });
  assert.equal(csvOf(model, [envelope]), "sample,samples,time (s),7 minimum (µV),7 maximum (µV),a minimum (µV),a maximum (µV)\n0,4,0.000000,0,3,-1,1\n4,4,0.004000,,,-2,2\n");
  assert.equal(quoted('a,"b"'), '"a,""b"""');
});

test("the same window as Python", () => {
  const chain = [{ step: "bandpass_filter", params: { freq_min: 300, margin: null, direct: true, list: ["a", 1] } }, { step: "whiten", params: {}, on: false }];
  const code = pythonOf(modelOf({ channels: [0, 3], start: 20, count: 30 }), chain);
  assert.match(code, /from spikeinterface\.preprocessing import bandpass_filter\n/);
  assert.match(code, /recording = lab\.recordings\.load\(5\)/);
  assert.match(code, /bandpass_filter\(recording, freq_min=300, margin=None, direct=True, list=\["a", 1\]\)/);
  assert.match(code, /segment_index=0, start_frame=20, end_frame=50,/);
  assert.match(code, /channel_ids=\[7, "a"\]/);
  assert.match(code, /return_in_uV=True/);
  assert.ok(!pythonOf(modelOf(), []).includes("channel_ids"));
  assert.equal(python({ a: [false, "x\"y"] }), '{"a": [False, "x\\"y"]}');
});

test("units have the colours that the program's figures give them", () => {
  assert.deepEqual([0, 7, 8, 9, 20, 100].map(unitColour), ["#0072b2", "#7d848d", "#cd6a6c", "#3aa36e", "#1099c9", "#bb7d24"]);
});

const drawing = () => ({
  box: { width: 400, height: 200, left: 50, top: 18, bottom: 178, panes: [{ from: 50, to: 400, title: "raw & <processed>" }] },
  colours: { text: "#111111", faint: "#222222", axis: "#333333", panel: "#444444", accent: "#555555", hatch: "#666666", note: "#777777", bad: "#888888" },
  font: "sans-serif", timeline: new Timeline({ sample_count: 1000, gaps: [{ sample: 500, missing_s: 0.2 }] }, 1000), start: 400, count: 400,
  rows: [{ label: "a", colour: "#999999", isBad: true }], unitsPerPixel: 2, unit: "µV", heat: null, cursor: 450, interval: { from: 410, to: 430 },
  notes: [{ from: 420, to: null, text: "drug <on>" }, { from: 700, to: 720, text: "" }], spikes: [{ tick: 460, colour: "#0072b2", isChosen: true }], hasSpikeLines: true,
  templates: [{ points: [[60, 60], [70, 80]], colour: "#d55e00" }], holes: [{ from: 100, to: 200, text: "not built" }],
});

test("the overlay draws into SVG what it draws on a canvas, its text escaped and every group closed", () => {
  const pen = new SvgPen((text) => text.length * 6);
  drawOverlay(pen, drawing());
  const svg = pen.parts.join("");
  for (const text of ["raw &amp; &lt;processed&gt;", "drug &lt;on&gt;", "✕ a", "gap of 200 ms", "not built", "100 µV", "#d55e00"]) assert.ok(svg.includes(text), text);
  assert.equal(svg.split("<g ").length, svg.split("</g>").length);
  assert.ok(!svg.includes("NaN") && !svg.includes("undefined"));
  assert.equal(escaped("<a b='\"&'>"), "&lt;a b='&quot;&amp;'&gt;");
});

test("axis times are round and inside the window, counted by the recording's clock", () => {
  const { times, places, step } = axisTicks({ timeline: new Timeline({ sample_count: 1e6, start_s: 100 }, 1000), start: 50, count: 1000 }, { from: 0, to: 500 });
  assert.deepEqual([times[0], times.at(-1), step], [100.2, 101, 0.2]);
  assert.equal(Math.round(places[0]), 200);
});

test("amounts and spans are short", () => {
  assert.deepEqual([0.0123456, 12.3456, 1234.5, 0].map(amount), ["0.0123", "12.3", "1235", "0"]);
  assert.deepEqual([2e-4, 0.02, 5, 300, 7200].map(durationText), ["200 µs", "20 ms", "5 s", "5 min", "2 h"]);
});

test("traces as vectors go through every smallest and largest value, and stop at holes", () => {
  const scene = { timeline: new Timeline({ sample_count: 6 }, 1000), start: 0, count: 6, rows: [{ at: 0, index: 0, colour: 1, unitsPerPixel: 1 }], rowCount: 1, panes: [{ from: 0, to: 60, layers: [{ kept: [keptOf({ perColumn: 2, low: [[-1, NaN, -3]], high: [[1, NaN, 3]] })], colour: null }] }] };
  assert.deepEqual(tracePaths(scene, 20), [{ d: "M10 11L10 9M50 13L50 7", colour: 1 }]);
});
