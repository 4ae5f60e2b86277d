// A trace viewer on a page: joins state, frames, picture and controls, and does what its commands say.
import { selectionOf } from "../selection.js";
import { Bar } from "./bar.js";
import { CHANGES, commandOf } from "./commands.js";
import { ChainEditor } from "./editor.js";
import { inks } from "./inks.js";
import { link } from "./link.js";
import { chainText, Model } from "./model.js";
import { centred, inside, revealing } from "./moves.js";
import { Notes } from "./notes.js";
import { spikePixel, placeOf } from "./overlay.js";
import { Picture } from "./picture.js";
import { listenToPointer, paneAt, tickAt } from "./pointer.js";
import { readoutAt } from "./readout.js";
import { remarksOf, showRemarks } from "./remarks.js";
import { ask } from "./requests.js";
import { rowAt } from "./rows.js";
import { save } from "./save.js";
import { boxOf, build } from "./scene.js";
import { nearest, SpikeSource } from "./spikes.js";
import { Store } from "./state.js";
import { Strip } from "./strip.js";
import { TemplateStore } from "./templates.js";
import { momentText } from "./times.js";

const FIRST_SPAN_S = 1;
const REACH_PX = 5;
const STAGE_MS = 1000;
const REFRESH_MS = 500;
const ACTIVE = ["queued", "starting", "running"];

/** @param {import("./model.js").Tracing} tracing @param {Record<string, any>} config */
export function firstState(tracing, config) {
  const segment = Math.min(tracing.segments.length - 1, Math.floor(config.segment ?? 0));
  const rate = tracing.sampling_rate_hz;
  const startS = tracing.segments[segment].start_s ?? 0;
  const count = Math.max(1, Math.round((config.range_s ?? FIRST_SPAN_S) * rate));
  const start = Math.max(0, Math.round(((config.start_s ?? startS) - startS) * rate));
  return { segment, start, count, chain: tracing.default_chain ?? [] };
}

export class Viewer {
  /**
   * @param {HTMLElement} root
   * @param {Record<string, any>} config from the page
   * @param {import("./model.js").Tracing} tracing
   * @param {{id: number, unit_ids: (string | number)[], has_templates?: boolean} | null} sorting
   */
  constructor(root, config, tracing, sorting) {
    Object.assign(this, { root, config, sorting });
    this.ending = new AbortController();
    const { signal } = this.ending;
    this.store = new Store(firstState(tracing, config));
    const viewId = Math.random().toString(36).slice(2, 10);
    const changed = () => this.redraw();
    this.model = new Model(tracing, this.store, { sortingId: sorting?.id ?? null, viewId, changed });
    this.store.set(inside(this.store.now, this.model.timeline.length));
    this.spikes = sorting && new SpikeSource(this.model, sorting, changed);
    this.templates = sorting && new TemplateStore(sorting.id, sorting.has_templates !== false, changed);
    /** @type {Map<string, number>} chain to the job that builds its pyramid */
    this.builds = new Map((tracing.pyramids ?? []).flatMap((each) => (each.job ? [[each.chain ?? "", each.job]] : [])));
    this.plot = this.part("plot");
    this.picture = new Picture(this.part("picture"));
    this.inks = inks();
    this.font = getComputedStyle(root).fontFamily;
    this.drawn = { frames: 0, ms: 0 };
    this.frame = 0;
    this.notes = new Notes(this.part("notes"), this);
    this.editor = new ChainEditor(this.part("chain"), this);
    this.fit();
    this.bar = new Bar(root, this, signal);
    this.strip = new Strip(this.part("strip"), this, signal);
    this.listen(signal);
    this.draw();
    if (config.autofocus) this.plot.focus({ preventScroll: true });
  }

  /** @param {string} name @returns {any} */
  part(name) {
    return this.root.querySelector(`[data-part="${name}"]`);
  }

