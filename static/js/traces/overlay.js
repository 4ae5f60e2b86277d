// What stands over and around the traces: labels, axis, scale bars, cursor, notes, gaps, spikes. Drawn with whatever has
// the methods of a canvas context, so that the picture on screen and the saved one are the same.
import { roundBelow, ticks } from "../scale.js";
import { labelStep } from "./rows.js";
import { axisText } from "./times.js";

const TEXT_PX = 11;
const TICK_GAP_PX = 96;
const BAR_PX = 64;
const MARGIN_PX = 12;
const HATCH_PX = 7;
const FLAG_PX = 6;
const LEAST_GAP_PX = 2;
const SEEN_THROUGH = 0.35;

/**
 * @typedef {object} Box in CSS pixels
 * @property {number} width
 * @property {number} height
 * @property {number} left where the traces begin, right of the labels
 * @property {number} top below the lane of spikes and notes
 * @property {number} bottom above the time axis
 * @property {{from: number, to: number, title: string}[]} panes
 *
 * @typedef {Record<"text" | "faint" | "axis" | "panel" | "accent" | "hatch" | "note" | "bad", string>} Colours
 *
 * @typedef {object} Drawing
 * @property {Box} box
 * @property {Colours} colours
 * @property {string} font
 * @property {import("./timeline.js").Timeline} timeline
 * @property {number} start
 * @property {number} count
 * @property {{label: string, colour: string, isBad: boolean}[]} rows
 * @property {number} unitsPerPixel of CSS; 0 while the scale is not known
 * @property {string} unit
 * @property {string[] | null} heat colours of the scale, lowest first
 * @property {number | null} cursor
 * @property {{from: number, to: number} | null} interval
 * @property {{from: number, to: number | null, text: string}[]} notes in ticks
 * @property {{tick: number, colour: string, isChosen: boolean}[]} spikes
 * @property {boolean} hasSpikeLines whether spikes are lines through all rows
 * @property {{points: number[][], colour: string}[]} templates polylines in CSS pixels
 * @property {{from: number, to: number, text: string}[]} holes in CSS pixels
 */

/** @param {CanvasRenderingContext2D} pen @param {Drawing} drawing */
export function drawOverlay(pen, drawing) {
  pen.font = `${TEXT_PX}px ${drawing.font}`;
  pen.lineWidth = 1;
  drawHoles(pen, drawing);
  for (const pane of drawing.box.panes) {
    drawGaps(pen, drawing, pane);
    drawNotes(pen, drawing, pane);
    drawSpikes(pen, drawing, pane);
    drawMoment(pen, drawing, pane);
    drawAxis(pen, drawing, pane);
    if (pane.title) drawTitle(pen, drawing, pane);
  }
  drawTemplates(pen, drawing);
  drawLabels(pen, drawing);
  if (drawing.unitsPerPixel) drawScale(pen, drawing);
}

/** @param {Drawing} drawing @param {{from: number, to: number}} pane */
export function placeOf({ start, count }, pane) {
  return (tick) => pane.from + ((tick - start) / count) * (pane.to - pane.from);
}

/** The times of the axis on screen, as ticks, with their spacing. @param {Drawing} drawing @param {{from: number, to: number}} pane */
export function axisTicks({ timeline, start, count }, pane) {
  const most = Math.max(2, Math.floor((pane.to - pane.from) / TICK_GAP_PX));
  const times = ticks(timeline.seconds(start), timeline.seconds(start + count), most);
  // rounded, since the number of digits follows from it
  const step = Number((times.length > 1 ? times[1] - times[0] : count / timeline.rate).toPrecision(6));
  return { step, times, places: times.map((seconds) => (seconds - timeline.startS) * timeline.rate) };
}

function line(pen, x0, y0, x1, y1) {
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}

