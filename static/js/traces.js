// Traces of some seconds on a canvas: a band per channel, smallest to largest value of every pixel, with scale bars.
import { whenever } from "./mount.js";
import { token } from "./colours.js";
import { envelopeOf, spread } from "./envelope.js";
import { roundBelow, secondsText, ticks } from "./scale.js";
import { selectionOf } from "./selection.js";
import { seconds, shifted, within, zoomed } from "./window.js";

const LABELS_PX = 44;
const AXIS_PX = 20;
const TOP_PX = 6;
const RIGHT_PX = 12;
const STEP = 0.2;
const ZOOM = 1.15;
const SETTLE_MS = 40;
const LEAST_SAMPLES = 20;
const MOST_LABELS = 40;

class TracesCanvas {
  constructor(box) {
    this.box = box;
    this.canvas = document.createElement("canvas");
    box.append(this.canvas);
    this.readout = box.parentElement.querySelector("[data-traces-readout]");
    this.form = box.closest("section")?.querySelector("[data-traces-form]") ?? null;
    this.rate = Number(box.dataset.rate);
    this.counts = JSON.parse(box.dataset.counts ?? "[]");
    this.channelIds = JSON.parse(box.dataset.channels ?? "[]").map(String);
    this.selection = selectionOf(box);
    this.gain = 1;
    this.data = box.dataset.first ? envelopeOf(JSON.parse(box.dataset.first)) : null;
    this.stretch = this.form ? { start: this.field("start_s") ?? 0, span: this.field("duration_s") ?? 1 } : null;
    this.listen();
    if (this.form) this.load();
    else this.draw();
  }

  listen() {
    const ends = new AbortController();
    const { signal } = ends;
    const sizes = new ResizeObserver(() => (this.form && this.data ? this.soon() : this.draw()));
    sizes.observe(this.box);
    document.addEventListener("lab:theme", () => this.draw(), { signal });
    this.box.addEventListener("pointermove", (event) => this.hover(event), { signal });
    this.box.addEventListener("pointerleave", () => this.tell(""), { signal });
    let forget = () => {};
    if (this.form) {
      this.box.addEventListener("keydown", (event) => this.pressed(event), { signal });
      this.box.addEventListener("wheel", (event) => this.wheeled(event), { signal, passive: false });
      this.form.addEventListener("change", () => this.entered(), { signal });
      this.form.addEventListener("submit", (event) => (event.preventDefault(), this.entered()), { signal });
      forget = this.selection.listen((names) => names.includes("electrodes") && this.load());
    }
    this.destroy = () => {
      ends.abort();
      sizes.disconnect();
      forget();
      this.request?.abort();
      clearTimeout(this.timer);
    };
  }

  field(name) {
    return seconds(this.form.elements[name].value);
  }

  get segment() {
    return Number(this.form.elements.segment?.value ?? 0);
  }

  entered() {
    const [start, span] = [this.field("start_s"), this.field("duration_s")];
    if (start === null || span === null || span <= 0) return this.tell("Start and span are seconds, such as 1.5.");
    this.go({ start, span });
  }

