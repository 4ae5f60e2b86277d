// One colour per unit, the same in every view.
import { hex } from "../hex.js";

// The colours that the program gives units in every view: these first, then hues by the golden angle.
const FIRST = ["#0072b2", "#d55e00", "#009e73", "#c56f9f", "#2a9bd6", "#c58600", "#9c9000", "#7d848d"];
const [LIGHTNESS, CHROMA, FIRST_HUE] = [0.64, 0.125, 0.35];
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const TO_LMS = [[0.3963377774, 0.2158037573], [-0.1055613458, -0.0638541728], [-0.0894841775, -1.291485548]];
const TO_RGB = [[4.0767416621, -3.3077115913, 0.2309699292], [-1.2684380046, 2.6097574011, -0.3413193965], [-0.0041960863, -0.7034186147, 1.707614701]];

/** The colour of the unit at a position in its sorting, as in every other view. @param {number} position */
export function unitColour(position) {
  return FIRST[position] ?? oklch(LIGHTNESS, CHROMA, FIRST_HUE + (position - FIRST.length) * GOLDEN_ANGLE);
}

/** An OKLCH colour as #rrggbb, with as much of its chroma as sRGB has. @param {number} lightness @param {number} chroma @param {number} hue in radians */
function oklch(lightness, chroma, hue) {
  for (let strength = chroma; ; strength *= 0.97) {
    const [a, b] = [strength * Math.cos(hue), strength * Math.sin(hue)];
    const cones = TO_LMS.map(([byA, byB]) => (lightness + byA * a + byB * b) ** 3);
    const rgb = TO_RGB.map((row) => row.reduce((sum, weight, index) => sum + weight * cones[index], 0));
    if (strength < 1e-3 || rgb.every((part) => part >= -1e-4 && part <= 1 + 1e-4)) return hex(rgb.map((part) => Math.round(255 * encoded(part))));
  }
}

function encoded(linear) {
  const part = Math.min(1, Math.max(0, linear));
  return part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055;
}
