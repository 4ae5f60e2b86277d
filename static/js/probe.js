// A probe as a drawing: contacts in their places, to point at, to choose with mouse or keys, coloured by a number.
import { whenever } from "./mount.js";
import { selectionOf, toggled } from "./selection.js";

const SVG = "http://www.w3.org/2000/svg";
const LEAST_CONTACT_PX = 6;
const MARGIN_PX = 14;
const BEYOND_UM = 40;

/**
 * @typedef {{id: string, x_um: number, y_um: number, shank?: string, channel_index?: number}} Contact
 * @typedef {{contacts: Contact[], contour_um?: number[][][], shape?: string, radius_um?: number, width_um?: number, height_um?: number}} Probe
 */

/** Half the width of a contact in µm. @param {Probe} probe */
export function halfWidth(probe) {
  return probe.radius_um ?? (probe.width_um ?? 10) / 2;
}

/**
 * Scale and size of the drawing: as large as fits, but never with contacts too small to hit; then it is taller than
 * its place and scrolls. Depth grows upwards, as on the probe.
 * @param {Probe} probe
 * @param {number} width
 * @param {number} height
 */
export function layout(probe, width, height) {
  const half = halfWidth(probe);
  const outline = (probe.contour_um ?? []).flat();
  const [left, right] = extent(probe.contacts.map((each) => each.x_um), outline.map(([x]) => x), half);
  const [bottom, top] = extent(probe.contacts.map((each) => each.y_um), outline.map(([, y]) => y), half);
  const across = (width - 2 * MARGIN_PX) / Math.max(right - left, 1);
  const along = (height - 2 * MARGIN_PX) / Math.max(top - bottom, 1);
  const scale = Math.min(across, Math.max(along, LEAST_CONTACT_PX / (2 * half)));
  const shift = (width - (right - left) * scale) / 2;
  return {
    scale,
    half: half * scale,
    height: (top - bottom) * scale + 2 * MARGIN_PX,
    x: (um) => shift + (um - left) * scale,
    y: (um) => MARGIN_PX + (top - um) * scale,
  };
}

/**
 * From where to where a drawing goes along one axis: all contacts, and as much of the outline as is near them. A shank
 * may be ten times as long as the part that was recorded from.
 * @param {number[]} contacts
 * @param {number[]} outline
 * @param {number} half
 */
export function extent(contacts, outline, half) {
  const [low, high] = [least(contacts) - half, most(contacts) + half];
  const beyond = Math.max(BEYOND_UM, (high - low) / 3);
  return [
    Math.max(low - beyond, Math.min(low, least(outline))),
    Math.min(high + beyond, Math.max(high, most(outline))),
  ];
}

/**
 * The contact next to one in the direction of an arrow key: the nearest inside a quarter circle, else the same.
 * @param {Contact[]} contacts
 * @param {number} from
 * @param {string} key
 */
export function neighbour(contacts, from, key) {
  const direction = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
  if (!direction) return from;
  let [best, bestDistance] = [from, Infinity];
  contacts.forEach((contact, index) => {
    const [dx, dy] = [contact.x_um - contacts[from].x_um, contact.y_um - contacts[from].y_um];
    const ahead = dx * direction[0] + dy * direction[1];
    const aside = Math.abs(dx * direction[1]) + Math.abs(dy * direction[0]);
    const distance = ahead + 2 * aside;
    if (index !== from && ahead > 0 && ahead >= aside / 2 && distance < bestDistance) [best, bestDistance] = [index, distance];
  });
  return best;
}

const least = (values) => values.reduce((low, value) => Math.min(low, value), Infinity);
const most = (values) => values.reduce((high, value) => Math.max(high, value), -Infinity);

function made(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  parent.append(element);
  return element;
}

function shapeOf(probe, contact, place) {
  const [x, y] = [place.x(contact.x_um), place.y(contact.y_um)];
  if (probe.shape === "circle" || probe.radius_um) return ["circle", { cx: x, cy: y, r: place.half }];
  const tall = ((probe.height_um ?? probe.width_um ?? 10) / 2) * place.scale;
  return ["rect", { x: x - place.half, y: y - tall, width: 2 * place.half, height: 2 * tall, rx: 1 }];
}

