// What all views of a page show together: units, electrodes, a cursor. One object that each may change and each hears of.

/**
 * @typedef {{units: string[], electrodes: string[], cursorS: number | null}} Selected
 */
export class Selection extends EventTarget {
  /** @param {Partial<Selected>} [start] */
  constructor(start = {}) {
    super();
    /** @type {Selected} */
    this.now = { units: [], electrodes: [], cursorS: null, ...start };
  }

  /**
   * Change parts of it; who listens hears of it only if something is different.
   * @param {Partial<Selected>} changes
   * @param {unknown} [source] whoever changed it, so that it need not react to itself
   */
  set(changes, source) {
    const next = { ...this.now, ...changes };
    const names = Object.keys(changes).filter((name) => JSON.stringify(next[name]) !== JSON.stringify(this.now[name]));
    if (!names.length) return;
    this.now = next;
    this.dispatchEvent(new CustomEvent("change", { detail: { names, source } }));
  }

  /** @param {(names: string[], source: unknown) => void} act @returns {() => void} which ends it */
  listen(act) {
    const heard = (event) => act(event.detail.names, event.detail.source);
    this.addEventListener("change", heard);
    return () => this.removeEventListener("change", heard);
  }

  /** The query of an address that asks for what is selected. */
  query() {
    const query = new URLSearchParams();
    for (const unit of this.now.units) query.append("unit", unit);
    for (const electrode of this.now.electrodes) query.append("electrode", electrode);
    if (this.now.cursorS !== null) query.append("cursor_s", String(this.now.cursorS));
    return query;
  }
}

/**
 * A list with one item put in, or out when it was in; the order is that of choosing.
 * @param {string[]} items
 * @param {string} item
 */
export function toggled(items, item) {
  return items.includes(item) ? items.filter((other) => other !== item) : [...items, item];
}

const bySubject = new WeakMap();

/** The selection of the page part that `element` is in. @param {Element} element */
export function selectionOf(element) {
  const owner = element.closest("[data-selection]") ?? document.body;
  if (!bySubject.has(owner)) bySubject.set(owner, new Selection());
  return bySubject.get(owner);
}
