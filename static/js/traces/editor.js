// The drawer in which a preprocessing chain is put together, tried, kept and handed to a sorter.
import { chainWords, changed, moved, newStep, parsed, textOf, without } from "./chain.js";
import { made } from "./dom.js";
import { chainText } from "./model.js";
import { ask } from "./requests.js";

let ids = 0;

export class ChainEditor {
  /** @param {HTMLElement} place @param {import("./viewer.js").Viewer} viewer */
  constructor(place, viewer) {
    Object.assign(this, { place, viewer });
    /** @type {import("./chain.js").Kind[]} */
    this.kinds = viewer.model.tracing.steps ?? [];
    this.presets = viewer.model.tracing.presets ?? [];
    /** Steps whose forms are open. @type {Set<number>} */
    this.open = new Set();
    this.show();
  }

  get chain() {
    return this.viewer.store.now.chain;
  }

  get recordingId() {
    return this.viewer.model.tracing.recording.id;
  }

  /** @param {import("./state.js").Step[]} chain */
  use(chain) {
    this.viewer.useChain(chain);
  }

  show() {
    const steps = this.chain.map((step, at) => this.step(step, at));
    this.place.replaceChildren(
      made("h3", {}, "Preprocessing"),
      this.presetRow(),
      steps.length ? made("ol", { class: "tracer-steps" }, ...steps) : made("p", { class: "empty-line" }, "No steps: processed is the same as raw."),
      this.adder(),
      this.saver(),
      made("div", { class: "row" },
        made("a", { class: "button", "data-sort": "", href: `/recordings/${this.recordingId}/sort?chain=${encodeURIComponent(chainText(this.chain) || "[]")}` }, "Use for sorting"),
        made("button", { type: "button", class: "quiet", title: "Find dead and noisy channels; they are marked at the traces and on the probe", onclick: () => this.findBad() }, "Detect bad channels")),
      made("p", { class: "error", role: "alert", hidden: true, "data-part": "chain-error" }),
    );
  }

  presetRow() {
    const options = this.presets.map((preset) => new Option(preset.name, String(preset.id)));
    const same = this.presets.find((preset) => chainText(preset.chain) === chainText(this.chain));
    const select = made("select", { "aria-label": "Preset", onchange: (event) => this.usePreset(event.target.value) }, new Option("choose a preset …", ""), ...options);
    select.value = same ? String(same.id) : "";
    const canDelete = same && same.deletable !== false && Number.isInteger(same.id);
    const remove = () => made("button", { type: "button", class: "quiet danger", onclick: () => this.deletePreset(same) }, "delete");
    return made("div", { class: "row" }, made("div", { class: "box grow" }, select), canDelete ? remove() : null);
  }

  /** @param {string} id */
  usePreset(id) {
    const preset = this.presets.find((each) => String(each.id) === id);
    if (preset) this.use(preset.chain);
  }

  /** @param {import("./state.js").Step} step @param {number} at */
  step(step, at) {
    const kind = this.kinds.find((each) => each.name === step.step) ?? { name: step.step, title: step.step, help: "", fields: [] };
    const isOn = step.on !== false;
    const isOpen = this.open.has(at);
    const act = (label, title, onclick, disabled = false) =>
      made("button", { type: "button", class: "quiet", "aria-label": `${title}: ${kind.title}`, title, onclick, disabled }, label);
    const unfold = () => (isOpen ? this.open.delete(at) : this.open.add(at), this.show());
    return made(
      "li", { class: isOn ? "tracer-step" : "tracer-step off", "data-step": step.step },
      made("div", { class: "tracer-step-head" },
        made("input", { type: "checkbox", checked: isOn, "aria-label": `Apply ${kind.title}`, onchange: () => this.use(changed(this.chain, at, { on: !isOn })) }),
        made("button", { type: "button", class: "quiet tracer-step-title", "aria-expanded": String(isOpen), title: kind.help ?? "", onclick: unfold }, kind.title),
        act("↑", "Earlier", () => this.move(at, at - 1), at === 0),
        act("↓", "Later", () => this.move(at, at + 1), at === this.chain.length - 1),
        act("×", "Remove", () => ((this.open = new Set()), this.use(without(this.chain, at))))),
      isOpen && kind.fields.length ? made("div", { class: "fields" }, ...kind.fields.map((field) => this.field(field, step, at))) : null,
      isOpen && !kind.fields.length ? made("p", { class: "inline-empty" }, kind.help || "Nothing to set.") : null,
    );
  }

  move(from, to) {
    const isOpen = this.open.has(from);
    this.open = new Set(isOpen ? [to] : []);
    this.use(moved(this.chain, from, to));
  }