/** Text that stays readable over traces. */
function haloed(pen, text, x, y, colour, ground) {
  pen.lineWidth = 3;
  pen.strokeStyle = ground;
  pen.strokeText(text, x, y);
  pen.lineWidth = 1;
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

function drawAxis(pen, { box, colours, ...drawing }, pane) {
  const xOf = placeOf(drawing, pane);
  const { step, times, places } = axisTicks(drawing, pane);
  pen.strokeStyle = colours.axis;
  line(pen, pane.from, box.bottom + 0.5, pane.to, box.bottom + 0.5);
  pen.fillStyle = colours.text;
  pen.textBaseline = "top";
  pen.textAlign = "center";
  times.forEach((seconds, index) => {
    const x = Math.round(xOf(places[index])) + 0.5;
    line(pen, x, box.bottom, x, box.bottom + 4);
    const text = axisText(seconds, step);
    const width = pen.measureText(text).width;
    if (x - width / 2 < pane.from || x + width / 2 > pane.to - 2 * MARGIN_PX) return;
    pen.fillText(text, x, box.bottom + 6);
  });
  pen.textAlign = "right";
  pen.fillText("s", pane.to - 4, box.bottom + 6);
}

function drawLabels(pen, { box, colours, rows }) {
  const height = (box.bottom - box.top) / Math.max(1, rows.length);
  const every = labelStep(height, TEXT_PX + 2);
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  rows.forEach((row, index) => {
    const y = box.top + (index + 0.5) * height;
    pen.fillStyle = row.colour;
    pen.fillRect(0, y - height / 2, 3, Math.max(1, height));
    if (index % every && !(row.isBad && height >= TEXT_PX)) return;
    pen.fillStyle = row.isBad ? colours.bad : colours.text;
    pen.fillText((row.isBad ? "✕ " : "") + row.label, box.left - 6, y);
  });
}

function drawScale(pen, { box, colours, rows, heat, unitsPerPixel, unit, timeline, start, count }) {
  const pane = box.panes[box.panes.length - 1];
  const [right, bottom] = [pane.to - MARGIN_PX, box.bottom - MARGIN_PX];
  const spanS = (BAR_PX / (pane.to - pane.from)) * (count / timeline.rate);
  const time = roundBelow(spanS);
  const across = (time / spanS) * BAR_PX;
  pen.textBaseline = "bottom";
  pen.textAlign = "right";
  if (heat) {
    const full = (unitsPerPixel * (box.bottom - box.top)) / Math.max(1, rows.length) / 2;
    drawHeatScale(pen, { right, bottom, colours, heat, text: `± ${amount(full)} ${unit}` });
    return;
  }
  const value = roundBelow(unitsPerPixel * BAR_PX);
  const up = value / unitsPerPixel;
  const [valueText, timeText] = [`${amount(value)} ${unit}`, durationText(time)];
  const wide = Math.max(pen.measureText(valueText).width + 8, pen.measureText(timeText).width - across) + across;
  pen.globalAlpha = 0.8;
  pen.fillStyle = colours.panel;
  pen.fillRect(right - wide - 4, bottom - up - 4, wide + 8, up + TEXT_PX + 10);
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.text;
  pen.lineWidth = 1.5;
  line(pen, right - across, bottom - up, right - across, bottom - TEXT_PX);
  line(pen, right - across, bottom - TEXT_PX, right, bottom - TEXT_PX);
  pen.lineWidth = 1;
  pen.fillStyle = colours.text;
  pen.textBaseline = "middle";
  pen.fillText(valueText, right - across - 5, bottom - (up + TEXT_PX) / 2);
  pen.textBaseline = "top";
  pen.textAlign = "right";
  pen.fillText(timeText, right, bottom - TEXT_PX + 4);
}

function drawHeatScale(pen, { right, bottom, colours, heat, text }) {
  const width = 96;
  pen.globalAlpha = 0.85;
  pen.fillStyle = colours.panel;
  pen.fillRect(right - width - 6, bottom - 30, width + 12, 34);
  pen.globalAlpha = 1;
  heat.forEach((colour, index) => {
    pen.fillStyle = colour;
    pen.fillRect(right - width + (index / heat.length) * width, bottom - 8, width / heat.length + 0.5, 8);
  });
  pen.fillStyle = colours.text;
  pen.textBaseline = "bottom";
  pen.fillText(text, right, bottom - 11);
}

/** A number with as many digits as it needs. @param {number} value */
export function amount(value) {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** A round span: 20 ms, 500 µs, 2 s, 5 min, 1 h. @param {number} seconds */
export function durationText(seconds) {
  if (seconds >= 7200) return `${amount(seconds / 3600)} h`;
  if (seconds >= 120) return `${amount(seconds / 60)} min`;
  if (seconds >= 1) return `${amount(seconds)} s`;
  return seconds >= 1e-3 ? `${amount(seconds * 1e3)} ms` : `${amount(seconds * 1e6)} µs`;
}

function drawTitle(pen, { box, colours }, pane) {
  pen.textAlign = "left";
  pen.textBaseline = "top";
  haloed(pen, pane.title, pane.from + 8, 4, colours.text, colours.panel);
  if (pane.from > box.left) {
    pen.strokeStyle = colours.axis;
    line(pen, pane.from - 0.5, box.top, pane.from - 0.5, box.bottom);
  }
}

/** A hatched part of the plot with its reason. */
function hatched(pen, { box, colours }, from, to, text, opacity = 1) {
  pen.save();
  pen.beginPath();
  pen.rect(from, box.top, to - from, box.bottom - box.top);
  pen.clip();
  pen.globalAlpha = opacity;
  pen.fillStyle = colours.faint;
  pen.fillRect(from, box.top, to - from, box.bottom - box.top);
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.hatch;
  const height = box.bottom - box.top;
  pen.beginPath();
  for (let x = Math.floor((from - height) / HATCH_PX) * HATCH_PX; x < to; x += HATCH_PX) {
    pen.moveTo(x, box.bottom);
    pen.lineTo(x + height, box.top);
  }
  pen.stroke();
  pen.restore();
  if (pen.measureText(text).width + 8 > to - from) return;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  haloed(pen, text, (from + to) / 2, (box.top + box.bottom) / 2, colours.text, colours.panel);
}

function drawHoles(pen, drawing) {
  for (const { from, to, text } of drawing.holes) if (to > from) hatched(pen, drawing, from, to, text, SEEN_THROUGH);
}

function drawGaps(pen, drawing, pane) {
  const xOf = placeOf(drawing, pane);
  for (const gap of drawing.timeline.gapsWithin(drawing.start, drawing.count)) {
    const from = Math.max(pane.from, xOf(gap.from));
    const to = Math.min(pane.to, Math.max(xOf(gap.to), from + LEAST_GAP_PX));
    hatched(pen, drawing, from, to, `gap of ${durationText(Number(gap.missingS.toPrecision(4)))}`);
  }
}

function drawNotes(pen, drawing, pane) {
  const { box, colours } = drawing;
  const xOf = placeOf(drawing, pane);
  pen.textAlign = "left";
  pen.textBaseline = "top";
  for (const note of drawing.notes) {
    const [from, to] = [xOf(note.from), xOf(note.to ?? note.from)];
    if (to < pane.from || from > pane.to) continue;
    pen.fillStyle = colours.note;
    if (note.to !== null) {
      pen.globalAlpha = 0.12;
      const left = Math.max(pane.from, from);
      pen.fillRect(left, 0, Math.min(pane.to, to) - left, box.bottom);
      pen.globalAlpha = 1;
    }
    const x = Math.max(pane.from, from);
    pen.strokeStyle = colours.note;
    if (from >= pane.from) line(pen, x, 0, x, box.bottom);
    pen.beginPath();
    pen.moveTo(x, 0);
    pen.lineTo(x + FLAG_PX, FLAG_PX / 2);
    pen.lineTo(x, FLAG_PX);
    pen.fill();
    haloed(pen, note.text.length > 40 ? `${note.text.slice(0, 39)}…` : note.text, x + FLAG_PX + 3, 1, colours.note, colours.panel);
  }
}

function drawSpikes(pen, drawing, pane) {
  const { box, spikes, hasSpikeLines } = drawing;
  const xOf = placeOf(drawing, pane);
  for (const isChosen of [false, true]) {
    for (const spike of spikes) {
      if (spike.isChosen !== isChosen) continue;
      const x = spikePixel(xOf, spike.tick);
      if (x < pane.from || x >= pane.to) continue;
      pen.fillStyle = spike.colour;
      pen.globalAlpha = isChosen ? 1 : 0.55;
      const top = box.top - (isChosen ? 14 : 9);
      pen.fillRect(x, top, 1, box.top - 2 - top);
      if (isChosen) pen.fillRect(x - 1, top, 3, 3);
      if (hasSpikeLines) {
        pen.globalAlpha = isChosen ? 0.4 : 0.18;
        pen.fillRect(x, box.top, 1, box.bottom - box.top);
      }
    }
  }
  pen.globalAlpha = 1;
}

/** The left edge of the pixel in which the middle of a sample's period lies. @param {(tick: number) => number} xOf @param {number} tick */
export function spikePixel(xOf, tick) {
  return Math.floor(xOf(tick + 0.5));
}

function drawTemplates(pen, { box, templates }) {
  if (!templates.length) return;
  pen.save();
  pen.beginPath();
  pen.rect(box.left, box.top, box.width - box.left, box.bottom - box.top);
  pen.clip();
  pen.lineWidth = 1.5;
  for (const { points, colour } of templates) {
    pen.strokeStyle = colour;
    pen.beginPath();
    points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  }
  pen.restore();
  pen.lineWidth = 1;
}

/** Cursor and chosen interval. */
function drawMoment(pen, drawing, pane) {
  const { box, colours, cursor, interval } = drawing;
  const xOf = placeOf(drawing, pane);
  if (interval) {
    const [from, to] = [Math.max(pane.from, xOf(interval.from)), Math.min(pane.to, xOf(interval.to))];
    if (to > from) {
      pen.globalAlpha = 0.18;
      pen.fillStyle = colours.accent;
      pen.fillRect(from, box.top, to - from, box.bottom - box.top);
      pen.globalAlpha = 1;
    }
  }
  if (cursor === null) return;
  const x = spikePixel(xOf, cursor);
  if (x < pane.from || x >= pane.to) return;
  pen.fillStyle = colours.accent;
  pen.fillRect(x, box.top - 4, 1, box.bottom - box.top + 8);
}
