// The templates of units, fetched for those that are on screen and kept on their own channels only.
import { parseTemplates } from "./frame.js";
import { ask } from "./requests.js";

const AT_ONCE = 24;
const MOST_UNITS = 200;
const SHARE = 0.25;
const MOST_CHANNELS = 12;

/**
 * One template on the channels where it is large: `values[i]` is its course on channel `channels[i]`, the largest first.
 * @typedef {{unit: number, before: number, length: number, channels: number[], values: Float32Array[]}} Template
 */

/**
 * A template without the channels on which it is small.
 * @param {import("./frame.js").Templates} all
 * @param {number} place of the unit in them
 * @returns {Template}
 */
export function sparse(all, place) {
  const { sampleCount, channelCount, values } = all;
  const base = place * sampleCount * channelCount;
  const size = new Float32Array(channelCount);
  for (let index = 0; index < sampleCount * channelCount; index += 1) {
    const channel = index % channelCount;
    size[channel] = Math.max(size[channel], Math.abs(values[base + index]));
  }
  const order = [...size.keys()].sort((a, b) => size[b] - size[a]);
  const least = size[order[0]] * SHARE;
  const channels = order.filter((channel) => size[channel] > 0 && size[channel] >= least).slice(0, MOST_CHANNELS);
  const course = (channel) => Float32Array.from({ length: sampleCount }, (_, sample) => values[base + sample * channelCount + channel]);
  return { unit: all.units[place], before: all.before, length: sampleCount, channels, values: channels.map(course) };
}

export class TemplateStore {
  /** @param {number} sortingId @param {boolean} exist @param {() => void} changed */
  constructor(sortingId, exist, changed) {
    Object.assign(this, { sortingId, exist, changed });
    /** @type {Map<number, Template>} */
    this.known = new Map();
    this.underWay = false;
    this.failure = null;
  }

  /** @param {number} unit @returns {Template | undefined} */
  get(unit) {
    return this.known.get(unit);
  }

  /** Fetch those of these units that are not there yet, a few at a time. @param {Iterable<number>} units */
  async need(units) {
    const missing = [...new Set(units)].filter((unit) => !this.known.has(unit)).slice(0, AT_ONCE);
    if (!missing.length || this.underWay || !this.exist) return;
    this.underWay = true;
    try {
      const answer = await ask(`/sortings/${this.sortingId}/templates?units=${missing.join(",")}`);
      const all = parseTemplates(await answer.arrayBuffer());
      all.units.forEach((unit, place) => this.known.set(unit, sparse(all, place)));
      for (const oldest of this.known.keys()) {
        if (this.known.size <= MOST_UNITS) break;
        this.known.delete(oldest);
      }
    } catch (error) {
      // spikes are still marked; the reason is shown once beside them
      this.exist = false;
      this.failure = error;
    }
    this.underWay = false;
    this.changed();
  }
}