whenever("[data-probe]", (box) => {
  const data = JSON.parse(box.dataset.probe);
  const { probe } = data;
  const readout = box.parentElement.querySelector("[data-readout]");
  const selection = selectionOf(box);
  const channelOf = (contact) => data.channels[contact.channel_index] ?? null;
  let active = 0;

  const place = layout(probe, box.clientWidth, Number(box.dataset.height ?? 440));
  const drawing = made("svg", { class: "probe", viewBox: `0 0 ${box.clientWidth} ${place.height}`, height: place.height, tabindex: 0, role: "listbox", "aria-multiselectable": "true", "aria-label": "Probe; arrows move, space chooses, Escape clears" }, box);
  for (const outline of probe.contour_um ?? []) {
    made("polygon", { class: "body", points: outline.map(([x, y]) => `${place.x(x)},${place.y(y)}`).join(" ") }, drawing);
  }
  const marks = probe.contacts.map((contact, index) => {
    const [name, attributes] = shapeOf(probe, contact, place);
    const mark = made(name, { class: "contact", id: `contact-${index}`, role: "option", "aria-label": words(contact), ...attributes }, drawing);
    if (data.bad?.[contact.channel_index]) mark.classList.add("bad");
    mark.addEventListener("pointerenter", () => tell(contact));
    mark.addEventListener("click", (event) => choose(index, event.shiftKey));
    return mark;
  });
  drawing.addEventListener("pointerleave", summary);
  drawing.addEventListener("keydown", pressed);
  drawing.addEventListener("focus", () => point(active));
  drawing.addEventListener("blur", () => marks[active]?.classList.remove("active"));
  const forget = selection.listen((names) => names.includes("electrodes") && draw());
  draw();

  function words(contact) {
    const channel = channelOf(contact);
    const parts = [channel === null ? `contact ${contact.id}, not wired` : `channel ${channel}`];
    parts.push(`x ${contact.x_um} µm, y ${contact.y_um} µm`);
    if (contact.shank !== undefined && contact.shank !== "") parts.push(`shank ${contact.shank}`);
    const noise = data.noise?.[contact.channel_index];
    if (noise !== undefined) parts.push(`noise ${noise.toPrecision(3)} ${data.noise_unit}`);
    const bad = data.bad?.[contact.channel_index];
    if (bad) parts.push(bad);
    return parts.join(" · ");
  }

  function tell(contact) {
    if (readout) readout.textContent = words(contact);
  }

  function summary() {
    const chosen = selection.now.electrodes.length;
    if (readout) readout.textContent = chosen ? `${chosen} of ${data.channels.length} channels chosen` : "Click contacts to choose channels";
  }

  function choose(index, alone) {
    const channel = channelOf(probe.contacts[index]);
    if (channel === null) return;
    selection.set({ electrodes: alone ? [String(channel)] : toggled(selection.now.electrodes, String(channel)) }, box);
  }

  function point(index) {
    marks[active]?.classList.remove("active");
    active = index;
    marks[active].classList.add("active");
    drawing.setAttribute("aria-activedescendant", marks[active].id);
    marks[active].scrollIntoView({ block: "nearest" });
    tell(probe.contacts[active]);
  }

  function pressed(event) {
    if (event.key === " ") choose(active, event.shiftKey);
    else if (event.key === "Escape") selection.set({ electrodes: [] }, box);
    else if (event.key.startsWith("Arrow")) point(neighbour(probe.contacts, active, event.key));
    else return;
    event.preventDefault();
  }

  function draw() {
    marks.forEach((mark, index) => {
      const chosen = selection.now.electrodes.includes(String(channelOf(probe.contacts[index])));
      mark.classList.toggle("selected", chosen);
      mark.setAttribute("aria-selected", String(chosen));
    });
    summary();
  }

  return { destroy: () => (forget(), drawing.remove()) };
});
