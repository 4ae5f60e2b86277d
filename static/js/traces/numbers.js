// What is on screen as text: the numbers as CSV, the window as Python.
import { cover } from "./plan.js";

/** A value of a CSV file, quoted where it must be. @param {string} text */
export function quoted(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The window of one layer: a line for every sample, or for every column with its smallest and largest value.
 * @param {import("./model.js").Model} model
 * @param {import("./plan.js").Kept[]} kept
 * @returns {string}
 */
export function csvOf(model, kept) {
  const { start, count } = model.store.now;
  const rows = model.rows;
  const positions = model.channelPositions();
  const indices = rows.map((row) => positions.indexOf(row.position));
  const pieces = model.timeline.within(start, count).flatMap((part) => cover(kept, part.sample, part.sample + part.count, count / model.paneWidth));
  const isSamples = pieces.every((piece) => piece.kept.frame.kind === "lines");
  const unit = model.tracing.unit;
  const names = rows.flatMap(({ id }) => (isSamples ? [`${id} (${unit})`] : [`${id} minimum (${unit})`, `${id} maximum (${unit})`]));
  const lines = [["sample", ...(isSamples ? [] : ["samples"]), "time (s)", ...names].map(quoted).join(",")];
  for (const { kept: each, from, to } of pieces) {
    const { frame } = each;
    const first = Math.floor((from - frame.first) / frame.perColumn);
    for (let column = first; column < frame.columns; column += 1) {
      const sample = frame.first + column * frame.perColumn;
      if (sample >= to) break;
      const values = indices.flatMap((index) => valuesAt(frame, index, column, isSamples));
      const seconds = model.timeline.seconds(model.timeline.toTick(sample)).toFixed(6);
      lines.push([sample, ...(isSamples ? [] : [Math.min(frame.perColumn, frame.first + frame.count - sample)]), seconds, ...values].join(","));
    }
  }
  return `${lines.join("\n")}\n`;
}

function valuesAt(frame, index, column, isSamples) {
  const at = index * frame.columns + column;
  const text = (raw) => (Number.isFinite(raw) ? String(Number((raw * frame.scale[index] + frame.offset[index]).toPrecision(7))) : "");
  const isKnown = frame.low[at] <= frame.high[at];
  if (isSamples) return [text(frame.low[at])];
  return isKnown ? [text(frame.low[at]), text(frame.high[at])] : ["", ""];
}

/** A value as Python writes it. @param {any} value @returns {string} */
export function python(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${python(each)}`).join(", ")}}`;
  return JSON.stringify(value);
}

/**
 * The same window by SpikeInterface.
 * @param {import("./model.js").Model} model
 * @param {import("./state.js").Step[]} chain of what is on screen
 */
export function pythonOf(model, chain) {
  const { start, count, segment } = model.store.now;
  const { first, count: samples } = model.timeline.samplesWithin(start, count);
  const on = chain.filter((step) => step.on !== false);
  const steps = [...new Set(on.map((step) => step.step))];
  const ids = model.rows.map((row) => row.id);
  const isAll = ids.length === model.tracing.channels.length;
  const call = ({ step, params }) => `    recording = ${step}(${["recording", ...Object.entries(params).map(([name, value]) => `${name}=${python(value)}`)].join(", ")})`;
  return [
    "from labbox_local import Lab",
    ...(steps.length ? [`from spikeinterface.preprocessing import ${steps.join(", ")}`] : []),
    "",
    "with Lab(owner=False) as lab:",
    `    recording = lab.recordings.load(${model.tracing.recording.id})  # ${String(model.tracing.recording.name).replace(/\s+/g, " ")}`,
    ...on.map(call),
    "    traces = recording.get_traces(",
    `        segment_index=${segment}, start_frame=${first}, end_frame=${first + samples},`,
    ...(isAll ? [] : [`        channel_ids=${python(ids)},`]),
    `        return_in_uV=${model.tracing.unit === "µV" ? "True" : "False"},`,
    "    )  # (samples, channels)",
    "",
  ].join("\n");
}
