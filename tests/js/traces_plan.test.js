import assert from "node:assert/strict";
import { test } from "node:test";
import { cover, isWorthIt, uncovered, wanted } from "../../static/js/traces/plan.js";
import { Requests } from "../../static/js/traces/requests.js";
import { random } from "./traces_samples.js";

const TOTAL = 10_000_000;
const kept = (from, to, asked, kind = "envelope") => ({ id: `${from}-${to}/${asked}`, key: "k", from, to, asked, frame: { kind, perColumn: kind === "lines" ? 1 : asked } });
const view = (from, to, more = {}) => ({ key: "k", from, to, total: TOTAL, width: 1000, channels: 384, ...more });
const stages = (wants) => wants.map((each) => [each.stage, each.first, each.first + each.count, each.columns]);

test("what is not covered", () => {
  assert.deepEqual(uncovered(0, 10, [{ from: 2, to: 4 }, { from: 3, to: 6 }, { from: 9, to: 20 }]), [{ from: 0, to: 2 }, { from: 6, to: 9 }]);
  assert.deepEqual(uncovered(0, 10, [{ from: -5, to: 15 }]), []);
  assert.deepEqual(uncovered(5, 5, []), []);
});

test("a large window that nothing is known of is asked for coarsely, then in full, then what is beside it", () => {
  assert.deepEqual(stages(wanted(view(1_000_000, 1_100_000), [])), [
    ["coarse", 1_000_000, 1_100_000, 250], ["full", 1_000_000, 1_100_000, 1000], ["ahead", 1_100_000, 1_200_000, 1000], ["ahead", 900_000, 1_000_000, 1000],
  ]);
});

test("a small window is asked for in full at once, and a chain is never computed twice", () => {
  assert.equal(wanted(view(0, 900, { channels: 4 }), [])[0].stage, "full");
  assert.equal(wanted(view(0, 100_000, { noCoarse: true }), [])[0].stage, "full");
});

test("near windows ask for every sample", () => {
  const [want] = wanted(view(5000, 5600), []);
  assert.deepEqual([want.first, want.count, want.columns], [5000, 600, 600]);
});

test("a pan by a fifth with the neighbour there asks for nothing on screen", () => {
  const there = [kept(0, 100_000, 100), kept(100_000, 200_000, 100), kept(200_000, 300_000, 100)];
  assert.deepEqual(wanted(view(120_000, 220_000), there), []);
  assert.deepEqual(stages(wanted(view(180_000, 280_000), there)), [["ahead", 300_000, 400_000, 1000]]);
});

test("what is missing at an edge is asked for with half a span, not as a sliver", () => {
  const [want] = wanted(view(120_000, 220_000, { noCoarse: true }), [kept(100_000, 210_000, 100)]);
  assert.deepEqual([want.first, want.first + want.count], [210_000, 260_000]);
});

test("the direction of the last move is asked for first, and nothing beyond the ends", () => {
  assert.deepEqual(stages(wanted(view(100_000, 200_000, { direction: -1 }), [kept(100_000, 200_000, 100)])).map(([, from]) => from), [0, 200_000]);
  assert.deepEqual(wanted(view(0, TOTAL), [kept(0, TOTAL, TOTAL / 1000)]), []);
});

test("samples are fine enough for any zoom, extremes only until one zooms in", () => {
  assert.deepEqual(wanted(view(0, 1000, { total: 1000 }), [kept(0, 1000, 1, "lines")]), []);
  assert.equal(wanted(view(0, 50_000), [kept(0, 100_000, 100)])[0].stage, "full");
});

test("pieces cover a window once, the finest that suit first", () => {
  const draw = random(3);
  for (let round = 0; round < 200; round += 1) {
    const all = Array.from({ length: 8 }, () => {
      const from = Math.floor(draw() * 900);
      return kept(from, from + 1 + Math.floor(draw() * 400), 1 + Math.floor(draw() * 50));
    });
    const pieces = cover(all, 100, 800, 10);
    pieces.forEach((piece, index) => {
      assert.ok(piece.from >= piece.kept.from && piece.to <= piece.kept.to && piece.to > piece.from);
      if (index) assert.ok(piece.from >= pieces[index - 1].to);
    });
    const covered = pieces.reduce((sum, piece) => sum + piece.to - piece.from, 0);
    const missing = uncovered(100, 800, all).reduce((sum, gap) => sum + gap.to - gap.from, 0);
    assert.equal(covered + missing, 700);
  }
});

