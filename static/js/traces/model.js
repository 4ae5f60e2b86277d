// What a trace viewer knows: the recording, the state, the frames that are kept, and what is to be asked for next.
import { Cache } from "./cache.js";
import { parseFrame } from "./frame.js";
import { isWorthIt, wanted } from "./plan.js";
import { ask, Requests } from "./requests.js";
import { groupOf, groupsOf, visible } from "./rows.js";
import { summary, typical } from "./summary.js";
import { Timeline } from "./timeline.js";

const CACHE_BYTES = 128 * 2 ** 20;
const SIGMAS_PER_ROW = 18;
const MOST_COLUMNS = 8192;
const MOST_RESIDUAL_S = 2;

/**
 * @typedef {import("./paint.js").Kept} Kept
 * @typedef {object} Tracing what the program says of a recording
 * @property {{id: number, name: string}} recording
 * @property {import("./rows.js").Channel[]} channels
 * @property {number} sampling_rate_hz
 * @property {{sample_count: number, start_s?: number, gaps?: import("./timeline.js").Gap[]}[]} segments
 * @property {string} unit
 *
 * @typedef {{name: "raw" | "processed", key: string, query: Record<string, string>}} LayerKey
 */

/** The steps of a chain that are on, as the program takes them; "" for raw. @param {import("./state.js").Step[]} chain */
export function chainText(chain) {
  const on = chain.filter((each) => each.on !== false).map(({ step, params }) => ({ step, params }));
  return on.length ? JSON.stringify(on) : "";
}

export class Model {
  /**
   * @param {Tracing} tracing
   * @param {import("./state.js").Store} store
   * @param {{sortingId: number | null, viewId: string, changed: () => void}} options
   */
  constructor(tracing, store, { sortingId, viewId, changed }) {
    Object.assign(this, { store, sortingId, viewId });
    this.changed = changed;
    this.lines = new Map();
    /** @type {Cache<Kept>} */
    this.cache = new Cache(CACHE_BYTES);
    /** @type {Map<string, LayerKey>} */
    this.keys = new Map();
    this.failure = null;
    this.height = 1;
    this.width = 1;
    this.noise = null;
    this.know(tracing);
    this.requests = new Requests({
      wants: () => this.wants(),
      get: (want, signal) => this.fetch(want, signal),
      arrived: (want, frame) => this.arrived(want, frame),
      failed: (want, error) => ((this.failure = error), this.changed()),
      isWorthIt,
      changed: () => this.changed(),
    });
  }

  /** @param {Tracing} tracing */
  know(tracing) {
    this.tracing = tracing;
    this.rate = tracing.sampling_rate_hz;
    this.groups = groupsOf(tracing.channels);
    this.lines.clear();
  }

  /** The time axis of the segment on screen. */
  get timeline() {
    return this.timelineOf(this.store.now.segment);
  }

  /** @param {number} segment @returns {Timeline} */
  timelineOf(segment) {
    if (!this.lines.has(segment)) this.lines.set(segment, new Timeline(this.tracing.segments[segment], this.rate));
    return this.lines.get(segment);
  }

  /** The channels on screen, from top to bottom. */
  get rows() {
    return visible(this.tracing.channels, this.store.now);
  }

  /** The group's number among the groups. @param {import("./rows.js").Channel} channel */
  groupNumber(channel) {
    return this.groups.indexOf(groupOf(channel));
  }

  /** Pixels of one pane. */
  get paneWidth() {
    return this.store.now.signal === "side" ? Math.max(1, Math.floor(this.width / 2)) : this.width;
  }

  /** Positions of the channels on screen as they are asked for, and so their order in a frame. */
  channelPositions() {
    return this.rows.map((row) => row.position).sort((a, b) => a - b);
  }

  /** What is shown: raw, processed or both, the one on top last. @returns {LayerKey[]} */
  layers() {
    const { signal } = this.store.now;
    const names = { raw: ["raw"], processed: ["processed"], side: ["raw", "processed"], overlaid: ["raw", "processed"] }[signal];
    return names.map((name, index) => this.layer(name, index === names.length - 1));
  }

  /** @param {"raw" | "processed"} name @param {boolean} isTop @returns {LayerKey} */
  layer(name, isTop) {
    const { segment, chain, units } = this.store.now;
    const positions = this.channelPositions();
    const query = {
      segment: String(segment),
      channels: positions.length === this.tracing.channels.length ? "" : positions.join(","),
      chain: name === "raw" ? "" : chainText(chain),
    };
    if (isTop && this.isResidual) Object.assign(query, { residual: String(this.sortingId), units: units.join(",") });
    const key = JSON.stringify(query);
    const layer = { name, key, query };
    this.keys.set(key, layer);
    return layer;
  }

  /** Whether the templates are subtracted on screen, which is done near only. */
  get isResidual() {
    const { residual, units, count } = this.store.now;
    return residual && units.length > 0 && this.sortingId !== null && count <= MOST_RESIDUAL_S * this.rate;
  }

