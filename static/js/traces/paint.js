// A whole picture of traces from the kept frames: which piece goes where, with which scale and ink.
import { drawBand, drawEnvelope, drawSegments, edges, freshEnds, spread } from "./pixels.js";
import { cover } from "./plan.js";

const FEW_SAMPLES = 1;

/**
 * @typedef {import("./plan.js").Kept & {summary: import("./summary.js").Summary}} Kept
 * @typedef {object} Row
 * @property {number} at its place from the top
 * @property {number} index of its channel in the frames
 * @property {number} colour
 * @property {number} unitsPerPixel
 *
 * @typedef {object} Layer
 * @property {Kept[]} kept
 * @property {number | null} colour for all rows, or each row's own
 *
 * @typedef {object} Pane
 * @property {number} from first column of pixels
 * @property {number} to
 * @property {Layer[]} layers the last on top
 *
 * @typedef {{from: number, to: number, rows: Row[], colour: number}} Highlight some samples of some rows in another colour
 *
 * @typedef {object} Scene
 * @property {import("./timeline.js").Timeline} timeline
 * @property {number} start
 * @property {number} count
 * @property {Row[]} rows
 * @property {number} rowCount
 * @property {Pane[]} panes
 * @property {Highlight[]} highlights
 * @property {{ticks: number[], colour: number} | null} grid
 * @property {"lines" | "heat"} mode
 * @property {Uint32Array} heat
 * @property {number} half of the width of a line in pixels
 * @property {number} behind colour of what is not certain
 *
 * @typedef {{from: number, to: number}} Range of pixel columns
 */

/**
 * Draw all of it into the raster.
 * @param {import("./pixels.js").Raster} raster
 * @param {Scene} scene
 * @returns {{unbuilt: Range[], blank: Range[]}} where the pyramid is not built, where nothing is there yet
 */
export function paint(raster, scene) {
  raster.words.fill(0);
  const [unbuilt, blank] = [[], []];
  for (const pane of scene.panes) {
    const perPixel = scene.count / (pane.to - pane.from);
    for (const stretch of scene.timeline.within(scene.start, scene.count)) {
      const axis = { x: pane.from + (stretch.tick - scene.start) / perPixel, sample: stretch.sample, perPixel };
      for (const layer of pane.layers) {
        const holes = paintStretch(raster, scene, pane, layer, stretch, axis);
        unbuilt.push(...holes.unbuilt);
        blank.push(...holes.blank);
      }
      if (scene.mode === "lines") paintHighlights(raster, scene, pane, stretch, axis);
    }
    if (scene.grid) paintGrid(raster, pane, scene.grid, (tick) => pane.from + (tick - scene.start) / perPixel);
  }
  return { unbuilt, blank };
}

/** The samples around spikes, over the topmost layer. */
function paintHighlights(raster, scene, pane, stretch, axis) {
  const layer = pane.layers[pane.layers.length - 1];
  const end = stretch.sample + stretch.count;
  for (const { from, to, rows, colour } of scene.highlights) {
    if (to <= stretch.sample || from >= end) continue;
    const part = columnsOf(axis, Math.max(from, stretch.sample), Math.min(to, end), pane);
    if (part.to > part.from) paintStretch(raster, { ...scene, rows }, part, { ...layer, colour }, stretch, axis);
  }
}

/** Upright lines behind everything. */
function paintGrid({ words, width, height }, pane, { ticks, colour }, xOf) {
  for (const tick of ticks) {
    const x = Math.floor(xOf(tick));
    if (x < pane.from || x >= pane.to) continue;
    for (let at = x; at < width * height; at += width) if (!words[at]) words[at] = colour | 0xff000000;
  }
}

/** Pixel columns whose middle lies in these samples. */
function columnsOf(axis, from, to, pane) {
  const edge = (sample) => Math.ceil(axis.x + (sample - axis.sample) / axis.perPixel - 0.5);
  return { from: Math.max(pane.from, edge(from)), to: Math.min(pane.to, edge(to)) };
}

function paintStretch(raster, scene, pane, layer, stretch, axis) {
  const end = stretch.sample + stretch.count;
  const pieces = cover(layer.kept, stretch.sample, end, axis.perPixel);
  const holes = { unbuilt: [], blank: gapsBetween(pieces, stretch.sample, end).map((gap) => columnsOf(axis, gap.from, gap.to, pane)) };
  if (!pieces.length) return holes;
  const middles = middlesOf(pieces, scene.rows);
  const isNear = axis.perPixel < FEW_SAMPLES && pieces.every((each) => each.kept.frame.kind === "lines");
  if (isNear && scene.mode === "lines") {
    for (const group of adjoining(wider(layer.kept, stretch, scene, axis.perPixel))) paintSegments(raster, scene, pane, layer, group, axis, middles);
    return holes;
  }
  const ends = freshEnds(scene.rowCount);
  for (const piece of pieces) {
    for (const part of builtParts(piece)) {
      const columns = columnsOf(axis, part.from, part.to, pane);
      // what is not built holds a few samples of each column: drawn as what stands behind
      const seen = part.isBuilt ? layer : { ...layer, colour: scene.behind };
      paintPiece(raster, scene, seen, piece.kept, columns, axis, middles, ends);
      if (!part.isBuilt) holes.unbuilt.push(columns);
    }
  }
  return holes;
}

