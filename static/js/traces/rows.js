// Which channels stand where: their order, those on screen, and the height of one row.

/**
 * @typedef {object} Channel
 * @property {number} position in the recording
 * @property {string | number} id
 * @property {number | null} [x_um]
 * @property {number | null} [y_um]
 * @property {string | number | null} [group]
 * @property {string | number | null} [shank]
 * @property {number | null} [noise]
 * @property {string} [bad]
 */

/** Shank, else group: what channels are coloured and kept together by. @param {Channel} channel */
export function groupOf(channel) {
  const shank = channel.shank ?? "";
  return String(shank === "" ? (channel.group ?? "") : shank);
}

/** The groups in order of appearance. @param {Channel[]} channels */
export function groupsOf(channels) {
  return [...new Set(channels.map(groupOf))];
}

/**
 * Channels from top to bottom: by depth within each shank, the highest first, as on the probe; or as in the file.
 * @param {Channel[]} channels
 * @param {"depth" | "id"} order
 */
export function ordered(channels, order) {
  const sorted = [...channels].sort((a, b) => a.position - b.position);
  const placed = channels.some((each) => Number.isFinite(each.y_um));
  if (order !== "depth" || !placed) return sorted;
  const groups = groupsOf(sorted);
  const rank = new Map(groups.map((name, index) => [name, index]));
  const depth = (channel) => channel.y_um ?? -Infinity;
  return sorted.sort(
    (a, b) => rank.get(groupOf(a)) - rank.get(groupOf(b)) || depth(b) - depth(a) || (a.x_um ?? 0) - (b.x_um ?? 0) || a.position - b.position,
  );
}

/**
 * The channels on screen, from top to bottom.
 * @param {Channel[]} channels of the recording
 * @param {{channels: number[] | null, order: "depth" | "id", rows: number, row: number}} state
 */
export function visible(channels, state) {
  const chosen = state.channels && new Set(state.channels);
  const all = ordered(chosen ? channels.filter((each) => chosen.has(each.position)) : channels, state.order);
  if (!state.rows || state.rows >= all.length) return all;
  const first = Math.max(0, Math.min(all.length - state.rows, state.row));
  return all.slice(first, first + state.rows);
}

/** How many channels there are to page through. @param {Channel[]} channels @param {{channels: number[] | null}} state */
export function choosable(channels, state) {
  return state.channels ? state.channels.length : channels.length;
}

/** The row at a height, or -1. @param {number} y @param {number} height @param {number} rows */
export function rowAt(y, height, rows) {
  const row = Math.floor((y / height) * rows);
  return rows > 0 && row >= 0 && row < rows ? row : -1;
}

/** Every how many rows a label fits. @param {number} rowHeight @param {number} textHeight */
export function labelStep(rowHeight, textHeight) {
  const least = textHeight / rowHeight;
  return [1, 2, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100].find((step) => step >= least) ?? Math.ceil(least);
}