  /** @param {AbortSignal} signal */
  listen(signal) {
    listenToPointer(this.plot, this, signal);
    this.plot.addEventListener("keydown", (event) => this.key(event), { signal });
    document.addEventListener("lab:theme", () => ((this.inks = inks()), this.redraw()), { signal });
    this.sizes = new ResizeObserver(() => this.fit() && this.draw());
    this.sizes.observe(this.plot);
    this.watchRatio(signal);
    const endLink = link(this, selectionOf(this.root));
    const endStore = this.store.subscribe((names) => this.changed(names));
    signal.addEventListener("abort", () => (endLink(), endStore()));
    document.body.addEventListener("lab:reconnected", () => this.model.requests.forgive(), { signal });
    document.body.addEventListener(`lab:recording-${this.model.tracing.recording.id}`, () => this.reread(), { signal });
    document.body.addEventListener("lab:job", (event) => this.jobChanged(event.detail), { signal });
  }

  /** Another pixel density, as after moving the window to another screen. @param {AbortSignal} signal */
  watchRatio(signal) {
    const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const heard = () => {
      if (this.fit()) this.draw();
      this.watchRatio(signal);
    };
    query.addEventListener("change", heard, { once: true, signal });
  }

  /** Take the size of the plot. @returns {boolean} whether there is any */
  fit() {
    const { clientWidth: width, clientHeight: height } = this.plot;
    if (!width || !height) return false;
    this.box = boxOf(width, height, this.model.tracing.channels);
    this.picture.fit(this.box, devicePixelRatio);
    this.model.width = this.picture.raster.width;
    this.model.height = this.picture.raster.height;
    this.model.requests.poke();
    this.spikes?.requests.poke();
    return true;
  }

  /** @param {Set<string>} names */
  changed(names) {
    if (names.has("chain") || names.has("signal")) this.model.rescale();
    if (names.has("chain")) this.editor.show();
    if (["start", "count", "segment"].some((name) => names.has(name))) this.moved();
    this.bar.show();
    this.model.requests.poke();
    this.spikes?.requests.poke();
    this.redraw();
  }

  /** The address of a page that is only a viewer follows the window. */
  moved() {
    if (!this.config.autofocus) return;
    clearTimeout(this.addressTimer);
    this.addressTimer = setTimeout(() => this.keepAddress(), REFRESH_MS);
  }

  keepAddress() {
    const { segment, start, count } = this.store.now;
    const address = new URL(location.href);
    address.searchParams.set("segment", String(segment));
    address.searchParams.set("start_s", this.model.timeline.seconds(start).toFixed(6));
    address.searchParams.set("range_s", (count / this.model.rate).toFixed(6));
    history.replaceState(history.state, "", address);
  }

