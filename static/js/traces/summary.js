// What the height of traces is chosen by: the middle of each channel and the width of its noise.

const LOOKED_AT = 96;
const TO_SIGMA = 1.4826;

/**
 * @typedef {{middle: Float64Array, spread: Float64Array}} Summary raw middles, and noise as a standard deviation in the frame's unit
 * @param {import("./frame.js").Frame} frame
 * @returns {Summary}
 */
export function summary(frame) {
  const { channelCount, columns, low, high, scale } = frame;
  const [middle, spread] = [new Float64Array(channelCount), new Float64Array(channelCount)];
  const step = Math.max(1, Math.floor(columns / LOOKED_AT));
  // a column of n normal values is about twice this many standard deviations high
  const reach = frame.kind === "envelope" ? 2 * expectedMaximum(frame.perColumn) : 0;
  const [middles, heights] = [[], []];
  for (let channel = 0; channel < channelCount; channel += 1) {
    middles.length = heights.length = 0;
    for (let column = step >> 1; column < columns; column += step) {
      const at = channel * columns + column;
      const value = (low[at] + high[at]) / 2;
      if (!(low[at] <= high[at])) continue;
      middles.push(value);
      heights.push(high[at] - low[at]);
    }
    middle[channel] = median(middles);
    const raw = reach ? median(heights) / reach : TO_SIGMA * median(middles.map((value) => Math.abs(value - middle[channel])));
    spread[channel] = Math.abs(raw * scale[channel]);
  }
  return { middle, spread };
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