/** What of [from, to) no piece shows. */
function gapsBetween(pieces, from, to) {
  const gaps = [];
  let at = from;
  for (const piece of pieces) {
    if (piece.from > at) gaps.push({ from: at, to: piece.from });
    at = Math.max(at, piece.to);
  }
  if (at < to) gaps.push({ from: at, to });
  return gaps;
}

/** The same pieces with a sample more at both ends where there is one, so that lines leave the picture. */
function wider(kept, stretch, scene, perPixel) {
  const whole = scene.timeline.stretches.find((each) => stretch.sample >= each.sample && stretch.sample < each.sample + each.count) ?? stretch;
  const from = Math.max(whole.sample, stretch.sample - 2);
  const to = Math.min(whole.sample + whole.count, stretch.sample + stretch.count + 2);
  return cover(kept, from, to, perPixel).filter((piece) => piece.kept.frame.kind === "lines");
}

/** Pieces in groups without a hole between them. */
function adjoining(pieces) {
  const groups = [];
  for (const piece of pieces) {
    const last = groups.at(-1);
    if (last && last[last.length - 1].to === piece.from) last.push(piece);
    else groups.push([piece]);
  }
  return groups;
}

/** The parts of a piece that the pyramid has, and those it does not have yet. */
function builtParts({ kept, from, to }) {
  const { built, first, perColumn } = kept.frame;
  if (!built) return [{ from, to, isBuilt: true }];
  const parts = [];
  let at = from;
  for (const [low, high] of built) {
    const [left, right] = [Math.max(from, first + low * perColumn), Math.min(to, first + high * perColumn)];
    if (right <= left) continue;
    if (left > at) parts.push({ from: at, to: left, isBuilt: false });
    parts.push({ from: left, to: right, isBuilt: true });
    at = right;
  }
  if (at < to) parts.push({ from: at, to, isBuilt: false });
  return parts;
}

/** The raw value that stands in the middle of each row: that of its pieces, each by its length. */
export function middlesOf(pieces, rows) {
  const total = pieces.reduce((sum, piece) => sum + piece.to - piece.from, 0);
  const middles = [];
  for (const { at, index } of rows) middles[at] = pieces.reduce((sum, { kept, from, to }) => sum + kept.summary.middle[index] * ((to - from) / total), 0);
  return middles;
}

function paintPiece(raster, scene, layer, kept, columns, axis, middles, ends) {
  if (columns.to <= columns.from) return;
  const { frame } = kept;
  const map = spread(columns, axis, frame);
  const height = raster.height / scene.rowCount;
  scene.rows.forEach((row) => {
    const { at } = row;
    const data = { low: frame.low, high: frame.high, base: row.index * frame.columns };
    if (scene.mode === "heat") {
      const full = (row.unitsPerPixel * height) / 2 / Math.abs(frame.scale[row.index] || 1);
      const band = { top: Math.floor(at * height), bottom: Math.max(Math.floor(at * height) + 1, Math.floor((at + 1) * height)) };
      drawBand(raster, columns, map, data, { middle: middles[at], full }, scene.heat, band);
    } else {
      const slope = frame.scale[row.index] / row.unitsPerPixel;
      const zero = (at + 0.5) * height + slope * middles[at];
      drawEnvelope(raster, columns, map, data, { zero, slope }, { half: scene.half, colour: layer.colour ?? row.colour }, ends, at);
    }
  });
}

function paintSegments(raster, scene, pane, layer, pieces, axis, middles) {
  const first = pieces[0].from;
  const count = pieces[pieces.length - 1].to - first;
  const columns = columnsOf(axis, first, first + count, pane);
  const map = edges(columns, axis, first, count);
  const values = new Float32Array(count);
  const height = raster.height / scene.rowCount;
  scene.rows.forEach((row) => {
    const { at } = row;
    for (const { kept, from, to } of pieces) {
      const base = row.index * kept.frame.columns + from - kept.frame.first;
      for (let offset = 0; offset < to - from; offset += 1) values[from - first + offset] = kept.frame.low[base + offset];
    }
    const slope = pieces[0].kept.frame.scale[row.index] / row.unitsPerPixel;
    const zero = (at + 0.5) * height + slope * middles[at];
    drawSegments(raster, columns, map, values, { zero, slope }, { half: scene.half, colour: layer.colour ?? row.colour });
  });
}
