// What is on screen as a file: PNG, SVG, CSV; or as Python to copy.
import { hex } from "../hex.js";
import { download } from "./dom.js";
import { csvOf, pythonOf } from "./numbers.js";
import { drawOverlay } from "./overlay.js";
import { escaped, SvgPen } from "./svg.js";
import { tracePaths } from "./vector.js";

const UNSAFE = /[\\/:*?"<>|]+/g;

/** @param {"png" | "svg" | "csv" | "python"} kind @param {import("./viewer.js").Viewer} viewer */
export function save(kind, viewer) {
  const { model } = viewer;
  const { signal, chain } = model.store.now;
  const name = `${String(model.tracing.recording.name).replace(UNSAFE, "_")} ${viewer.where().join(" to ")}.${kind}`;
  if (kind === "png") pngOf(viewer).then((blob) => download(blob, name));
  else if (kind === "svg") download(new Blob([svgOf(viewer)], { type: "image/svg+xml" }), name);
  else if (kind === "csv") download(new Blob([csvOf(model, model.kept(model.layers().at(-1).key))], { type: "text/csv" }), name);
  else {
    viewer.part("code").textContent = pythonOf(model, signal === "raw" ? [] : chain);
    viewer.part("python").showModal();
  }
}

/** The canvas on the panel's ground. @param {import("./viewer.js").Viewer} viewer @returns {Promise<Blob>} */
function pngOf({ picture, inks }) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: picture.canvas.width, height: picture.canvas.height });
  const pen = canvas.getContext("2d");
  pen.fillStyle = inks.lines.panel;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture.canvas, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** @param {import("./viewer.js").Viewer} viewer @returns {string} */
export function svgOf(viewer) {
  const { built, box, picture, inks, font, model } = viewer;
  const { scene, drawing } = built;
  const pen = new SvgPen((text) => ((picture.pen.font = `11px ${font}`), picture.pen.measureText(text).width));
  const [width, height] = [picture.raster.width, picture.raster.height];
  const scale = 1 / picture.ratio;
  const traces = scene.mode === "heat" ? `<image width="${width}" height="${height}" href="${picture.traces().toDataURL("image/png")}"/>` : lines(scene, height);
  drawOverlay(/** @type {any} */ (pen), drawing);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${box.width}" height="${box.height}" viewBox="0 0 ${box.width} ${box.height}" font-family="${escaped(font)}" font-size="11">`,
    `<title>${escaped(`${model.tracing.recording.name}, ${viewer.where().join(" to ")}`)}</title>`,
    `<rect width="100%" height="100%" fill="${inks.lines.panel}"/>`,
    `<clipPath id="plot"><rect width="${width}" height="${height}"/></clipPath>`,
    `<g clip-path="url(#plot)" transform="translate(${box.left} ${box.top}) scale(${scale})">${traces}</g>`,
    ...pen.parts,
    "</svg>",
  ].join("\n");
}

function lines(scene, height) {
  const colour = (word) => hex([word & 255, (word >> 8) & 255, (word >> 16) & 255]);
  return tracePaths(scene, height).map((path) => `<path d="${path.d}" fill="none" stroke="${colour(path.colour)}" stroke-width="${2 * scene.half}" stroke-linejoin="round"/>`).join("\n");
}
