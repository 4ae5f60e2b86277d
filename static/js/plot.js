// Figures: Plotly is loaded when the first one is to be drawn, and only this module calls it.
import { token } from "./colours.js";
import { fitted, styled } from "./figure.js";

const CONFIG = {
  displaylogo: false,
  showSendToCloud: false, // "Share chart…" would send the data to a server elsewhere
  displayModeBar: false,
  scrollZoom: true,
  responsive: true,
  doubleClick: "reset",
};
let loading = null;

/** Plotly, once it is there. @returns {Promise<any>} */
function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.body.dataset.plotly;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("The drawing library could not be loaded."));
    document.head.append(script);
  });
  return loading;
}

function look() {
  return {
    panel: token("panel"), text: token("plot-text"), strong: token("text"), grid: token("plot-grid"),
    axis: token("plot-axis"), raised: token("raised"), accent: token("accent"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

/**
 * Draw a figure, or draw over the one that is there.
 * @param {HTMLElement} place
 * @param {{data: any[], layout: Record<string, any>}} figure
 */
export async function draw(place, figure) {
  const library = await plotly();
  if (!place.isConnected) return;
  // a figure of many panels says how tall it must be; its place then scrolls
  const before = place.style.height;
  place.style.height = figure.layout?.height ? `${figure.layout.height}px` : "";
  await library.react(place, figure.data, styled(fitted(figure.layout ?? {}, place.clientWidth), look()), CONFIG);
  if (place.style.height !== before) resize(place);
}

/** Give back what a drawing holds. @param {HTMLElement} place */
export function purge(place) {
  window.Plotly?.purge(place);
}

/** Fit the drawing to its place. @param {HTMLElement} place */
export function resize(place) {
  if (place.data && place.offsetParent) window.Plotly?.Plots.resize(place);
}

/**
 * Save the drawing as a file.
 * @param {HTMLElement} place
 * @param {"png" | "svg"} format
 * @param {string} filename
 */
export async function save(place, format, filename) {
  const library = await plotly();
  const { clientWidth: width, clientHeight: height } = place;
  await library.downloadImage(place, { format, filename, width, height, scale: format === "png" ? 3 : 1 });
}
