// A view's panel: fetches what the view shows of the selection, draws it, and says in its place what went wrong.
import { whenever } from "./mount.js";
import { csv, numbers } from "./figure.js";
import { draw, purge, resize, save } from "./plot.js";
import { selectionOf } from "./selection.js";
import { makeTable } from "./table.js";

const SETTLE_MS = 60;

/** What a failed fetch says. @param {Response} answer */
async function sentence(answer) {
  const said = await answer.json().catch(() => ({}));
  return { error: said.error ?? "The program did not answer.", hint: said.hint ?? "" };
}

/** @param {string} text @param {string} name */
function download(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

class ViewPanel {
  constructor(panel) {
    this.panel = panel;
    this.body = panel.querySelector("[data-view-body]");
    this.place = panel.querySelector("[data-place]");
    this.errorBox = panel.querySelector("[data-error]");
    this.note = panel.querySelector("[data-note]");
    this.form = panel.querySelector("[data-settings]");
    this.selection = selectionOf(panel);
    this.isTable = panel.dataset.kind === "table";
    this.result = null;
    this.table = null;
    this.request = null;
    this.timer = 0;
    this.listen();
    this.load();
  }

  listen() {
    const ends = new AbortController();
    const { signal } = ends;
    this.panel.addEventListener("click", (event) => this.clicked(event), { signal });
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.foldAll(), { signal });
    this.form?.addEventListener("change", () => this.load(), { signal });
    this.form?.addEventListener("submit", (event) => event.preventDefault(), { signal });
    document.addEventListener("lab:theme", () => this.redraw(), { signal });
    document.body.addEventListener(this.panel.dataset.event, () => this.load(), { signal });
    const sizes = new ResizeObserver(() => resize(this.place));
    sizes.observe(this.body);
    const forget = this.selection.listen((names, source) => source !== this && this.changed(names));
    this.destroy = () => {
      ends.abort();
      sizes.disconnect();
      forget();
      this.request?.abort();
      clearTimeout(this.timer);
      this.table?.destroy();
      purge(this.place);
    };
  }

  changed(names) {
    if (this.isTable) {
      this.table?.select(this.selection.now.units);
      return;
    }
    if (!names.includes("units") && !names.includes("electrodes")) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), SETTLE_MS);
  }

  url() {
    const query = this.isTable ? new URLSearchParams() : this.selection.query();
    if (this.form) for (const [name, value] of new FormData(this.form)) query.set(name, value);
    return `${this.panel.dataset.view}?${query}`;
  }

  async load() {
    this.request?.abort();
    const request = (this.request = new AbortController());
    this.body.classList.add("waiting");
    this.body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(this.url(), { headers: { Accept: "application/json" }, signal: request.signal });
      if (request.signal.aborted) return;
      if (answer.ok) await this.show(await answer.json());
      else this.fail(await sentence(answer));
    } catch (error) {
      if (!request.signal.aborted) this.fail({ error: error instanceof TypeError ? "The program does not answer." : error.message });
    } finally {
      if (this.request === request) {
        this.body.classList.remove("waiting");
        this.body.removeAttribute("aria-busy");
      }
    }
  }

  async show(result) {
    if (result.lack) return this.fail({ error: result.lack, hint: result.hint, lacking: true });
    this.result = result;
    this.errorBox.hidden = true;
    this.note.textContent = result.note ?? "";
    this.note.title = result.note ?? "";
    if (!this.isTable) return draw(this.place, result);
    if (this.table) return this.table.replace(result);
    this.table = await makeTable(this.place, result, (units) => this.selection.set({ units }, this));
    this.table.select(this.selection.now.units);
  }

  fail({ error, hint = "", lacking = false }) {
    this.note.textContent = "";
    this.errorBox.hidden = false;
    this.errorBox.classList.toggle("bad", !lacking);
    this.errorBox.querySelector("button").hidden = lacking;
    const [first, second] = this.errorBox.querySelectorAll("p");
    first.textContent = error;
    second.textContent = hint;
  }

  redraw() {
    if (this.result && !this.isTable) draw(this.place, this.result);
  }

  clicked(event) {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const name = this.panel.dataset.name;
    const acts = {
      settings: () => this.fold(button, ".view-settings"),
      help: () => this.fold(button, ".view-help"),
      png: () => save(this.place, "png", name),
      svg: () => save(this.place, "svg", name),
      csv: () => this.result && download(csv(this.isTable ? this.table.columns() : numbers(this.result)), `${name}.csv`),
      again: () => this.load(),
    };
    acts[button.dataset.act]?.();
  }

  foldAll() {
    for (const part of this.panel.querySelectorAll(".view-settings, .view-help")) part.hidden = true;
    for (const button of this.panel.querySelectorAll("[aria-expanded]")) button.setAttribute("aria-expanded", "false");
  }

  fold(button, selector) {
    const part = this.panel.querySelector(selector);
    const opens = part.hidden;
    this.foldAll();
    part.hidden = !opens;
    button.setAttribute("aria-expanded", String(opens));
    if (!part.hidden) part.querySelector("input, select")?.focus();
  }
}

whenever("[data-view]", (panel) => new ViewPanel(panel));
