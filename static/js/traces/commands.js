// What keys and buttons do, by name. The keys are those of the plot while it has the focus.
import { anchor, FACTOR, SHIFT, inside, shifted, zoomed } from "./moves.js";
import { choosable } from "./rows.js";

const KEYS = {
  ArrowLeft: "earlier",
  ArrowRight: "later",
  ArrowUp: "larger",
  ArrowDown: "smaller",
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  "−": "zoom-out",
  Home: "first",
  End: "last",
  PageUp: "rows-up",
  PageDown: "rows-down",
  Escape: "clear",
  ".": "next-spike",
  ",": "previous-spike",
};
// by the place on the keyboard, so that they are the same in every layout
const CODES = {
  KeyA: "auto",
  KeyT: "type-time",
  KeyR: "type-range",
  KeyN: "note",
  KeyH: "heat",
  KeyO: "order",
  KeyP: "signal",
  KeyW: "templates",
  KeyX: "residual",
};
const SIGNALS = ["raw", "processed", "side", "overlaid"];

/** The command that a key means, or null. @param {{key: string, code: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean}} event */
export function commandOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  return KEYS[event.key] ?? (event.shiftKey ? null : CODES[event.code]) ?? null;
}

/** @param {import("./model.js").Model} model */
const view = ({ store, timeline }) => ({ span: { start: store.now.start, count: store.now.count }, length: timeline.length, now: store.now });

/**
 * What a command changes in the state; {} when nothing can be done.
 * @type {Record<string, (model: import("./model.js").Model) => Partial<import("./state.js").TraceState>>}
 */
export const CHANGES = {
  earlier: (model) => moved(model, -SHIFT),
  later: (model) => moved(model, SHIFT),
  larger: ({ store }) => ({ gain: store.now.gain * FACTOR }),
  smaller: ({ store }) => ({ gain: store.now.gain / FACTOR }),
  "zoom-in": (model) => zoom(model, 1 / FACTOR),
  "zoom-out": (model) => zoom(model, FACTOR),
  first: (model) => ({ ...inside({ start: 0, count: view(model).span.count }, view(model).length), direction: 1 }),
  last: (model) => ({ ...inside({ start: view(model).length, count: view(model).span.count }, view(model).length), direction: -1 }),
  whole: (model) => inside({ start: 0, count: view(model).length }, view(model).length),
  "rows-up": (model) => paged(model, -1),
  "rows-down": (model) => paged(model, 1),
  clear: () => ({ cursor: null, interval: null }),
  heat: ({ store }) => ({ mode: store.now.mode === "heat" ? "lines" : "heat" }),
  order: ({ store }) => ({ order: store.now.order === "depth" ? "id" : "depth" }),
  signal: ({ store }) => ({ signal: SIGNALS[(SIGNALS.indexOf(store.now.signal) + 1) % SIGNALS.length] }),
  templates: ({ store, sortingId }) => (sortingId === null ? {} : { templates: !store.now.templates }),
  residual: ({ store, sortingId }) => (sortingId === null ? {} : { residual: !store.now.residual }),
};

function moved(model, fraction) {
  const { span, length } = view(model);
  return { ...shifted(span, fraction, length), direction: fraction < 0 ? -1 : 1 };
}

function zoom(model, factor) {
  const { span, length, now } = view(model);
  return zoomed(span, factor, anchor(span, now.cursor), length);
}

function paged({ store, tracing }, direction) {
  const { rows, row } = store.now;
  const most = Math.max(0, choosable(tracing.channels, store.now) - rows);
  return rows ? { row: Math.max(0, Math.min(most, row + direction * rows)) } : {};
}
