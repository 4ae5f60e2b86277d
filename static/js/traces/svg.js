// A drawing surface with the few methods of a canvas context that the overlay uses; what it draws becomes SVG.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const ANCHORS = { left: "start", right: "end", center: "middle" };
const BASELINES = { top: "text-before-edge", middle: "central", bottom: "text-after-edge" };

/** @param {string} text */
export function escaped(text) {
  return text.replace(/[&<>"]/g, (letter) => ESCAPES[letter]);
}

/** Two decimals at most. @param {number} value */
export function short(value) {
  return String(Math.round(value * 100) / 100);
}

export class SvgPen {
  /** @param {(text: string) => number} widthOf a text in the font */
  constructor(widthOf) {
    this.widthOf = widthOf;
    /** @type {string[]} */
    this.parts = [];
    this.path = "";
    this.groups = 0;
    this.clips = 0;
    Object.assign(this, { fillStyle: "", strokeStyle: "", lineWidth: 1, globalAlpha: 1, font: "", textAlign: "left", textBaseline: "top" });
  }

  beginPath() {
    this.path = "";
  }

  moveTo(x, y) {
    this.path += `M${short(x)} ${short(y)}`;
  }

  lineTo(x, y) {
    this.path += `L${short(x)} ${short(y)}`;
  }

  rect(x, y, width, height) {
    this.path += `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`;
  }

  stroke() {
    this.add(`<path d="${this.path}" fill="none" stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}"${this.opacity()}/>`);
  }

  fill() {
    this.add(`<path d="${this.path}Z" fill="${this.fillStyle}"${this.opacity()}/>`);
  }

  fillRect(x, y, width, height) {
    this.add(`<rect x="${short(x)}" y="${short(y)}" width="${short(Math.max(0, width))}" height="${short(Math.max(0, height))}" fill="${this.fillStyle}"${this.opacity()}/>`);
  }

  strokeText(text, x, y) {
    this.add(`<text ${this.place(x, y)} fill="none" stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}">${escaped(text)}</text>`);
  }

  fillText(text, x, y) {
    this.add(`<text ${this.place(x, y)} fill="${this.fillStyle}">${escaped(text)}</text>`);
  }

  measureText(text) {
    return { width: this.widthOf(text) };
  }

  /** What is clipped until `restore` is a group. */
  save() {
    this.groups = 0;
  }

  clip() {
    const id = `clip${(this.clips += 1)}`;
    this.add(`<clipPath id="${id}"><path d="${this.path}"/></clipPath><g clip-path="url(#${id})">`);
    this.groups += 1;
  }

  restore() {
    this.add("</g>".repeat(this.groups));
    this.groups = 0;
  }

  /** @param {string} part */
  add(part) {
    this.parts.push(part);
  }

  opacity() {
    return this.globalAlpha < 1 ? ` opacity="${short(this.globalAlpha)}"` : "";
  }

  place(x, y) {
    return `x="${short(x)}" y="${short(y)}" text-anchor="${ANCHORS[this.textAlign]}" dominant-baseline="${BASELINES[this.textBaseline]}"`;
  }
}