  /** @param {import("./chain.js").Field} field @param {import("./state.js").Step} step @param {number} at */
  field(field, step, at) {
    const id = `tracer-f${(ids += 1)}`;
    const value = field.name in step.params ? step.params[field.name] : field.default;
    const error = made("p", { class: "error", id: `${id}-error`, hidden: true });
    const described = { id, "data-param": field.name, "aria-describedby": `${id}-help ${id}-error` };
    const input = this.input(field, value, described);
    input.addEventListener("change", () => {
      const typed = input.type === "checkbox" ? { value: input.checked } : parsed(field, input.value);
      error.hidden = !("error" in typed);
      error.textContent = typed.error ?? "";
      input.toggleAttribute("aria-invalid", "error" in typed);
      if ("error" in typed) input.setAttribute("aria-invalid", "true");
      else this.use(changed(this.chain, at, { params: { ...this.chain[at].params, [field.name]: typed.value } }));
    });
    const isChanged = textOf(field, value) !== textOf(field, field.default);
    const box = input.type === "checkbox" ? made("div", { class: "check" }, input) : made("div", { class: "box" }, input, field.unit ? made("span", { class: "unit" }, field.unit) : null);
    return made("div", { class: isChanged ? "field changed" : "field" },
      made("div", { class: "field-head" }, made("label", { for: id }, field.label || field.name.replaceAll("_", " "))),
      box, error, made("p", { class: "help", id: `${id}-help` }, field.help ?? ""));
  }

  input(field, value, attributes) {
    if (field.kind === "bool" && !field.optional) return made("input", { type: "checkbox", checked: Boolean(value), ...attributes });
    const choices = field.kind === "bool" ? ["true", "false"] : field.kind === "choice" ? field.choices : null;
    if (!choices) return this.textInput(field, value, attributes);
    const select = made("select", attributes, ...(field.optional ? [new Option("–", "")] : []), ...choices.map((choice) => new Option(choice, choice)));
    select.value = textOf(field, value);
    return select;
  }

  textInput(field, value, attributes) {
    const inputmode = { float: "decimal", int: "numeric" }[field.kind];
    const look = { class: field.kind === "json" ? "mono" : null, placeholder: field.optional ? "none" : "", autocomplete: "off", spellcheck: "false" };
    return made("input", { value: textOf(field, value), inputmode, ...look, ...attributes });
  }

  adder() {
    const groups = [...new Set(this.kinds.map((kind) => kind.group ?? ""))];
    const options = (group) => this.kinds.filter((kind) => (kind.group ?? "") === group).map((kind) => new Option(kind.title, kind.name));
    const parts = groups.flatMap((group) => (group ? [made("optgroup", { label: group }, ...options(group))] : options(group)));
    const add = (event) => {
      const kind = this.kinds.find((each) => each.name === event.target.value);
      if (!kind) return;
      this.open = new Set([this.chain.length]);
      this.use([...this.chain, newStep(kind)]);
    };
    return made("div", { class: "box" }, made("select", { "aria-label": "Add a step", onchange: add }, new Option("add a step …", ""), ...parts));
  }

  saver() {
    const input = made("input", { "aria-label": "Name of the preset", placeholder: "name", autocomplete: "off" });
    const send = async (event) => {
      event.preventDefault();
      const body = new URLSearchParams({ name: input.value, chain: JSON.stringify(this.chain) });
      await this.tell(async () => {
        this.presets = (await (await ask(`/recordings/${this.recordingId}/presets`, { method: "POST", body })).json()).presets;
        this.show();
        this.viewer.say("Preset saved.");
      });
    };
    return made("form", { class: "row", onsubmit: send, onkeydown: (event) => event.stopPropagation() }, made("div", { class: "box grow" }, input), made("button", {}, "Save preset"));
  }

  async deletePreset(preset) {
    await this.tell(async () => {
      await ask(`/presets/${preset.id}/delete`, { method: "POST", body: new URLSearchParams() });
      this.presets = this.presets.filter((each) => each.id !== preset.id);
      this.show();
    });
  }

  async findBad() {
    await this.tell(async () => {
      await ask(`/recordings/${this.recordingId}/bad_channels`, { method: "POST", body: new URLSearchParams() });
      this.viewer.say("Bad channels are being looked for; they will be marked at the traces.");
    });
  }

  /** Do something that may be refused, and say why. @param {() => Promise<void>} act */
  async tell(act) {
    const place = () => this.place.querySelector("[data-part=chain-error]");
    try {
      await act();
    } catch (error) {
      place().textContent = error.message;
      place().hidden = false;
    }
  }

  /** The chain in words. */
  words() {
    return chainWords(this.chain, this.kinds);
  }
}
