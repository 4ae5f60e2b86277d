// From what is known to what is drawn: the scene of pixels and the drawing over it, for one size of the plot.
import { axisTicks, placeOf } from "./overlay.js";
import { ink } from "./pixels.js";
import { unitColour } from "./unit_colour.js";

const AXIS_PX = 22;
const LANE_PX = 18;
const LABEL_PX = 6.6;
const LABEL_LIMITS = [36, 104];
const MOST_MARKED = 600;
const MOST_TEMPLATES = 250;
const LEAST_TEMPLATE_PX = 4;
const MOST_LINES = 250;
const MARKED_CHANNELS = 4;

/** Where traces, labels and axis are. @param {number} width @param {number} height @param {import("./rows.js").Channel[]} channels @returns {import("./overlay.js").Box} */
export function boxOf(width, height, channels) {
  const longest = channels.reduce((most, { id, bad }) => Math.max(most, String(id).length + (bad ? 2 : 0)), 1);
  const left = Math.round(Math.max(LABEL_LIMITS[0], Math.min(LABEL_LIMITS[1], longest * LABEL_PX + 14)));
  return { width, height, left, top: LANE_PX, bottom: Math.max(LANE_PX + 1, height - AXIS_PX), panes: [] };
}

/**
 * @param {object} parts
 * @param {import("./model.js").Model} parts.model
 * @param {import("./inks.js").Inks} parts.inks
 * @param {import("./overlay.js").Box} parts.box
 * @param {{width: number, height: number, ratio: number}} parts.raster its size, and pixels per CSS pixel
 * @param {import("./spikes.js").SpikeSource | null} parts.spikes
 * @param {import("./templates.js").TemplateStore | null} parts.templates
 * @param {{segment: number, start_sample: number, end_sample: number | null, text: string}[]} parts.notes
 * @param {string} parts.font
 * @returns {{scene: import("./paint.js").Scene, drawing: import("./overlay.js").Drawing}}
 */
export function build(parts) {
  const { model, box, raster } = parts;
  const { start, count, mode, cursor, interval } = model.store.now;
  const layers = model.layers();
  const isSide = model.store.now.signal === "side";
  box.panes = panesOf(box, layers, isSide);
  const rows = rowsOf(parts);
  const shown = spikesOf(parts, rows);
  const common = { timeline: model.timeline, start, count };
  const pixel = (css) => Math.round(css * raster.ratio) - Math.round(box.left * raster.ratio);
  const scene = {
    ...common,
    rows,
    rowCount: rows.length,
    panes: box.panes.map((pane, index) => ({
      from: pixel(pane.from),
      to: Math.min(raster.width, pixel(pane.to)),
      layers: (isSide ? [layers[index]] : layers).map((layer, at, all) => ({ kept: model.kept(layer.key), colour: at < all.length - 1 ? parts.inks.behind : null })),
    })),
    highlights: shown.highlights,
    mode,
    heat: parts.inks.heat,
    half: Math.max(0.5, raster.ratio * 0.5),
    behind: parts.inks.behind,
    grid: mode === "lines" ? { ticks: axisTicks(common, box.panes[0]).places, colour: parts.inks.grid } : null,
  };
  const drawing = {
    ...common,
    box,
    colours: parts.inks.lines,
    font: parts.font,
    rows: model.rows.map((channel) => ({ label: String(channel.id), colour: groupColour(parts, channel), isBad: Boolean(channel.bad) })),
    ...scaleOf(parts),
    heat: mode === "heat" ? parts.inks.heatScale : null,
    cursor,
    interval,
    notes: notesOf(parts),
    spikes: shown.ticks,
    hasSpikeLines: shown.hasLines,
    templates: shown.templates,
    holes: [],
  };
  return { scene, drawing };
}

function panesOf(box, layers, isSide) {
  if (!isSide) return [{ from: box.left, to: box.width, title: layers.length > 1 ? "raw behind processed" : "" }];
  const middle = Math.round((box.left + box.width) / 2);
  return [
    { from: box.left, to: middle, title: "raw" },
    { from: middle, to: box.width, title: "processed" },
  ];
}

const groupColour = ({ model, inks }, channel) => inks.groups[Math.max(0, model.groupNumber(channel)) % inks.groups.length];