  /** @param {string} key @returns {Kept[]} */
  kept(key) {
    return this.cache.filter((each) => each.key === key);
  }

  /** What to ask for: what is on screen of all layers, then what is beside it. */
  wants() {
    const { start, count, direction } = this.store.now;
    const { first, count: samples } = this.timeline.samplesWithin(start, count);
    const width = Math.max(1, Math.min(MOST_COLUMNS, Math.round((this.paneWidth * samples) / Math.max(count, 1))));
    const lists = this.layers().map((layer) =>
      wanted(
        {
          key: layer.key,
          from: first,
          to: first + samples,
          total: this.timeline.sampleCount,
          width,
          channels: this.rows.length,
          direction,
          noCoarse: layer.query.chain !== "" || layer.query.residual !== undefined,
        },
        this.kept(layer.key),
      ),
    );
    const all = lists.flat();
    return [...all.filter((each) => each.stage !== "ahead"), ...all.filter((each) => each.stage === "ahead")];
  }

  /** Why something on screen is missing, as long as it is. @returns {Error | null} */
  failureOnScreen() {
    const { refused } = this.requests;
    return refused.size && this.wants().some((each) => each.stage !== "ahead" && refused.has(each.id)) ? this.failure : null;
  }

  /** @param {import("./plan.js").Want} want @param {AbortSignal} signal */
  async fetch(want, signal) {
    const { query } = this.keys.get(want.key);
    const all = { ...query, start: want.first, count: want.count, columns: want.columns, view: this.viewId };
    const url = `/recordings/${this.tracing.recording.id}/frame?${new URLSearchParams(all)}`;
    const answer = await ask(url, { signal });
    return parseFrame(await answer.arrayBuffer());
  }

  /** @param {import("./plan.js").Want} want @param {import("./frame.js").Frame} frame */
  arrived(want, frame) {
    const seen = summary(frame);
    this.cache.put(want.id, {
      id: want.id,
      key: want.key,
      from: frame.first,
      to: Math.max(frame.first + frame.count, want.first + want.count),
      asked: want.count / want.columns,
      bytes: frame.bytes,
      frame,
      summary: seen,
    });
    if (want.stage !== "coarse") this.choose();
    this.changed();
  }

  /** Choose the height by the noise of what is on top, unless that was done. */
  choose() {
    const { start, count } = this.store.now;
    const { first } = this.timeline.samplesWithin(start, count);
    const here = this.kept(this.layers().at(-1).key).filter((each) => each.from <= first && each.to > first && each.frame.columns);
    const [best] = here.sort((a, b) => a.asked - b.asked);
    this.noise ??= best ? this.noiseOf(best.summary) : null;
  }

  /** Noise by channel position. @param {import("./summary.js").Summary} seen */
  noiseOf({ spread }) {
    const common = typical(spread);
    const positions = this.channelPositions();
    return { common, own: new Map(positions.map((position, index) => [position, spread[index] > 0 ? spread[index] : common])) };
  }

  /** Height of a row in the unit of the recording. @param {import("./rows.js").Channel} channel */
  rowUnits({ position }) {
    const { scale, gain } = this.store.now;
    const noise = this.noise ?? { common: 1, own: new Map() };
    return (SIGMAS_PER_ROW * (scale === "own" ? (noise.own.get(position) ?? noise.common) : noise.common)) / gain;
  }

  /** Choose the height anew from what is on screen. */
  rescale() {
    this.noise = null;
    this.choose();
    this.changed();
  }

  /** The value at a tick and a row, from the finest frame that has it. @param {number} tick @param {import("./rows.js").Channel} channel */
  valueAt(tick, channel) {
    const sample = this.timeline.toSample(tick);
    const key = this.layers().at(-1).key;
    const [best] = this.kept(key).filter((each) => sample >= each.frame.first && sample < each.frame.first + each.frame.count).sort((a, b) => a.frame.perColumn - b.frame.perColumn);
    const index = this.channelPositions().indexOf(channel.position);
    if (!best || index < 0) return null;
    const { frame } = best;
    const at = index * frame.columns + Math.floor((sample - frame.first) / frame.perColumn);
    const physical = (raw) => raw * frame.scale[index] + frame.offset[index];
    const [a, b] = [physical(frame.low[at]), physical(frame.high[at])];
    return { low: Math.min(a, b), high: Math.max(a, b), perColumn: frame.perColumn, unit: frame.unit };
  }

  /** Ask again for some frames, for example those of a pyramid that has grown; until then they are shown. @param {(kept: Kept) => boolean} isMeant */
  renew(isMeant) {
    for (const kept of this.cache.filter(isMeant)) kept.stale = true;
    this.requests.forgive();
  }

  destroy() {
    this.requests.destroy();
  }
}
