// The canvas of a trace viewer: pixels of traces, then labels and marks over them, sharp at any pixel density. One canvas
// and not two, since the screen takes longer to put layers together than we take to draw the labels.
import { drawOverlay } from "./overlay.js";
import { paint } from "./paint.js";

export class Picture {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    /** @type {ImageData | null} */
    this.image = null;
    this.ratio = 1;
  }

  /** Fit the canvas to the plot. @param {import("./overlay.js").Box} box @param {number} ratio device pixels per CSS pixel */
  fit(box, ratio) {
    const { canvas } = this;
    const [wide, tall] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (canvas.width !== wide || canvas.height !== tall) {
      Object.assign(canvas, { width: wide, height: tall });
      Object.assign(canvas.style, { width: `${wide / ratio}px`, height: `${tall / ratio}px` });
    }
    this.ratio = ratio;
    this.left = Math.round(box.left * ratio);
    this.top = Math.round(box.top * ratio);
    const width = Math.max(1, wide - this.left);
    const height = Math.max(1, Math.round(box.bottom * ratio) - this.top);
    if (this.image?.width === width && this.image.height === height) return;
    this.image = this.pen.createImageData(width, height);
    this.raster = { words: new Uint32Array(this.image.data.buffer), width, height };
  }

  /** @param {{scene: import("./paint.js").Scene, drawing: import("./overlay.js").Drawing}} built */
  draw({ scene, drawing }) {
    const { pen, ratio, left, top } = this;
    const holes = paint(this.raster, scene);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.putImageData(this.image, left, top);
    const css = ({ from, to }) => ({ from: (left + from) / ratio, to: (left + to) / ratio });
    drawing.holes = holes.unbuilt.map((hole) => ({ ...css(hole), text: "" }));
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawOverlay(pen, drawing);
    return holes;
  }

  /** The traces alone, as a picture. */
  traces() {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: this.image.width, height: this.image.height });
    canvas.getContext("2d").putImageData(this.image, 0, 0);
    return canvas;
  }
}
