// The controls over the plot: choices that are the state, the editable time and range, and buttons that are commands.
import { centred, inside } from "./moves.js";
import { decimals, momentText, parseMoment, parseSpan, spanText } from "./times.js";

const BETWEEN = /^(.+?)\s*(?:–|—|\.\.|\bto\b|\s-\s|(?<=\d)-(?=[\d.]))\s*(.+)$/u;

/**
 * What a typed range means: a span around what is in the middle, or from – to.
 * @param {string} text
 * @param {{start: number, count: number, cursor: number | null}} now
 * @param {{rate: number, startS: number, length: number}} segment
 * @param {(sample: number) => number} toTick
 * @returns {{span: {start: number, count: number}} | {error: string}}
 */
export function rangeOf(text, now, segment, toTick) {
  const ends = BETWEEN.exec(text.trim());
  if (!ends) {
    const count = parseSpan(text, segment.rate);
    if ("error" in count) return count;
    const isSeen = now.cursor !== null && now.cursor >= now.start && now.cursor < now.start + now.count;
    const about = isSeen ? now.cursor : now.start + now.count / 2;
    const part = (about - now.start) / now.count;
    return { span: inside({ start: about - part * count.value, count: count.value }, segment.length) };
  }
  const unit = /[a-zµμ]+$/iu.exec(ends[2])?.[0] ?? "";
  const from = parseMoment(/[a-zµμ:]/iu.test(ends[1]) ? ends[1] : `${ends[1]} ${unit}`, segment, toTick);
  const to = parseMoment(ends[2], { ...segment, length: segment.length + 1 }, toTick);
  if ("error" in from) return from;
  if ("error" in to) return to;
  if (to.value <= from.value) return { error: `A range goes from an earlier to a later time; “${text.trim()}” does not.` };
  return { span: inside({ start: from.value, count: to.value - from.value }, segment.length) };
}

export class Bar {
  /** @param {HTMLElement} root @param {import("./viewer.js").Viewer} viewer @param {AbortSignal} signal */
  constructor(root, viewer, signal) {
    Object.assign(this, { root, viewer });
    this.error = root.querySelector("[data-part=field-error]");
    this.fields = Object.fromEntries([...root.querySelectorAll("[data-field]")].map((field) => [field.dataset.field, field]));
    this.fillSegments();
    root.addEventListener("change", (event) => this.changed(event), { signal });
    root.addEventListener("click", (event) => this.clicked(event), { signal });
    for (const field of Object.values(this.fields)) {
      field.addEventListener("keydown", (event) => this.key(event, field), { signal });
      field.addEventListener("blur", () => this.show(), { signal });
      field.addEventListener("focus", () => field.select(), { signal });
    }
    this.show();
  }

  fillSegments() {
    const { segments } = this.viewer.model.tracing;
    const select = this.root.querySelector("select[data-state=segment]");
    select.replaceChildren(...segments.map((_, index) => new Option(`${index + 1} of ${segments.length}`, String(index))));
    this.root.querySelector("[data-part=segment-field]").hidden = segments.length < 2;
  }

  /** What the fields and choices say now. */
  show() {
    const { store, model } = this.viewer;
    const { now } = store;
    for (const select of this.root.querySelectorAll("select[data-state]")) select.value = String(now[select.dataset.state]);
    for (const button of this.root.querySelectorAll("[data-toggle]")) button.setAttribute("aria-pressed", String(now[button.dataset.toggle]));
    const at = now.cursor ?? now.start;
    const texts = { time: momentText(model.timeline.seconds(at), decimals(now.count / 2000, model.rate)), range: spanText(now.count, model.rate) };
    for (const [name, field] of Object.entries(this.fields)) if (document.activeElement !== field) this.restore(field, texts[name]);
  }

  restore(field, text) {
    field.value = text;
    if (field.getAttribute("aria-invalid")) this.tell(field, "");
  }

  changed(event) {
    const select = event.target.closest("select[data-state]");
    if (!select) return;
    const name = select.dataset.state;
    const value = select.dataset.number === undefined ? select.value : Number(select.value);
    if (name === "segment") this.viewer.openSegment(value);
    else this.viewer.store.set({ [name]: value });
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.do) this.viewer.run(button.dataset.do);
    else if (button.dataset.toggle) this.viewer.run(button.dataset.toggle);
    else if (button.dataset.save) this.viewer.save(button.dataset.save);
    else if (button.dataset.drawer) this.viewer.toggleDrawer(button.dataset.drawer);
  }

  /** Enter takes what was typed, Escape leaves it. */
  key(event, field) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Enter" && !this.take(field)) return;
    this.tell(field, "");
    this.viewer.plot.focus({ preventScroll: true });
    this.show();
  }

  /** @returns {boolean} whether it made sense */
  take(field) {
    const { store, model } = this.viewer;
    const { timeline } = model;
    const segment = { rate: model.rate, startS: timeline.startS, length: timeline.length };
    const toTick = (sample) => timeline.toTick(sample);
    if (field.dataset.field === "time") {
      const moment = parseMoment(field.value, segment, toTick);
      if ("error" in moment) return this.tell(field, moment.error);
      store.set({ cursor: moment.value, ...centred(store.now, moment.value, timeline.length) });
    } else {
      const range = rangeOf(field.value, store.now, segment, toTick);
      if ("error" in range) return this.tell(field, range.error);
      store.set(range.span);
    }
    return true;
  }

  /** A sentence under the fields, or none. */
  tell(field, sentence) {
    this.error.textContent = sentence;
    this.error.hidden = !sentence;
    if (sentence) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    return !sentence;
  }
}
