// Which kept frames show a window, and what has to be asked for, the most urgent first.

export const COARSE = 4;
const TOLERANCE = 1.05;
const BLURRED = 8;
const WORTH_COARSE = 120_000;
const PART = 0.6;

/**
 * @typedef {object} Kept one answer and what was asked
 * @property {string} id
 * @property {string} key what it shows apart from the window: segment, channels, chain, residual
 * @property {number} from first sample
 * @property {number} to sample after the last
 * @property {number} asked samples per column that were asked for
 * @property {number} bytes
 * @property {boolean} [stale] shown until it is asked for again
 * @property {import("./frame.js").Frame} frame
 *
 * @typedef {object} View
 * @property {string} key
 * @property {number} from first sample on screen
 * @property {number} to
 * @property {number} total samples of the segment
 * @property {number} width columns of pixels for them
 * @property {number} channels
 * @property {1 | -1} [direction] of the last move
 * @property {boolean} [noCoarse]
 *
 * @typedef {{id: string, key: string, first: number, count: number, columns: number, stage: "coarse" | "full" | "ahead"}} Want
 * @typedef {{kept: Kept, from: number, to: number}} Piece
 */

/** Parts of [from, to) that none of the intervals covers. @param {number} from @param {number} to @param {{from: number, to: number}[]} covering */
export function uncovered(from, to, covering) {
  let open = to > from ? [{ from, to }] : [];
  for (const each of covering) {
    open = open.flatMap((gap) => {
      if (each.to <= gap.from || each.from >= gap.to) return [gap];
      const left = { from: gap.from, to: each.from };
      const right = { from: each.to, to: gap.to };
      return [left, right].filter((part) => part.to > part.from);
    });
  }
  return open;
}

const isExact = (kept) => kept.frame.kind === "lines";
const isFine = (kept, perPixel) => !kept.stale && (isExact(kept) || kept.asked <= perPixel * TOLERANCE);

/** How badly a frame suits a zoom; fine frames before coarse ones, and of each the nearest. */
function unfitness(kept, perPixel) {
  const ratio = kept.frame.perColumn / perPixel;
  return isFine(kept, perPixel) ? 1 / Math.max(ratio, 1e-9) / 1e6 : ratio;
}

/**
 * The pieces that together show [from, to) as well as the kept frames can.
 * @param {Kept[]} kept of the right key
 * @param {number} from
 * @param {number} to
 * @param {number} perPixel samples in a column of pixels
 * @returns {Piece[]}
 */
export function cover(kept, from, to, perPixel) {
  const best = [...kept].sort((a, b) => unfitness(a, perPixel) - unfitness(b, perPixel));
  let open = [{ from, to }];
  const pieces = [];
  for (const each of best) {
    const next = [];
    for (const gap of open) {
      const [low, high] = [Math.max(gap.from, each.from), Math.min(gap.to, each.to)];
      if (high <= low) next.push(gap);
      else {
        pieces.push({ kept: each, from: low, to: high });
        next.push(...uncovered(gap.from, gap.to, [{ from: low, to: high }]));
      }
    }
    open = next;
    if (!open.length) break;
  }
  return pieces.sort((a, b) => a.from - b.from);
}

/** @returns {Want} */
function want(view, first, end, stage, perPixel) {
  const count = end - first;
  const finest = Math.max(1, Math.ceil(count / perPixel - 1e-6));
  const columns = Math.max(1, Math.min(count, stage === "coarse" ? Math.ceil(finest / COARSE) : finest));
  return { id: `${view.key}|${first}+${count}/${columns}`, key: view.key, first, count, columns, stage };
}

/** What is missing on screen, widened so that small moves do not ask for slivers. */
function hullOf(missing, view) {
  const span = view.to - view.from;
  const [low, high] = [missing[0].from, missing[missing.length - 1].to];
  if (high - low > span * PART || (low > view.from && high < view.to)) return { from: view.from, to: view.to };
  const half = Math.ceil(span / 2);
  return low <= view.from ? { from: Math.max(0, high - half), to: high } : { from: low, to: Math.min(view.total, low + half) };
}

/**
 * What to ask for, in order: the window coarsely when it is large and nothing is there, the window, then beside it.
 * @param {View} view
 * @param {Kept[]} kept of the right key
 * @returns {Want[]}
 */
export function wanted(view, kept) {
  const span = view.to - view.from;
  if (span <= 0) return [];
  const perPixel = span / view.width;
  const fine = kept.filter((each) => isFine(each, perPixel));
  const missing = uncovered(view.from, view.to, fine);
  if (!missing.length) return ahead(view, fine, perPixel);
  const { from, to } = hullOf(missing, view);
  const full = want(view, from, to, "full", perPixel);
  const anything = kept.filter((each) => each.asked <= perPixel * BLURRED);
  const heavy = view.channels * full.columns * 2 > WORTH_COARSE && full.count >= full.columns * COARSE;
  const blank = uncovered(view.from, view.to, anything).length > 0;
  const first = heavy && blank && !view.noCoarse ? [want(view, from, to, "coarse", perPixel)] : [];
  return [...first, full, ...ahead(view, [...fine, { from, to }], perPixel)];
}

/** The windows beside this one, once less than half of one is there. */
function ahead(view, fine, perPixel) {
  const span = view.to - view.from;
  const right = () => {
    const [gap] = uncovered(view.to, Math.min(view.total, view.to + Math.ceil(span / 2)), fine);
    return gap ? [want(view, gap.from, Math.min(view.total, gap.from + span), "ahead", perPixel)] : [];
  };
  const left = () => {
    const gap = uncovered(Math.max(0, view.from - Math.ceil(span / 2)), view.from, fine).at(-1);
    return gap ? [want(view, Math.max(0, gap.to - span), gap.to, "ahead", perPixel)] : [];
  };
  return view.direction === -1 ? [...left(), ...right()] : [...right(), ...left()];
}

/**
 * Whether an answer that is under way is worth waiting for: it is wanted and nothing on screen waits behind what is
 * beside it, or it shows most of what is missing on screen.
 * @param {Want} under
 * @param {Want[]} wants
 */
export function isWorthIt(under, wants) {
  const same = wants.find((each) => each.id === under.id);
  if (same && (same.stage !== "ahead" || wants[0].stage === "ahead")) return true;
  return wants.some((each) => {
    if (each.key !== under.key || each.stage === "ahead") return false;
    const shared = Math.min(each.first + each.count, under.first + under.count) - Math.max(each.first, under.first);
    const [asked, coming] = [each.count / each.columns, under.count / under.columns];
    return shared >= each.count / 2 && coming <= asked * 1.5 && coming >= asked / 4;
  });
}
