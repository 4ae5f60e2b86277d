// What is said under the traces: that something is not complete, and what can be done about it.
import { counted, made } from "./dom.js";

/**
 * @typedef {{text: string, isWarning?: boolean, action?: {title: string, act: () => void, on?: string}}} Remark
 */

const percent = (part) => `${Math.min(99, Math.floor(part * 100))} %`;

/**
 * @param {import("./viewer.js").Viewer} viewer
 * @returns {Remark[]}
 */
export function remarksOf(viewer) {
  const { model, spikes, templates, store } = viewer;
  const frames = onScreen(model);
  const remarks = [];
  const partly = frames.find(({ kept }) => kept.frame.coverage < 1);
  if (partly) remarks.push(coverage(viewer, partly));
  const invalid = frames.reduce((most, { kept }) => Math.max(most, kept.frame.invalid), 0);
  if (invalid) remarks.push({ text: `${counted(invalid)} ${invalid === 1 ? "sample is" : "samples are"} not a number or infinite, and not drawn`, isWarning: true });
  const message = frames.find(({ kept }) => kept.frame.message && kept.frame.coverage >= 1);
  if (message) remarks.push({ text: message.kept.frame.message });
  if (store.now.channels) remarks.push(chosen(viewer));
  if (spikes?.remark) remarks.push({ text: `${counted(spikes.remark.shown)} of ${counted(spikes.remark.total)} spikes` });
  if (spikes?.failure) remarks.push({ text: spikes.failure.message, isWarning: true });
  if (templates && (store.now.templates || store.now.residual) && !templates.exist) remarks.push({ text: templates.failure?.message ?? "This sorting has no templates.", isWarning: true });
  if (store.now.residual && !model.isResidual) remarks.push({ text: store.now.units.length ? "templates are subtracted in windows up to 2 s" : "choose units to subtract their templates" });
  return remarks;
}

/** @returns {Remark} */
function chosen({ store, model }) {
  const text = `${counted(store.now.channels.length)} of ${counted(model.tracing.channels.length)} channels chosen`;
  return { text, action: { title: "all", act: () => store.set({ channels: null, row: 0 }) } };
}

/** The kept frames of all layers that reach into the window. @param {import("./model.js").Model} model */
function onScreen(model) {
  const { start, count } = model.store.now;
  const { first, count: samples } = model.timeline.samplesWithin(start, count);
  const perPixel = count / model.paneWidth;
  return model.layers().flatMap((layer) =>
    model.kept(layer.key)
      .filter((kept) => kept.from < first + samples && kept.to > first && kept.asked <= perPixel * 1.05)
      .map((kept) => ({ layer, kept })),
  );
}

/** @returns {Remark} */
function coverage(viewer, { layer, kept }) {
  const { coverage: part, message } = kept.frame;
  const text = message || `pyramid ${percent(part)} built`;
  const job = viewer.builds.get(layer.query.chain) ?? kept.frame.job;
  if (job) return { text: `${text} (building)`, isWarning: true };
  return { text, isWarning: true, action: { title: "Build", on: layer.query.chain, act: () => viewer.buildPyramid(layer.query.chain) } };
}

/** @param {HTMLElement} place @param {Remark[]} remarks */
export function showRemarks(place, remarks) {
  const said = JSON.stringify(remarks.map((each) => [each.text, each.action?.title, each.action?.on]));
  if (place.dataset.said === said) return;
  place.dataset.said = said;
  place.replaceChildren(
    ...remarks.map(({ text, isWarning, action }) =>
      made("span", { class: isWarning ? "warn" : null }, text, action ? " " : null, action ? made("button", { type: "button", class: "quiet", onclick: action.act }, action.title) : null),
    ),
  );
}
