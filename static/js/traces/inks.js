// The colours of a trace viewer in the present theme, from the tokens.
import { token } from "../colours.js";
import { hex } from "../hex.js";
import { heatColours, ink } from "./pixels.js";

const GROUPS = 6;
const HEAT_STEPS = 33;

/**
 * @typedef {object} Inks
 * @property {import("./overlay.js").Colours} lines for canvas and SVG
 * @property {string[]} groups
 * @property {number[]} groupInks for pixels
 * @property {number} behind
 * @property {number} grid
 * @property {Uint32Array} heat
 * @property {string[]} heatScale
 */

/** @returns {Inks} */
export function inks() {
  const groups = Array.from({ length: GROUPS }, (_, index) => token(`trace-group-${index + 1}`));
  const heat = heatColours(token("heat-low"), token("heat-middle"), token("heat-high"));
  return {
    lines: {
      text: token("plot-text"),
      faint: token("sunken"),
      axis: token("plot-axis"),
      panel: token("panel"),
      accent: token("accent"),
      hatch: token("line"),
      note: token("warn"),
      bad: token("bad"),
    },
    groups,
    groupInks: groups.map(ink),
    behind: ink(token("trace-behind")),
    grid: ink(token("plot-grid")),
    heat,
    heatScale: Array.from({ length: HEAT_STEPS }, (_, index) => {
      const word = heat[Math.round((index * 255) / (HEAT_STEPS - 1))];
      return hex([word & 255, (word >> 8) & 255, (word >> 16) & 255]);
    }),
  };
}
