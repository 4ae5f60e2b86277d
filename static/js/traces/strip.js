// The strip over the whole segment: where the window is, to click and to drag.
import { ticks } from "../scale.js";
import { centred, inside, shifted, SHIFT } from "./moves.js";
import { axisText, momentText } from "./times.js";

const LEAST_BOX_PX = 6;
const TEXT_PX = 11;
const TICK_GAP_PX = 110;

/** The window's box in the strip, never too narrow to hit. @param {{start: number, count: number}} span @param {number} length @param {number} width */
export function boxAt({ start, count }, length, width) {
  const wide = Math.max(LEAST_BOX_PX, (count / length) * width);
  const middle = ((start + count / 2) / length) * width;
  return { x: Math.max(0, Math.min(width - wide, middle - wide / 2)), width: wide };
}

export class Strip {
  /** @param {HTMLCanvasElement} canvas @param {import("./viewer.js").Viewer} viewer @param {AbortSignal} signal */
  constructor(canvas, viewer, signal) {
    Object.assign(this, { canvas, viewer });
    this.pen = canvas.getContext("2d");
    /** @type {number | null} where in the box it is held, in ticks from the window's middle */
    this.held = null;
    const on = (name, act) => canvas.addEventListener(name, act, { signal });
    on("pointerdown", (event) => this.pressed(event));
    on("pointermove", (event) => this.held !== null && this.moveTo(this.tickOf(event) - this.held));
    on("pointerup", () => (this.held = null));
    on("pointercancel", () => (this.held = null));
    on("keydown", (event) => this.key(event));
  }

  /** @param {PointerEvent} event */
  tickOf(event) {
    const edge = this.canvas.getBoundingClientRect();
    return ((event.clientX - edge.left) / edge.width) * this.viewer.model.timeline.length;
  }

  pressed(event) {
    if (event.button !== 0) return;
    const { now } = this.viewer.store;
    const edge = this.canvas.getBoundingClientRect();
    const box = boxAt(now, this.viewer.model.timeline.length, edge.width);
    const x = event.clientX - edge.left;
    const isInside = x >= box.x && x <= box.x + box.width;
    this.canvas.setPointerCapture(event.pointerId);
    this.held = isInside ? this.tickOf(event) - (now.start + now.count / 2) : 0;
    this.moveTo(this.tickOf(event) - this.held);
  }

  /** @param {number} middle tick */
  moveTo(middle) {
    const { store, model } = this.viewer;
    const next = centred(store.now, middle, model.timeline.length);
    store.set({ ...next, direction: next.start < store.now.start ? -1 : 1 });
  }

  key(event) {
    const { store, model } = this.viewer;
    const { length } = model.timeline;
    const next = {
      ArrowLeft: () => shifted(store.now, -SHIFT, length),
      ArrowRight: () => shifted(store.now, SHIFT, length),
      PageDown: () => shifted(store.now, 1, length),
      PageUp: () => shifted(store.now, -1, length),
      Home: () => inside({ start: 0, count: store.now.count }, length),
      End: () => inside({ start: length, count: store.now.count }, length),
    }[event.key];
    if (!next) return;
    event.preventDefault();
    store.set(next());
  }

  draw() {
    const { canvas, pen, viewer } = this;
    const { model, inks, font } = viewer;
    const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio];
    if (!width) return;
    const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide || canvas.height !== tall) Object.assign(canvas, { width: wide, height: tall });
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `${TEXT_PX}px ${font}`;
    this.drawTimes(width, height);
    const xOf = (tick) => (tick / model.timeline.length) * width;
    pen.fillStyle = inks.lines.hatch;
    for (const gap of model.timeline.gapsWithin(0, model.timeline.length)) pen.fillRect(xOf(gap.from), 0, Math.max(1, xOf(gap.to) - xOf(gap.from)), height);
    this.drawNotes(xOf);
    this.drawBox(width, height);
    const { cursor } = viewer.store.now;
    pen.fillStyle = inks.lines.accent;
    if (cursor !== null) pen.fillRect(Math.floor(xOf(cursor)), 0, 1, height);
    this.speak();
  }

  drawTimes(width, height) {
    const { model, inks } = this.viewer;
    const { timeline } = model;
    const times = ticks(timeline.startS, timeline.seconds(timeline.length), Math.max(2, Math.floor(width / TICK_GAP_PX)));
    const step = times.length > 1 ? times[1] - times[0] : 1;
    const { pen } = this;
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    for (const seconds of times) {
      const x = Math.round(((seconds - timeline.startS) * timeline.rate * width) / timeline.length) + 0.5;
      pen.fillStyle = inks.lines.axis;
      pen.fillRect(x, height - 6, 1, 6);
      const text = axisText(seconds, step);
      pen.fillStyle = inks.lines.text;
      if (x + pen.measureText(text).width + 4 < width) pen.fillText(text, x + 4, height / 2);
    }
  }

  drawNotes(xOf) {
    const { store, notes, model, inks } = this.viewer;
    this.pen.fillStyle = inks.lines.note;
    for (const note of notes.list.filter((each) => each.segment === store.now.segment)) {
      const from = xOf(model.timeline.toTick(note.start_sample));
      const to = note.end_sample === null ? from : xOf(model.timeline.toTick(note.end_sample));
      this.pen.fillRect(Math.floor(from), 0, Math.max(2, to - from), 4);
    }
  }

  drawBox(width, height) {
    const { store, model, inks } = this.viewer;
    const box = boxAt(store.now, model.timeline.length, width);
    this.pen.globalAlpha = 0.18;
    this.pen.fillStyle = inks.lines.accent;
    this.pen.fillRect(box.x, 0, box.width, height);
    this.pen.globalAlpha = 1;
    this.pen.strokeStyle = inks.lines.accent;
    this.pen.strokeRect(Math.round(box.x) + 0.5, 0.5, Math.max(1, Math.round(box.width) - 1), height - 1);
  }

  /** The slider's values for those who do not see it. */
  speak() {
    const { store, model } = this.viewer;
    const { start, count } = store.now;
    this.canvas.setAttribute("aria-valuemax", String(Math.max(0, model.timeline.length - count)));
    this.canvas.setAttribute("aria-valuenow", String(start));
    const [from, to] = [start, start + count].map((tick) => momentText(model.timeline.seconds(tick)));
    this.canvas.setAttribute("aria-valuetext", `${from} to ${to}`);
  }
}
