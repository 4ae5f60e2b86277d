// What a trace viewer shows: one object that everything reads and any part may change.

/**
 * @typedef {{step: string, params: Record<string, any>, on?: boolean}} Step of a preprocessing chain
 * @typedef {object} TraceState
 * @property {number} segment
 * @property {number} start first tick on screen, a whole number of sample periods
 * @property {number} count ticks on screen
 * @property {number | null} cursor tick
 * @property {{from: number, to: number} | null} interval chosen ticks, `to` not included
 * @property {number} gain 1 is the height that the noise suggests
 * @property {number[] | null} channels positions of the chosen channels; null means all
 * @property {"depth" | "id"} order
 * @property {number} rows how many channels are on screen; 0 means all
 * @property {number} row the first of them
 * @property {"common" | "own"} scale the same for all channels, or each by its own noise
 * @property {"lines" | "heat"} mode
 * @property {"raw" | "processed" | "side" | "overlaid"} signal
 * @property {Step[]} chain
 * @property {number[]} units positions of the chosen units
 * @property {"all" | "chosen" | "none"} spikes which are shown
 * @property {boolean} templates drawn over the traces
 * @property {boolean} residual the templates of the chosen units are subtracted
 * @property {1 | -1} direction of the last move
 */

/** @type {TraceState} */
export const INITIAL = Object.freeze({
  segment: 0,
  start: 0,
  count: 1,
  cursor: null,
  interval: null,
  gain: 1,
  channels: null,
  order: "depth",
  rows: 0,
  row: 0,
  scale: "common",
  mode: "lines",
  signal: "raw",
  chain: [],
  units: [],
  spikes: "all",
  templates: false,
  residual: false,
  direction: 1,
});
const WHOLE = ["segment", "start", "count", "cursor", "row", "rows"];

export class Store {
  /** @param {Partial<TraceState>} [start] */
  constructor(start = {}) {
    /** @type {TraceState} */
    this.now = { ...INITIAL, ...start };
    this.listeners = new Set();
  }

  /**
   * Change parts of it; who listens hears which are different.
   * @param {Partial<TraceState>} changes
   * @param {unknown} [source] whoever changed it, so that it need not react to itself
   */
  set(changes, source) {
    for (const name of WHOLE) {
      const value = changes[name];
      if (value !== undefined && value !== null && !Number.isInteger(value)) throw new RangeError(`${name} must be a whole number; ${value} is not`);
    }
    const names = Object.keys(changes).filter((name) => !same(changes[name], this.now[name]));
    if (!names.length) return;
    this.now = { ...this.now, ...changes };
    for (const listener of [...this.listeners]) listener(new Set(names), source);
  }

  /** @param {(names: Set<string>, source: unknown) => void} listener @returns {() => void} which ends it */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function same(a, b) {
  return a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));
}
