// Mounts the trace viewers of a page when it arrives. This module is loaded by pages that have one.
import { mountAll, whenever } from "../mount.js";
import { made } from "./dom.js";
import { ask } from "./requests.js";
import { Viewer } from "./viewer.js";

const WINDOW = ["segment", "start_s", "range_s"];

/** What the page says, and on a page of its own what its address says. @param {HTMLElement} root */
function configOf(root) {
  const config = JSON.parse(root.dataset.tracer);
  if (!config.autofocus) return config;
  const query = new URLSearchParams(location.search);
  const given = WINDOW.filter((name) => query.has(name) && Number(query.get(name)) >= 0).map((name) => [name, Number(query.get(name))]);
  return { ...config, ...Object.fromEntries(given) };
}

/** @param {HTMLElement} root @param {AbortSignal} signal */
async function open(root, signal) {
  const config = configOf(root);
  const json = async (url) => (await ask(url, { signal })).json();
  const [tracing, sorting] = await Promise.all([
    json(`/recordings/${config.recording_id}/tracing`),
    config.sorting_id === null || config.sorting_id === undefined ? null : json(`/sortings/${config.sorting_id}/tracing`),
  ]);
  if (!tracing.segments.some((segment) => segment.sample_count > 0)) throw new Error("This recording has no samples.");
  return new Viewer(root, config, tracing, sorting && { id: config.sorting_id, ...sorting });
}

function explain(root, error) {
  const hint = error.hint ? made("p", { class: "muted" }, error.hint) : null;
  const note = made("div", { class: "note bad grow", role: "alert" }, made("div", {}, made("p", {}, error.message), hint));
  root.querySelector(".tracer-body").replaceChildren(note);
}

whenever("[data-tracer]", (root) => {
  const ending = new AbortController();
  open(root, ending.signal)
    .then((viewer) => {
      root.tracer = viewer;
      if (ending.signal.aborted) viewer.destroy();
    })
    .catch((error) => ending.signal.aborted || explain(root, error));
  return {
    destroy() {
      ending.abort();
      root.tracer?.destroy();
    },
  };
});

mountAll(document.body);
