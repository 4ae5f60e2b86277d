// Round numbers for scale bars and ticks.

/** The largest of 1, 2, 5 × 10ⁿ that is not above `limit`. @param {number} limit */
export function roundBelow(limit) {
  if (!(limit > 0) || !Number.isFinite(limit)) return 0;
  const power = 10 ** Math.floor(Math.log10(limit));
  const factor = [5, 2, 1].find((each) => each * power <= limit * (1 + 1e-9)) ?? 1;
  return Number((factor * power).toPrecision(12));
}

/** Round values within [from, to], at most `count` of them. @param {number} from @param {number} to @param {number} count */
export function ticks(from, to, count) {
  const span = to - from;
  if (!(span > 0)) return [];
  const least = span / count;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= least * (1 - 1e-9)) ?? 10);
  const found = [];
  for (let index = Math.ceil(from / step - 1e-9); index * step <= to + step * 1e-9; index += 1) {
    found.push(Number((index * step).toPrecision(12)));
  }
  return found;
}

/** Seconds as 12.345 s, 5 ms or 200 µs. @param {number} seconds */
export function secondsText(seconds) {
  const size = Math.abs(seconds);
  if (size === 0 || size >= 1) return `${round(seconds)} s`;
  return size >= 1e-3 ? `${round(seconds * 1e3)} ms` : `${round(seconds * 1e6)} µs`;
}

const round = (value) => String(Number(value.toPrecision(6)));

/** The middle value. @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (!sorted.length) return NaN;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