  go(stretch) {
    const end = this.counts[this.segment] / this.rate;
    this.stretch = within(stretch, end, LEAST_SAMPLES / this.rate);
    this.form.elements.start_s.value = String(Number(this.stretch.start.toFixed(6)));
    this.form.elements.duration_s.value = String(Number(this.stretch.span.toFixed(6)));
    this.soon();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), SETTLE_MS);
  }

  url() {
    const query = new URLSearchParams({
      start_s: String(this.stretch.start),
      duration_s: String(this.stretch.span),
      segment: String(this.segment),
      max_points: String(Math.max(10, Math.round(this.inner().width))),
    });
    for (const id of this.selection.now.electrodes) query.append("channel", String(this.channelIds.indexOf(id)));
    return `${this.box.dataset.traces}?${query}`;
  }

  async load() {
    this.request?.abort();
    const request = (this.request = new AbortController());
    this.box.classList.add("waiting");
    try {
      const answer = await fetch(this.url(), { headers: { Accept: "application/json" }, signal: request.signal });
      const said = await answer.json();
      if (request.signal.aborted) return;
      this.box.classList.remove("waiting");
      if (!answer.ok) return this.fail(said.error);
      this.data = said;
      this.draw();
      this.tell("");
    } catch (error) {
      if (!request.signal.aborted) this.fail("The program does not answer.");
    }
  }

  fail(text) {
    this.box.classList.remove("waiting");
    this.data = null;
    this.draw(text);
  }

  inner() {
    return { width: this.box.clientWidth - LABELS_PX - RIGHT_PX, height: this.box.clientHeight - AXIS_PX - TOP_PX };
  }

  draw(text = "") {
    const ratio = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.box;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    pen.fillStyle = token("text-2");
    if (!this.data) {
      pen.fillText(text, LABELS_PX, height / 2);
      return;
    }
    const { offsets, step } = spread(this.data);
    const rows = this.data.minimum.length;
    const rowPx = this.inner().height / (rows + 0.4); // spikes point down: the lowest channel needs room
    this.place = { rowPx, perUnit: (rowPx / step) * this.gain, offsets, rows };
    this.drawRows(pen);
    this.drawTime(pen);
    this.drawScale(pen);
  }

  /** Channels from top to bottom as the data has them, the first one lowest, as depth grows upwards. */
  middle(row) {
    return TOP_PX + (this.place.rows - row - 0.5) * this.place.rowPx;
  }

  drawRows(pen) {
    const { edges, minimum, maximum, channel_ids: ids } = this.data;
    const { width, height } = this.inner();
    const perSample = width / edges[edges.length - 1];
    const labelEvery = Math.ceil(minimum.length / Math.min(MOST_LABELS, height / 13));
    const isSingle = edges.length - 1 === edges[edges.length - 1];
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    minimum.forEach((_, row) => {
      if (row % labelEvery === 0) pen.fillText(String(ids[row]).slice(-7), LABELS_PX - 6, this.middle(row));
    });
    pen.save();
    pen.beginPath();
    pen.rect(LABELS_PX, TOP_PX, width, height);
    pen.clip();
    pen.lineWidth = 1;
    pen.lineJoin = "bevel";
    pen.strokeStyle = token("plot-line");
    minimum.forEach((low, row) => {
      const zero = this.middle(row);
      const y = (value) => zero - (value - this.place.offsets[row]) * this.place.perUnit;
      pen.beginPath();
      low.forEach((value, at) => {
        if (value === null) return;
        const x = LABELS_PX + edges[at] * perSample;
        pen.lineTo(x, y(value));
        if (!isSingle) pen.lineTo(x, y(maximum[row][at]));
      });
      pen.stroke();
    });
    pen.restore();
  }

  drawTime(pen) {
    const { start_sample: first, sample_count: count, sampling_rate_hz: rate } = this.data;
    const { width, height } = this.inner();
    const [from, to] = [first / rate, (first + count) / rate];
    pen.textAlign = "center";
    pen.textBaseline = "top";
    pen.fillStyle = token("text-2");
    pen.strokeStyle = token("plot-axis");
    pen.beginPath();
    for (const tick of ticks(from, to, Math.max(2, width / 110))) {
      const x = LABELS_PX + ((tick - from) / (to - from)) * width;
      pen.moveTo(x, TOP_PX + height);
      pen.lineTo(x, TOP_PX + height + 4);
      pen.fillText(`${tick} s`, Math.min(x, LABELS_PX + width - 14), TOP_PX + height + 6);
    }
    pen.stroke();
  }

  drawScale(pen) {
    const { width } = this.inner();
    const size = roundBelow(Math.max(this.place.rowPx, 34) / this.place.perUnit);
    const x = LABELS_PX + width - 2;
    const long = size * this.place.perUnit;
    pen.strokeStyle = token("text");
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(x, TOP_PX + 2);
    pen.lineTo(x, TOP_PX + 2 + long);
    pen.stroke();
    const label = `${size} ${this.data.unit}`;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.globalAlpha = 0.85;
    pen.fillStyle = token("panel");
    const wide = pen.measureText(label).width;
    pen.fillRect(x - wide - 12, TOP_PX + 2 + long / 2 - 8, wide + 8, 16);
    pen.globalAlpha = 1;
    pen.fillStyle = token("text");
    pen.fillText(label, x - 8, TOP_PX + 2 + long / 2);
  }

  secondAt(event) {
    const share = (event.offsetX - LABELS_PX) / this.inner().width;
    const { start_sample: first, sample_count: count, sampling_rate_hz: rate } = this.data;
    return (first + share * count) / rate;
  }

  hover(event) {
    if (!this.data || event.offsetX < LABELS_PX) return this.tell("");
    const { edges, minimum, maximum, channel_ids: ids, sampling_rate_hz: rate, unit, start_sample: first } = this.data;
    const sample = this.secondAt(event) * rate - first;
    const at = Math.max(0, Math.min(edges.length - 2, edges.findIndex((edge) => edge > sample) - 1));
    const row = Math.max(0, Math.min(this.place.rows - 1, Math.floor(this.place.rows - (event.offsetY - TOP_PX) / this.place.rowPx)));
    const [low, high] = [minimum[row][at], maximum[row][at]];
    if (low === null) return this.tell("");
    const value = low === high ? low.toPrecision(4) : `${low.toPrecision(4)} to ${high.toPrecision(4)}`;
    this.tell(`channel ${ids[row]} · ${((first + edges[at]) / rate).toFixed(5)} s · ${value} ${unit}`);
  }

  tell(text) {
    if (this.readout) this.readout.textContent = text || (this.data && this.form ? `${this.data.minimum.length} channels, ${secondsText(this.data.sample_count / this.rate)}, ${this.data.preprocessing}` : "");
  }

  wheeled(event) {
    if (document.activeElement !== this.box || !this.data) return;
    event.preventDefault();
    this.go(zoomed(this.stretch, event.deltaY < 0 ? ZOOM : 1 / ZOOM, this.secondAt(event)));
  }

  pressed(event) {
    const about = this.stretch.start + this.stretch.span / 2;
    const acts = {
      ArrowLeft: () => this.go(shifted(this.stretch, -STEP)),
      ArrowRight: () => this.go(shifted(this.stretch, STEP)),
      "+": () => this.go(zoomed(this.stretch, ZOOM, about)),
      "=": () => this.go(zoomed(this.stretch, ZOOM, about)),
      "-": () => this.go(zoomed(this.stretch, 1 / ZOOM, about)),
      ArrowUp: () => this.amplify(ZOOM),
      ArrowDown: () => this.amplify(1 / ZOOM),
      Home: () => this.go({ start: 0, span: this.stretch.span }),
      End: () => this.go({ start: Infinity, span: this.stretch.span }),
    };
    if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key]();
  }

  amplify(factor) {
    this.gain *= factor;
    this.draw();
  }
}

whenever("[data-traces]", (box) => new TracesCanvas(box));
