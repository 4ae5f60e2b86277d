// The stretch of a recording that is looked at: moved, zoomed and cut to the recording's ends. Seconds throughout.

/** @typedef {{start: number, span: number}} Stretch */

/** A stretch inside [0, end]; at least `least` long. @param {Stretch} stretch @param {number} end @param {number} least */
export function within({ start, span }, end, least) {
  const long = Math.min(Math.max(span, least), end);
  return { start: Math.min(Math.max(start, 0), end - long), span: long };
}

/** Moved by a share of its span. @param {Stretch} stretch @param {number} share */
export function shifted({ start, span }, share) {
  return { start: start + span * share, span };
}

/** Zoomed by a factor while the second `about` stays where it is. @param {Stretch} stretch @param {number} factor @param {number} about */
export function zoomed({ start, span }, factor, about) {
  return { start: about - (about - start) / factor, span: span / factor };
}

/** Seconds out of a field, or null when it holds none. @param {string} text */
export function seconds(text) {
  const value = Number(text.trim().replace(",", ".").replace(/\s*s$/, ""));
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}
