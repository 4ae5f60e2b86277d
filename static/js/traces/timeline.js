// The time axis of one segment. A tick is one sample period; where the recording has gaps, ticks go on and samples do not.

/**
 * @typedef {{sample: number, missing_s: number}} Gap samples are missing before `sample`
 * @typedef {{tick: number, sample: number, count: number}} Stretch samples without a gap between them
 */
export class Timeline {
  /**
   * @param {{sample_count: number, start_s?: number, gaps?: Gap[]}} segment
   * @param {number} rate in Hz
   */
  constructor(segment, rate) {
    this.rate = rate;
    this.startS = segment.start_s ?? 0;
    this.sampleCount = segment.sample_count;
    /** @type {Stretch[]} */
    this.stretches = stretchesOf(segment, rate);
    const last = this.stretches.at(-1);
    this.length = last ? last.tick + last.count : 0;
  }

  /** Where a sample stands. @param {number} sample */
  toTick(sample) {
    const stretch = this.stretches.findLast((each) => each.sample <= sample) ?? this.stretches[0];
    return stretch ? stretch.tick + sample - stretch.sample : sample;
  }

  /** The sample at a tick; inside a gap the first one after it. @param {number} tick */
  toSample(tick) {
    const stretch = this.stretches.find((each) => tick < each.tick + each.count) ?? this.stretches.at(-1);
    return stretch ? stretch.sample + Math.max(0, Math.min(stretch.count - 1, tick - stretch.tick)) : 0;
  }

  /** The recorded parts of a window, cut to it. @param {number} start @param {number} count @returns {Stretch[]} */
  within(start, count) {
    return this.stretches.flatMap((each) => {
      const from = Math.max(each.tick, start);
      const to = Math.min(each.tick + each.count, start + count);
      return to > from ? [{ tick: from, sample: each.sample + from - each.tick, count: to - from }] : [];
    });
  }

  /** The samples between the first and the last of a window. @param {number} start @param {number} count */
  samplesWithin(start, count) {
    const parts = this.within(start, count);
    if (!parts.length) return { first: this.toSample(start), count: 0 };
    const last = parts[parts.length - 1];
    return { first: parts[0].sample, count: last.sample + last.count - parts[0].sample };
  }

  /** The gaps that touch a window: from tick to tick. @param {number} start @param {number} count */
  gapsWithin(start, count) {
    return this.stretches.slice(1).flatMap((each, index) => {
      const before = this.stretches[index];
      const [from, to] = [before.tick + before.count, each.tick];
      return from < start + count && to > start ? [{ from, to, missingS: (to - from) / this.rate }] : [];
    });
  }

  /** Seconds of the recording's clock. @param {number} tick */
  seconds(tick) {
    return this.startS + tick / this.rate;
  }

  /** The tick nearest to a time of the recording's clock. @param {number} seconds */
  fromSeconds(seconds) {
    return Math.round((seconds - this.startS) * this.rate);
  }
}

/** @returns {Stretch[]} */
function stretchesOf({ sample_count: total, gaps = [] }, rate) {
  const inside = gaps.filter((gap) => gap.sample > 0 && gap.sample < total).sort((a, b) => a.sample - b.sample);
  const edges = [0, ...inside.map((gap) => gap.sample), total];
  let missing = 0;
  return edges.slice(0, -1).flatMap((sample, index) => {
    if (index > 0) missing += Math.max(0, Math.round(inside[index - 1].missing_s * rate));
    const count = edges[index + 1] - sample;
    return count > 0 ? [{ tick: sample + missing, sample, count }] : [];
  });
}