  /** Draw with the next frame of the screen, however many changes come before it. */
  redraw() {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.box) return;
    const begun = performance.now();
    const { model, box, inks: colours, spikes, templates, font } = this;
    const raster = { width: model.width, height: model.height, ratio: this.picture.ratio };
    this.built = build({ model, inks: colours, box, raster, spikes, templates, notes: this.notes.list, font });
    this.holes = this.picture.draw(this.built);
    this.strip.draw();
    this.drawn = { frames: this.drawn.frames + 1, ms: performance.now() - begun };
    this.showState();
  }

  /** Skeleton, progress, failure and remarks. */
  showState() {
    const { model } = this;
    const { under } = model.requests;
    const isDrawn = !this.holes.blank.length || model.cache.items.size > 0;
    const failed = model.failureOnScreen();
    this.part("skeleton").hidden = isDrawn || failed !== null;
    this.plot.classList.toggle("waiting", Boolean(under && under.want.stage !== "ahead"));
    const failure = this.part("failure");
    failure.hidden = !failed;
    if (failed) {
      const [sentence, hint] = failure.querySelectorAll("p");
      sentence.textContent = failed.message;
      hint.textContent = failed.hint ?? "";
    }
    this.showWork(under);
    showRemarks(this.part("remarks"), remarksOf(this));
  }

  /** After a second of waiting what is waited for, and a way to give it up. */
  showWork(under) {
    const working = this.part("working");
    const waited = under && under.want.stage !== "ahead" ? performance.now() - under.since : 0;
    working.hidden = waited < STAGE_MS;
    clearTimeout(this.workTimer);
    if (!waited) return;
    const { chain } = this.model.keys.get(under.want.key).query;
    const doing = chain ? "preprocessing" : "reading";
    working.querySelector("span").textContent = `${doing} ${this.model.rows.length} channels, ${Math.round(waited / 1000)} s …`;
    this.workTimer = setTimeout(() => this.showWork(this.model.requests.under), STAGE_MS);
  }

  key(event) {
    if (event.target !== this.plot) return;
    const command = commandOf(event);
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    this.run(command);
  }

  /** @param {string} command of keys and buttons */
  run(command) {
    const act = {
      auto: () => (this.store.set({ gain: 1 }), this.model.rescale()),
      "type-time": () => this.bar.fields.time.focus(),
      "type-range": () => this.bar.fields.range.focus(),
      note: () => this.addNote(),
      "next-spike": () => this.toSpike(1),
      "previous-spike": () => this.toSpike(-1),
      again: () => (this.model.requests.forgive(), this.redraw()),
      cancel: () => this.model.requests.cancel(),
      copy: () => navigator.clipboard.writeText(this.part("code").textContent).then(() => this.say("Copied.")),
    }[command];
    if (act) act();
    else if (CHANGES[command]) this.store.set(CHANGES[command](this.model));
  }

  /** Back to a second, at the height that the noise suggests. */
  reset() {
    const { now } = this.store;
    const count = Math.round(FIRST_SPAN_S * this.model.rate);
    this.store.set({ gain: 1, ...centred({ start: 0, count }, now.cursor ?? now.start + now.count / 2, this.model.timeline.length) });
    this.model.rescale();
  }

  /** @param {number} segment */
  openSegment(segment) {
    const { length } = this.model.timelineOf(segment);
    this.store.set({ segment, cursor: null, interval: null, ...inside({ start: 0, count: this.store.now.count }, length) });
  }

  /** A click: the unit of a spike that is hit, else the cursor. @param {number} x @param {number} y @param {boolean} adds */
  click(x, y, adds) {
    if (x < this.box.left) return;
    const spike = this.spikeAt(x, y);
    const tick = tickAt(this.store.now, paneAt(this.box.panes, x), x);
    if (!spike) return this.store.set({ cursor: tick, interval: null });
    const { units } = this.store.now;
    const others = units.filter((unit) => unit !== spike.unit);
    const chosen = !adds ? [spike.unit] : others.length < units.length ? others : [...units, spike.unit];
    this.store.set({ units: chosen, cursor: this.model.timeline.toTick(spike.sample) });
    this.say(`Unit ${this.sorting.unit_ids[spike.unit]} chosen.`);
  }

  /** The spike whose mark, or whose coloured samples, are at a place. */
  spikeAt(x, y) {
    if (!this.spikes) return null;
    const pane = paneAt(this.box.panes, x);
    const xOf = placeOf(this.store.now, pane);
    const far = ({ sample }) => Math.abs(spikePixel(xOf, this.model.timeline.toTick(sample)) + 0.5 - x);
    const visible = this.spikes.visible();
    if (y < this.box.top) return nearest(visible, far, REACH_PX);
    const channel = this.model.rows[rowAt(y - this.box.top, this.box.bottom - this.box.top, this.model.rows.length)];
    const here = visible.filter(({ unit }) => this.templates.get(unit)?.channels.slice(0, 4).includes(channel?.position));
    return nearest(here, far, REACH_PX * 2);
  }

  /** @param {1 | -1} direction */
  async toSpike(direction) {
    if (!this.spikes) return;
    const { timeline, store } = { timeline: this.model.timeline, store: this.store };
    if (!store.now.units.length) return this.say("Choose a unit first: click one of its spikes, or its row in the units table.");
    const from = store.now.cursor ?? Math.round(store.now.start + store.now.count / 2);
    try {
      const found = await this.spikes.next(direction, timeline.toSample(from));
      const line = this.model.timelineOf(found.segment);
      const cursor = line.toTick(found.sample);
      const isHere = found.segment === store.now.segment;
      store.set({ segment: found.segment, cursor, direction, ...(isHere ? revealing(store.now, cursor, line.length) : centred(store.now, cursor, line.length)) });
    } catch (error) {
      this.say(error.message);
    }
  }

  addNote() {
    const { cursor, interval } = this.store.now;
    if (cursor === null && !interval) return this.say("Click into the traces first: a note stands at the cursor.");
    this.openDrawer("notes");
    this.notes.begin();
  }

  /** @param {number | null} x @param {number | null} y */
  hover(x, y) {
    this.part("readout").textContent = x === null ? "" : readoutAt(this, x, y);
  }

  /** A sentence for eyes and screen readers. @param {string} sentence */
  say(sentence) {
    this.part("hints").textContent = sentence;
  }

  /** @param {string} name */
  toggleDrawer(name) {
    if (this.part(name).hidden) this.openDrawer(name);
    else this.closeDrawers();
  }

  openDrawer(name) {
    this.closeDrawers();
    this.part(name).hidden = false;
    this.root.querySelector(`[data-drawer=${name}]`).setAttribute("aria-expanded", "true");
  }

  closeDrawers() {
    for (const button of this.root.querySelectorAll("[data-drawer]")) {
      button.setAttribute("aria-expanded", "false");
      this.part(button.dataset.drawer).hidden = true;
    }
  }

  /** @param {"png" | "svg" | "csv" | "python"} kind */
  save(kind) {
    save(kind, this);
  }

  /** Take a preprocessing chain, and show it. @param {import("./state.js").Step[]} chain */
  useChain(chain) {
    const { signal } = this.store.now;
    this.store.set({ chain, signal: signal === "raw" && chainText(chain) ? "processed" : signal });
  }

  /** @param {string} chain as asked for; "" is raw */
  async buildPyramid(chain) {
    try {
      const answer = await ask(`/recordings/${this.model.tracing.recording.id}/pyramid`, { method: "POST", body: new URLSearchParams({ chain }) });
      const { job } = await answer.json();
      if (job) this.builds.set(chain, job);
      this.say("The pyramid is being built; what is ready is shown.");
    } catch (error) {
      this.say(error.message);
    }
    this.redraw();
  }

  /** A job went on: show more of the pyramid it builds, at most twice a second. */
  jobChanged({ id, state }) {
    const isPartial = (kept) => kept.frame.coverage < 1;
    const [chain] = [...this.builds].find(([, job]) => job === id) ?? [];
    if (chain === undefined && !this.model.cache.filter(isPartial).some((kept) => kept.frame.job === id)) return;
    if (state && !ACTIVE.includes(state)) this.builds.delete(chain);
    this.refreshTimer ??= setTimeout(() => {
      this.refreshTimer = null;
      this.model.renew(isPartial);
    }, REFRESH_MS);
  }

  /** What is known of the recording may have changed: noise, bad channels, notes. */
  async reread() {
    try {
      const answer = await ask(`/recordings/${this.model.tracing.recording.id}/tracing`, { signal: this.ending.signal });
      this.model.know(await answer.json());
      this.notes.take(this.model.tracing.notes ?? []);
      this.redraw();
    } catch (error) {
      if (!this.ending.signal.aborted) this.say(error.message);
    }
  }

  /** Where the window is, in words. */
  where() {
    const { start, count } = this.store.now;
    return [start, start + count].map((tick) => momentText(this.model.timeline.seconds(tick)));
  }

  destroy() {
    this.ending.abort();
    this.sizes.disconnect();
    cancelAnimationFrame(this.frame);
    for (const timer of [this.addressTimer, this.workTimer, this.refreshTimer]) clearTimeout(timer);
    this.model.destroy();
    this.spikes?.destroy();
  }
}
