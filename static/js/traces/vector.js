// The traces on screen as vector paths, from the same pieces as the pixels.
import { middlesOf } from "./paint.js";
import { cover } from "./plan.js";
import { short } from "./svg.js";

const LARGEST_GAP = 1e-6;

/**
 * One path for each row, in pixels of the raster.
 * @param {import("./paint.js").Scene} scene
 * @param {number} height of the raster
 * @returns {{d: string, colour: number}[]}
 */
export function tracePaths(scene, height) {
  return scene.panes.flatMap((pane) => {
    const perPixel = scene.count / (pane.to - pane.from);
    return pane.layers.flatMap((layer) => {
      const paths = scene.rows.map(() => "");
      for (const stretch of scene.timeline.within(scene.start, scene.count)) {
        const pieces = cover(layer.kept, stretch.sample, stretch.sample + stretch.count, perPixel);
        if (!pieces.length) continue;
        const middles = middlesOf(pieces, scene.rows);
        const xOf = (sample) => pane.from + (stretch.tick - scene.start + sample - stretch.sample) / perPixel;
        scene.rows.forEach((row, at) => (paths[at] += stretchPath(pieces, row, middles[row.at], xOf, height / scene.rowCount)));
      }
      return scene.rows.map((row, at) => ({ d: paths[at], colour: layer.colour ?? row.colour })).filter((path) => path.d);
    });
  });
}

/** From column to column, through the smallest and the largest value of each. */
function stretchPath(pieces, row, middle, xOf, rowHeight) {
  let d = "";
  let end = null;
  for (const { kept, from, to } of pieces) {
    const { frame } = kept;
    const slope = frame.scale[row.index] / row.unitsPerPixel;
    const zero = (row.at + 0.5) * rowHeight + slope * middle;
    if (end === null || Math.abs(from - end) > LARGEST_GAP) d += "M";
    for (let column = Math.floor((from - frame.first) / frame.perColumn); column < frame.columns; column += 1) {
      const sample = frame.first + (column + 0.5) * frame.perColumn;
      if (sample < from) continue;
      if (sample >= to) break;
      const at = row.index * frame.columns + column;
      if (!(frame.low[at] <= frame.high[at])) {
        d = d.endsWith("M") ? d : `${d}M`;
        continue;
      }
      const [x, low, high] = [short(xOf(sample)), short(zero - slope * frame.low[at]), short(zero - slope * frame.high[at])];
      d += `${d.endsWith("M") ? "" : "L"}${x} ${low}`;
      if (low !== high) d += `L${x} ${high}`;
    }
    end = to;
  }
  return d.endsWith("M") ? d.slice(0, -1) : d;
}
