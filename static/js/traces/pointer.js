// Mouse, pen, touch and wheel on the plot.
import { FACTOR, inside, zoomed } from "./moves.js";

const CLICK_PX = 4;
const NOTCH = 100;
const MOST_NOTCHES = 3;

/** How much wider a turn of the wheel makes the window: ×1.15 a notch. @param {{deltaY: number, deltaMode: number}} event */
export function wheelFactor({ deltaY, deltaMode }) {
  const notches = (deltaY * [1, 33, 400][deltaMode]) / NOTCH;
  return FACTOR ** Math.max(-MOST_NOTCHES, Math.min(MOST_NOTCHES, notches));
}

/** The pane at a place of the plot, the nearest when it is beside them. @param {{from: number, to: number}[]} panes @param {number} x */
export function paneAt(panes, x) {
  return panes.find((pane) => x < pane.to) ?? panes[panes.length - 1];
}

/** The tick at a place of the plot. @param {{start: number, count: number}} span @param {{from: number, to: number}} pane @param {number} x */
export function tickAt({ start, count }, pane, x) {
  const part = Math.max(0, Math.min(1, (x - pane.from) / (pane.to - pane.from)));
  return Math.min(start + count - 1, Math.floor(start + part * count));
}

/**
 * @param {HTMLElement} plot
 * @param {import("./viewer.js").Viewer} viewer
 * @param {AbortSignal} signal
 */
export function listenToPointer(plot, viewer, signal) {
  const { store } = viewer;
  /** @type {{id: number, x: number, start: number, tick: number, pane: any, isInterval: boolean, isDrag: boolean} | null} */
  let held = null;
  const placeOf = (event) => {
    const edge = plot.getBoundingClientRect();
    return { x: event.clientX - edge.left, y: event.clientY - edge.top };
  };
  const on = (name, act, options = {}) => plot.addEventListener(name, act, { signal, ...options });

  on("pointerdown", (event) => {
    if (event.button !== 0 || event.target.closest("button, a")) return;
    const { x } = placeOf(event);
    const pane = paneAt(viewer.box.panes, x);
    plot.focus({ preventScroll: true });
    plot.setPointerCapture(event.pointerId);
    held = { id: event.pointerId, x, start: store.now.start, tick: tickAt(store.now, pane, x), pane, isInterval: event.shiftKey, isDrag: false };
  });

  on("pointermove", (event) => {
    const { x, y } = placeOf(event);
    if (!held || held.id !== event.pointerId) return viewer.hover(x, y);
    if (!held.isDrag && Math.abs(x - held.x) < CLICK_PX) return;
    held.isDrag = true;
    if (held.isInterval) return store.set({ interval: between(held.tick, tickAt(store.now, held.pane, x)) });
    plot.dataset.dragging = "";
    const moved = Math.round(((held.x - x) / (held.pane.to - held.pane.from)) * store.now.count);
    const next = inside({ start: held.start + moved, count: store.now.count }, viewer.model.timeline.length);
    store.set({ start: next.start, direction: next.start >= store.now.start ? 1 : -1 });
  });

  const release = (event) => {
    if (!held || held.id !== event.pointerId) return;
    const { x, y } = placeOf(event);
    const wasClick = !held.isDrag && event.type === "pointerup";
    held = null;
    delete plot.dataset.dragging;
    if (wasClick) viewer.click(x, y, event.ctrlKey || event.metaKey);
  };
  on("pointerup", release);
  on("pointercancel", release);
  on("pointerleave", () => viewer.hover(null, null));
  on("dblclick", (event) => event.target.closest("button, a") || viewer.reset());

  on("wheel", (event) => {
    // before a click inside, the wheel belongs to the page
    if (document.activeElement !== plot) return;
    event.preventDefault();
    const pane = paneAt(viewer.box.panes, placeOf(event).x);
    if (event.ctrlKey || event.metaKey) return store.set({ gain: store.now.gain / wheelFactor(event) });
    const isAcross = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const { length } = viewer.model.timeline;
    if (isAcross) {
      const part = (event.deltaX || event.deltaY) / (pane.to - pane.from);
      const step = Math.sign(part) * Math.max(1, Math.round(Math.abs(part) * store.now.count));
      return store.set({ ...inside({ start: store.now.start + step, count: store.now.count }, length), direction: part < 0 ? -1 : 1 });
    }
    store.set(zoomed(store.now, wheelFactor(event), tickAt(store.now, pane, placeOf(event).x), length));
  }, { passive: false });
}

/** @param {number} a @param {number} b both included */
function between(a, b) {
  return { from: Math.min(a, b), to: Math.max(a, b) + 1 };
}