test("of two frames the one that suits the zoom is drawn", () => {
  const [coarse, fine, finest] = [kept(0, 100, 40), kept(0, 100, 10), kept(0, 100, 1)];
  assert.equal(cover([coarse, finest, fine], 0, 100, 10)[0].kept, fine);
  assert.equal(cover([coarse, kept(0, 100, 90)], 0, 100, 10)[0].kept, coarse);
});

test("an answer under way is waited for when it is wanted or shows most of what is missing", () => {
  const under = wanted(view(0, 100_000, { noCoarse: true }), [])[0];
  const moved = wanted(view(20_000, 120_000, { noCoarse: true }), []);
  const far = wanted(view(500_000, 600_000, { noCoarse: true }), []);
  assert.ok(isWorthIt(under, moved));
  assert.ok(!isWorthIt(under, far));
  assert.ok(!isWorthIt({ ...under, key: "other" }, moved));
});

test("what is beside the window does not hold up the window", () => {
  const [beside] = wanted(view(0, 100_000), [kept(0, 100_000, 100)]);
  assert.equal(beside.stage, "ahead");
  assert.ok(isWorthIt(beside, [beside]));
  assert.ok(!isWorthIt(beside, [...wanted(view(700_000, 800_000), []), beside]));
});

/** A program that answers when told to. */
function slowProgram() {
  const asked = [];
  const get = (want, signal) =>
    new Promise((resolve, reject) => {
      asked.push({ want, resolve, reject, signal });
      signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  return { asked, get };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

function requestsFor(program, wants, more = {}) {
  const arrived = [];
  const failed = [];
  const requests = new Requests({ wants, get: program.get, arrived: (want) => arrived.push(want.id), failed: (want, error) => failed.push(error.message), isWorthIt: (under, now) => now.some((each) => each.id === under.id), ...more });
  return { requests, arrived, failed };
}

test("fifty rapid moves ask for the first and the last, and the last arrives", async () => {
  const program = slowProgram();
  let now = 0;
  const { requests, arrived } = requestsFor(program, () => (arrived.includes(`${now}`) ? [] : [{ id: `${now}` }]));
  for (now = 0; now < 50; now += 1) requests.poke();
  now = 49;
  await settled();
  assert.equal(program.asked.filter((each) => !each.signal.aborted).length, 1);
  program.asked.at(-1).resolve({});
  await settled();
  assert.deepEqual(arrived, ["49"]);
  assert.equal(requests.under, null);
});

test("one at a time, the most urgent first", async () => {
  const program = slowProgram();
  const list = ["a", "b", "c"].map((id) => ({ id }));
  const { requests, arrived } = requestsFor(program, () => list.filter((each) => !arrived.includes(each.id)));
  requests.poke();
  for (const id of ["a", "b", "c"]) {
    assert.deepEqual(program.asked.map((each) => each.want.id).at(-1), id);
    program.asked.at(-1).resolve({});
    await settled();
  }
  assert.deepEqual(arrived, ["a", "b", "c"]);
});

test("what was refused is said once, and asked again only when told to", async () => {
  const program = slowProgram();
  const { requests, failed } = requestsFor(program, () => [{ id: "a" }]);
  requests.poke();
  program.asked[0].reject(Object.assign(new Error("The file is gone."), { status: 503 }));
  await settled();
  requests.poke();
  assert.deepEqual([failed, program.asked.length], [["The file is gone."], 1]);
  requests.forgive();
  assert.equal(program.asked.length, 2);
  requests.destroy();
});

test("a superseded request is asked again, without a word", async () => {
  const program = slowProgram();
  const second = new Promise((resolve) => {
    const { get } = program;
    program.get = (...given) => (program.asked.length === 1 && resolve(), get(...given));
  });
  const { requests, failed } = requestsFor(program, () => [{ id: "a" }]);
  requests.poke();
  program.asked[0].reject(Object.assign(new Error("superseded"), { status: 409 }));
  await second;
  assert.deepEqual([failed, program.asked.length], [[], 2]);
  requests.destroy();
});

test("a program that does not answer is said in a sentence", async () => {
  const program = slowProgram();
  const { requests, failed } = requestsFor(program, () => [{ id: "a" }]);
  requests.poke();
  program.asked[0].reject(new TypeError("Failed to fetch"));
  await settled();
  assert.deepEqual(failed, ["The program does not answer."]);
  requests.destroy();
});

test("nothing arrives after the end, and a cancelled request is given up", async () => {
  const program = slowProgram();
  const { requests, arrived } = requestsFor(program, () => [{ id: "a" }]);
  requests.poke();
  requests.cancel();
  assert.deepEqual([requests.under, program.asked[0].signal.aborted], [null, true]);
  requests.forgive();
  requests.destroy();
  program.asked.at(-1).resolve({});
  await settled();
  assert.deepEqual(arrived, []);
});
