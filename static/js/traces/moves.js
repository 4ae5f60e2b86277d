// Where a gesture leads: windows of whole samples that stay inside the recording.

export const SHIFT = 0.2;
export const FACTOR = 1.15;
export const LEAST_COUNT = 8;

/** @typedef {{start: number, count: number}} Span */

/** A window with its borders inside [0, length). @param {Span} span @param {number} length @returns {Span} */
export function inside({ start, count }, length) {
  const kept = Math.max(Math.min(LEAST_COUNT, length), Math.min(length, Math.round(count)));
  return { start: Math.max(0, Math.min(length - kept, Math.round(start))), count: kept };
}

/** Moved by a fraction of the span, at least one sample. @param {Span} span @param {number} fraction @param {number} length */
export function shifted(span, fraction, length) {
  const step = Math.sign(fraction) * Math.max(1, Math.round(Math.abs(fraction) * span.count));
  return inside({ start: span.start + step, count: span.count }, length);
}

/**
 * Wider (factor > 1) or narrower, such that `about` keeps its place on the screen.
 * @param {Span} span
 * @param {number} factor
 * @param {number} about
 * @param {number} length
 */
export function zoomed(span, factor, about, length) {
  let count = Math.round(span.count * factor);
  if (count === span.count) count += Math.sign(factor - 1);
  count = inside({ start: 0, count }, length).count;
  return inside({ start: about - ((about - span.start) * count) / span.count, count }, length);
}

/** The same span around a place. @param {Span} span @param {number} at @param {number} length */
export function centred(span, at, length) {
  return inside({ start: at - span.count / 2, count: span.count }, length);
}

/** Moved as little as needed to show `at` with some room around it. @param {Span} span @param {number} at @param {number} length */
export function revealing(span, at, length) {
  const room = span.count * 0.1;
  const { start, count } = span;
  return at >= start + room && at < start + count - room ? { start, count } : centred(span, at, length);
}

/** The cursor when it is inside the window, else its middle: what + and − zoom about. @param {Span} span @param {number | null} cursor */
export function anchor({ start, count }, cursor) {
  return cursor !== null && cursor >= start && cursor < start + count ? cursor : start + count / 2;
}
