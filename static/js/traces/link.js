// Keeps a viewer and the selection of its page the same: units, electrodes, cursor, time. Other views know units and
// channels by their ids and times in seconds; a viewer knows positions and whole samples.
import { centred, inside, revealing } from "./moves.js";

/**
 * @param {import("./viewer.js").Viewer} viewer
 * @param {import("../selection.js").Selection} selection
 * @returns {() => void} which ends it
 */
export function link(viewer, selection) {
  const { store } = viewer;
  const source = viewer;
  const ends = [
    store.subscribe((names, by) => by !== selection && selection.set(outgoing(viewer, names), source)),
    selection.listen((names, by) => by !== source && store.set(incoming(viewer, selection.now, names), selection)),
  ];
  const present = ["units", "electrodes", "cursorS", "time"].filter((name) => filled(selection.now[name]));
  store.set(incoming(viewer, selection.now, present), selection);
  return () => ends.forEach((end) => end());
}

const filled = (value) => (Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined);

/** What the page hears of changes in the viewer. @param {import("./viewer.js").Viewer} viewer @param {Set<string>} names */
export function outgoing({ store, model, sorting }, names) {
  const { now } = store;
  const { timeline } = model;
  const changes = {};
  if (names.has("cursor") || names.has("segment")) {
    changes.cursorS = now.cursor === null ? null : timeline.seconds(now.cursor);
    changes.cursor = now.cursor === null ? null : { segment: now.segment, sample: timeline.toSample(now.cursor) };
  }
  if (names.has("start") || names.has("count") || names.has("segment")) {
    const { first, count } = timeline.samplesWithin(now.start, now.count);
    changes.time = { segment: now.segment, start_sample: first, sample_count: count };
  }
  if (names.has("units") && sorting) changes.units = now.units.map((position) => String(sorting.unit_ids[position]));
  if (names.has("channels")) changes.electrodes = now.channels === null ? [] : now.channels.map((position) => String(model.tracing.channels[position].id));
  if (names.has("gain")) changes.gain = now.gain;
  return changes;
}

/** What the viewer takes over from the page. @param {import("./viewer.js").Viewer} viewer @param {Record<string, any>} selected @param {string[]} names */
export function incoming({ store, model, sorting }, selected, names) {
  const { timeline, tracing } = model;
  const changes = {};
  if (names.includes("units") && sorting) {
    const ids = sorting.unit_ids.map(String);
    changes.units = selected.units.map((id) => ids.indexOf(String(id))).filter((position) => position >= 0);
  }
  if (names.includes("electrodes")) {
    const chosen = new Set(selected.electrodes.map(String));
    const positions = tracing.channels.filter((channel) => chosen.has(String(channel.id))).map((channel) => channel.position);
    Object.assign(changes, { channels: positions.length ? positions : null, row: 0 });
  }
  if (names.includes("cursor") && selected.cursor) Object.assign(changes, atCursor(model, selected.cursor.segment, (line) => line.toTick(selected.cursor.sample)));
  else if (names.includes("cursorS")) {
    if (selected.cursorS === null) changes.cursor = null;
    else Object.assign(changes, atCursor(model, store.now.segment, (line) => line.fromSeconds(selected.cursorS)));
  }
  if (names.includes("time") && selected.time && selected.time.segment === store.now.segment) {
    const start = timeline.toTick(selected.time.start_sample);
    Object.assign(changes, inside({ start, count: timeline.toTick(selected.time.start_sample + selected.time.sample_count - 1) + 1 - start }, timeline.length));
  }
  if (names.includes("gain") && selected.gain > 0) changes.gain = selected.gain;
  return changes;
}

/** The cursor, in view, also when that is in another segment. */
function atCursor(model, segment, tickIn) {
  const { now } = model.store;
  if (!model.tracing.segments[segment]) return {};
  const line = model.timelineOf(segment);
  const cursor = Math.max(0, Math.min(line.length - 1, tickIn(line)));
  if (segment === now.segment) return { cursor, ...revealing(now, cursor, line.length) };
  return { segment, cursor, interval: null, ...centred(now, cursor, line.length) };
}
