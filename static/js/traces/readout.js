// What the pointer is on: channel, time, value.
import { amount } from "./overlay.js";
import { paneAt, tickAt } from "./pointer.js";
import { rowAt } from "./rows.js";
import { counted } from "./dom.js";
import { decimals, momentText } from "./times.js";

/**
 * @param {import("./viewer.js").Viewer} viewer
 * @param {number} x
 * @param {number} y
 * @returns {string}
 */
export function readoutAt(viewer, x, y) {
  const { box, model, store } = viewer;
  if (x < box.left) return channelText(viewer, y);
  const tick = tickAt(store.now, paneAt(box.panes, x), x);
  const when = momentText(model.timeline.seconds(tick), decimals(store.now.count / 2000, model.rate));
  const row = rowAt(y - box.top, box.bottom - box.top, model.rows.length);
  const channel = model.rows[row];
  if (!channel) return when;
  const value = model.valueAt(tick, channel);
  return [String(channel.id), when, value ? valueText(value) : "…"].join(" · ");
}

/** @param {{low: number, high: number, perColumn: number, unit: string}} value */
export function valueText({ low, high, perColumn, unit }) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return "no number";
  if (perColumn === 1) return `${amount(low)} ${unit}`;
  return `${amount(low)} to ${amount(high)} ${unit} in ${counted(perColumn)} samples`;
}

function channelText({ box, model }, y) {
  const channel = model.rows[rowAt(y - box.top, box.bottom - box.top, model.rows.length)];
  if (!channel) return "";
  const parts = [String(channel.id)];
  if (Number.isFinite(channel.x_um) && Number.isFinite(channel.y_um)) parts.push(`x ${channel.x_um} µm, y ${channel.y_um} µm`);
  if (channel.shank !== null && channel.shank !== undefined && channel.shank !== "") parts.push(`shank ${channel.shank}`);
  if (Number.isFinite(channel.noise)) parts.push(`noise ${amount(channel.noise)} ${model.tracing.unit}`);
  if (channel.bad) parts.push(channel.bad);
  return parts.join(" · ");
}
