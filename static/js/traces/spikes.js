// The spikes around the window: fetched for three spans at once, so that moving about asks seldom.
import { parseSpikes } from "./frame.js";
import { ask, Requests } from "./requests.js";

const LIMIT = 20_000;
const NARROWER = 4;

/**
 * @typedef {{id: string, key: string, segment: number, units: string, first: number, count: number}} Want
 * @typedef {Want & {spikes: import("./frame.js").Spikes}} Got
 * @typedef {{sample: number, unit: number}} Spike
 */

/** Whether an answer is enough for a window. @param {Got | null} got @param {string} key @param {number} first @param {number} count */
export function suffices(got, key, first, count) {
  if (!got || got.key !== key || first < got.first || first + count > got.first + got.count) return false;
  return got.spikes.shown === got.spikes.total || count * NARROWER > got.count;
}

/**
 * The spikes of a window in order of time.
 * @param {Got | null} got
 * @param {number} first
 * @param {number} count
 * @returns {Spike[]}
 */
export function spikesWithin(got, first, count) {
  if (!got) return [];
  const { offsets, units } = got.spikes;
  const found = [];
  for (let at = lowerBound(offsets, first - got.first); at < offsets.length; at += 1) {
    const sample = got.first + offsets[at];
    if (sample >= first + count) break;
    found.push({ sample, unit: units[at] });
  }
  return found;
}

/** The first place whose value is not below `value`. @param {ArrayLike<number>} sorted @param {number} value */
export function lowerBound(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The spike nearest to a place on the screen, within reach.
 * @param {Spike[]} spikes
 * @param {(spike: Spike) => number} distance in pixels
 * @param {number} reach
 */
export function nearest(spikes, distance, reach) {
  let [best, least] = [null, reach];
  for (const spike of spikes) {
    const far = distance(spike);
    if (far <= least) [best, least] = [spike, far];
  }
  return best;
}

export class SpikeSource {
  /**
   * @param {import("./model.js").Model} model
   * @param {{id: number}} sorting
   * @param {() => void} changed
   */
  constructor(model, sorting, changed) {
    Object.assign(this, { model, sorting, changed });
    /** @type {Got | null} */
    this.got = null;
    this.failure = null;
    this.requests = new Requests({
      wants: () => this.wants(),
      get: (want, signal) => this.fetch(want, signal),
      arrived: (want, spikes) => ((this.got = { ...want, spikes }), (this.failure = null), changed()),
      failed: (_, error) => ((this.failure = error), changed()),
      isWorthIt: (under, wants) => wants.some((each) => each.key === under.key && each.first < under.first + under.count && under.first < each.first + each.count),
    });
  }

  /** Which units' spikes are asked for; null means none at all. */
  asked() {
    const { spikes, units } = this.model.store.now;
    if (spikes === "none" || (spikes === "chosen" && !units.length)) return null;
    return spikes === "all" ? "" : units.join(",");
  }

  window() {
    const { start, count } = this.model.store.now;
    return this.model.timeline.samplesWithin(start, count);
  }

  /** @returns {Want[]} */
  wants() {
    const units = this.asked();
    const { first, count } = this.window();
    const { segment } = this.model.store.now;
    const key = `${segment}|${units}`;
    if (units === null || !count || suffices(this.got, key, first, count)) return [];
    const [from, to] = [Math.max(0, first - count), Math.min(this.model.timeline.sampleCount, first + 2 * count)];
    return [{ id: `${key}|${from}+${to - from}`, key, segment, units, first: from, count: to - from }];
  }

  /** @param {Want} want @param {AbortSignal} signal */
  async fetch(want, signal) {
    const { segment, units, first, count } = want;
    const query = new URLSearchParams({ segment: String(segment), start: String(first), count: String(count), units, limit: String(LIMIT) });
    const answer = await ask(`/sortings/${this.sorting.id}/spikes?${query}`, { signal });
    return parseSpikes(await answer.arrayBuffer());
  }

  /** The spikes on screen. @returns {Spike[]} */
  visible() {
    if (this.asked() === null || this.got?.segment !== this.model.store.now.segment) return [];
    const { first, count } = this.window();
    const { spikes, units } = this.model.store.now;
    const found = spikesWithin(this.got, first, count);
    return spikes === "chosen" ? found.filter((each) => units.includes(each.unit)) : found;
  }

  /** Said when not all spikes around the window are shown. */
  get remark() {
    const spikes = this.asked() === null ? null : this.got?.spikes;
    return spikes && spikes.shown < spikes.total ? { shown: spikes.shown, total: spikes.total } : null;
  }

  /** @param {1 | -1} direction @param {number} sample @returns {Promise<{segment: number, sample: number, unit: number}>} */
  async next(direction, sample) {
    const { segment, units } = this.model.store.now;
    const query = new URLSearchParams({ segment: String(segment), sample: String(sample), units: units.join(","), direction: String(direction) });
    return (await ask(`/sortings/${this.sorting.id}/next_spike?${query}`)).json();
  }

  destroy() {
    this.requests.destroy();
  }
}
