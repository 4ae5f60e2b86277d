// The colours of tokens.css for canvas and Plotly, which know neither custom properties nor OKLCH.
import { hex } from "./hex.js";

const known = new Map();
const context = () => (context.made ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true }));

document.addEventListener("lab:theme", () => known.clear());

/**
 * A token as #rrggbb in the present theme.
 * @param {string} name without the two dashes
 */
export function token(name) {
  if (!known.has(name)) known.set(name, resolved(`var(--${name})`));
  return known.get(name);
}

/** Any CSS colour, var() and light-dark() included, as #rrggbb. @param {string} colour */
function resolved(colour) {
  const probe = document.createElement("span");
  probe.style.color = colour;
  document.body.append(probe);
  const draw = context();
  draw.fillStyle = getComputedStyle(probe).color;
  probe.remove();
  draw.clearRect(0, 0, 1, 1);
  draw.fillRect(0, 0, 1, 1);
  return hex(draw.getImageData(0, 0, 1, 1).data);
}
