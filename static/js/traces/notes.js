// Notes on moments and intervals: listed beside the traces, written at the cursor, kept by the program.
import { made } from "./dom.js";
import { centred, revealing } from "./moves.js";
import { ask } from "./requests.js";
import { momentText, spanText } from "./times.js";

/** @typedef {{id: number, segment: number, start_sample: number, end_sample: number | null, text: string}} Note */

/** In order of time. @param {Note[]} notes */
export function inOrder(notes) {
  return [...notes].sort((a, b) => a.segment - b.segment || a.start_sample - b.start_sample || a.id - b.id);
}

export class Notes {
  /** @param {HTMLElement} place @param {import("./viewer.js").Viewer} viewer */
  constructor(place, viewer) {
    Object.assign(this, { place, viewer });
    /** @type {Note[]} */
    this.list = inOrder(viewer.model.tracing.notes ?? []);
    /** @type {Partial<Note> | null} */
    this.edited = null;
    this.show();
  }

  get address() {
    return `/recordings/${this.viewer.model.tracing.recording.id}/notes`;
  }

  /** @param {Note[]} notes */
  take(notes) {
    this.list = inOrder(notes);
    if (!this.edited) this.show();
  }

  /** Begin a note on the chosen interval, or at the cursor. */
  begin() {
    const { store, model } = this.viewer;
    const { cursor, interval, segment } = store.now;
    const start = model.timeline.toSample(interval ? interval.from : cursor);
    const end = interval ? model.timeline.toSample(interval.to - 1) + 1 : null;
    this.edit({ segment, start_sample: start, end_sample: end, text: "" });
  }

  /** @param {Partial<Note>} note */
  edit(note) {
    this.edited = note;
    this.show();
    this.place.querySelector("input")?.focus();
  }

  show() {
    const links = ["csv", "json"].map((kind) => made("a", { class: "button quiet", href: `${this.address}.${kind}`, download: `notes.${kind}` }, kind.toUpperCase()));
    const add = made("button", { type: "button", title: "Note at the cursor or on the chosen interval (n)", onclick: () => this.viewer.addNote() }, "Add");
    this.place.replaceChildren(
      made("div", { class: "row" }, made("h3", { class: "grow" }, "Time notes"), made("div", { class: "toolbar" }, ...links), add),
      ...(this.edited && !this.edited.id ? [this.form(this.edited)] : []),
      this.list.length
        ? made("ul", { class: "tracer-notes" }, ...this.list.map((note) => this.item(note)))
        : made("p", { class: "empty-line" }, "No notes yet. Click into the traces and press n; drag with Shift for an interval."),
    );
  }

  /** @param {Note} note */
  item(note) {
    if (this.edited?.id === note.id) return made("li", { class: "edited" }, this.form(note));
    const when = this.when(note);
    return made(
      "li", { "data-note": note.id },
      made("button", { type: "button", class: "link-like mono", title: "Go there", onclick: () => this.goTo(note) }, when),
      made("span", { class: "note-text" }, note.text),
      made(
        "span", { class: "nowrap" },
        made("button", { type: "button", class: "quiet", "aria-label": `Edit the note at ${when}`, onclick: () => this.edit(note) }, "edit"),
        made("button", { type: "button", class: "quiet danger", "aria-label": `Delete the note at ${when}`, onclick: () => this.remove(note) }, "delete"),
      ),
    );
  }

  /** @param {Partial<Note>} note */
  when({ segment, start_sample: start, end_sample: end }) {
    const { model } = this.viewer;
    const line = model.timelineOf(segment);
    const from = momentText(line.seconds(line.toTick(start)));
    const where = model.tracing.segments.length > 1 ? `${segment + 1}: ` : "";
    return where + (end === null ? from : `${from} + ${spanText(end - start, model.rate)}`);
  }

  /** @param {Partial<Note>} note */
  form(note) {
    const error = made("p", { class: "error", role: "alert", hidden: true });
    const input = made("input", { value: note.text, "aria-label": `Note at ${this.when(note)}`, autocomplete: "off", placeholder: "What happens here" });
    const close = () => ((this.edited = null), this.show(), this.viewer.plot.focus({ preventScroll: true }));
    const keys = (event) => {
      event.stopPropagation();
      if (event.key === "Escape") close();
    };
    const send = async (event) => {
      event.preventDefault();
      try {
        await this.save({ ...note, text: input.value });
        close();
      } catch (refused) {
        error.textContent = refused.message;
        error.hidden = false;
        input.setAttribute("aria-invalid", "true");
      }
    };
    return made(
      "form", { class: "field", onsubmit: send, onkeydown: keys },
      made("span", { class: "label mono" }, this.when(note)),
      made("div", { class: "box" }, input),
      error,
      made("div", { class: "row" }, made("button", {}, "Save note"), made("button", { type: "button", class: "quiet", onclick: close }, "Cancel")),
    );
  }

  /** @param {Partial<Note>} note */
  async save(note) {
    const { segment, start_sample, end_sample, text } = note;
    const body = new URLSearchParams(Object.entries({ segment, start_sample, end_sample: end_sample ?? "", text }));
    const answer = await ask(note.id ? `/notes/${note.id}` : this.address, { method: "POST", body });
    const saved = await answer.json();
    this.list = inOrder([...this.list.filter((each) => each.id !== saved.id), saved]);
    this.viewer.store.set({ interval: null });
    this.viewer.redraw();
  }

  /** @param {Note} note */
  async remove(note) {
    try {
      await ask(`/notes/${note.id}/delete`, { method: "POST", body: new URLSearchParams() });
      this.list = this.list.filter((each) => each.id !== note.id);
      this.show();
      this.viewer.redraw();
    } catch (error) {
      this.viewer.say(error.message);
    }
  }

  /** @param {Note} note */
  goTo({ segment, start_sample: start, end_sample: end }) {
    const { store, model } = this.viewer;
    const line = model.timelineOf(segment);
    const [cursor, last] = [line.toTick(start), line.toTick((end ?? start + 1) - 1) + 1];
    const isLong = end !== null && last - cursor >= store.now.count;
    const seen = () => (segment === store.now.segment ? revealing : centred)(store.now, cursor, line.length);
    const whole = () => centred({ start: 0, count: Math.round((last - cursor) * 1.2) }, (cursor + last) / 2, line.length);
    const span = isLong ? whole() : seen();
    store.set({ segment, cursor, interval: end === null ? null : { from: cursor, to: last }, ...span });
  }
}
