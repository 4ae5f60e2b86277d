// What the height of traces is chosen by: the middle of each channel and the width of its noise.

const LOOKED_AT = 96;
const TO_SIGMA = 1.4826;
// Slow waves may be this many times larger than the noise before the traces are drawn smaller for them.
const SLOW_SHARE = 6;

/**
 * @typedef {{middle: Float64Array, spread: Float64Array}} Summary raw middles, and noise as a standard deviation in the frame's unit
 * @param {import("./frame.js").Frame} frame
 * @returns {Summary}
 */
export function summary(frame) {
  const { channelCount, columns, scale } = frame;
  const [middle, spread] = [new Float64Array(channelCount), new Float64Array(channelCount)];
  const step = Math.max(1, Math.floor(columns / LOOKED_AT));
  for (let channel = 0; channel < channelCount; channel += 1) {
    const { middles, noises } = sampled(frame, channel * columns, step);
    middle[channel] = median(middles);
    const slow = TO_SIGMA * median(middles.map((value) => Math.abs(value - middle[channel])));
    spread[channel] = Math.abs(Math.max(noiseOf(frame, noises), slow / SLOW_SHARE) * scale[channel]);
  }
  return { middle, spread };
}

/** Middles of some columns, and what tells the noise: their heights, or the steps to the next sample. */
function sampled({ kind, columns, low, high }, base, step) {
  const [middles, noises] = [[], []];
  for (let column = step >> 1; column < columns; column += step) {
    const at = base + column;
    if (!(low[at] <= high[at])) continue;
    middles.push((low[at] + high[at]) / 2);
    if (kind === "envelope") noises.push(high[at] - low[at]);
    else if (column + 1 < columns && Number.isFinite(low[at + 1])) noises.push(Math.abs(low[at + 1] - low[at]));
  }
  return { middles, noises };
}

function noiseOf({ kind, perColumn }, noises) {
  // a column of n normal values is about twice this many standard deviations high; a step has twice the variance
  return kind === "envelope" ? median(noises) / (2 * expectedMaximum(perColumn)) : (TO_SIGMA * median(noises)) / Math.SQRT2;
}

/** How many standard deviations the largest of `count` normal values is expected above their mean, roughly. @param {number} count */
export function expectedMaximum(count) {
  return count < 2 ? 0.56 : Math.max(0.56, Math.sqrt(2 * Math.log(count)) - 0.5);
}

/** The middle value, 0 of none; sorts what it is given. @param {number[]} values */
export function median(values) {
  if (!values.length) return 0;
  values.sort((a, b) => a - b);
  return values[values.length >> 1];
}

/** The noise that one height for all channels follows: the middle of those that have any. @param {ArrayLike<number>} spreads */
export function typical(spreads) {
  return median(Array.from(spreads).filter((value) => value > 0 && Number.isFinite(value))) || 1;
}