/** @returns {import("./paint.js").Row[]} */
function rowsOf({ model, inks, raster }) {
  const channels = model.rows;
  const order = new Map(model.channelPositions().map((position, index) => [position, index]));
  const rowHeight = raster.height / Math.max(1, channels.length);
  return channels.map((channel, at) => ({
    at,
    index: order.get(channel.position),
    colour: inks.groupInks[Math.max(0, model.groupNumber(channel)) % inks.groupInks.length],
    unitsPerPixel: model.rowUnits(channel) / rowHeight,
  }));
}

/** The scale bar's unit: of the recording, or σ when each channel has its own. */
function scaleOf({ model, box }) {
  const rowHeight = (box.bottom - box.top) / Math.max(1, model.rows.length);
  const { scale } = model.store.now;
  const [first] = model.rows;
  if (!first || !model.noise) return { unitsPerPixel: 0, unit: "" };
  if (scale === "common") return { unitsPerPixel: model.rowUnits(first) / rowHeight, unit: model.tracing.unit };
  const own = model.noise.own.get(first.position) ?? model.noise.common;
  return { unitsPerPixel: model.rowUnits(first) / own / rowHeight, unit: "σ" };
}

function notesOf({ model, notes }) {
  const { timeline } = model;
  return notes
    .filter((note) => note.segment === model.store.now.segment)
    .map((note) => ({ from: timeline.toTick(note.start_sample), to: note.end_sample === null ? null : timeline.toTick(note.end_sample), text: note.text }));
}

/** Ticks, coloured samples and templates of the spikes on screen. */
function spikesOf(parts, rows) {
  const { model, box, spikes, templates } = parts;
  const none = { ticks: [], highlights: [], templates: [], hasLines: false };
  if (!spikes || !templates) return none;
  const { units, count, templates: wantsTemplates, mode } = model.store.now;
  const chosen = new Set(units);
  const visible = spikes.visible();
  const ticks = visible.map(({ sample, unit }) => ({ tick: model.timeline.toTick(sample), colour: unitColour(unit), isChosen: chosen.has(unit) }));
  const pixelsPerSample = (box.panes[0].to - box.panes[0].from) / count;
  const isNear = pixelsPerSample * 40 > LEAST_TEMPLATE_PX && visible.length <= MOST_MARKED;
  if (!isNear || mode !== "lines") return { ...none, ticks };
  templates.need([...chosen, ...visible.map((each) => each.unit)]);
  const rowOf = new Map(model.rows.map((channel, at) => [channel.position, rows[at]]));
  const marked = chosen.size ? visible.filter((each) => chosen.has(each.unit)) : visible;
  return {
    ticks,
    // a template in its unit's colour would not be seen on samples in that colour
    highlights: wantsTemplates ? [] : marked.flatMap((spike) => highlight(spike, templates.get(spike.unit), rowOf)),
    templates: wantsTemplates ? marked.slice(0, MOST_TEMPLATES).flatMap((spike) => courses(parts, spike, templates.get(spike.unit), rowOf)) : [],
    hasLines: !templates.exist && visible.length <= MOST_LINES,
  };
}

function highlight({ sample, unit }, template, rowOf) {
  if (!template) return [];
  const on = template.channels.slice(0, MARKED_CHANNELS).flatMap((position) => rowOf.get(position) ?? []);
  return on.length ? [{ from: sample - template.before, to: sample - template.before + template.length, rows: on, colour: ink(unitColour(unit)) }] : [];
}

/** A template's courses where they belong, as polylines. */
function courses({ model, box, raster }, { sample, unit }, template, rowOf) {
  if (!template) return [];
  const pane = box.panes[box.panes.length - 1];
  const xOf = placeOf(model.store.now, pane);
  const height = (box.bottom - box.top) / rowOf.size;
  return template.channels.flatMap((position, at) => {
    const row = rowOf.get(position);
    if (!row) return [];
    const middle = box.top + (row.at + 0.5) * height;
    const points = Array.from(template.values[at], (value, offset) => {
      const tick = model.timeline.toTick(sample - template.before + offset) + 0.5;
      return [xOf(tick), middle - value / row.unitsPerPixel / raster.ratio];
    }).filter(([x]) => x >= pane.from && x <= pane.to);
    return points.length > 1 ? [{ points, colour: unitColour(unit) }] : [];
  });
}
