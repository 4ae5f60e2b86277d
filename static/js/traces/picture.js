// The two canvases of a trace viewer: pixels of traces below, labels and marks above, both sharp at any pixel density.
import { drawOverlay } from "./overlay.js";
import { paint } from "./paint.js";

export class Picture {
  /** @param {HTMLCanvasElement} below @param {HTMLCanvasElement} above */
  constructor(below, above) {
    Object.assign(this, { below, above });
    this.pen = below.getContext("2d");
    this.abovePen = above.getContext("2d");
    /** @type {ImageData | null} */
    this.image = null;
    this.ratio = 1;
  }

  /** Fit the canvases to the plot. @param {import("./overlay.js").Box} box @param {number} ratio device pixels per CSS pixel */
  fit(box, ratio) {
    const width = Math.max(1, Math.round((box.width - box.left) * ratio));
    const height = Math.max(1, Math.round((box.bottom - box.top) * ratio));
    this.ratio = ratio;
    if (this.image?.width !== width || this.image?.height !== height) {
      size(this.below, width, height, ratio);
      this.image = this.pen.createImageData(width, height);
      this.raster = { words: new Uint32Array(this.image.data.buffer), width, height };
    }
    Object.assign(this.below.style, { left: `${box.left}px`, top: `${box.top}px` });
    const [wide, tall] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (this.above.width !== wide || this.above.height !== tall) size(this.above, wide, tall, ratio);
  }

  /** @param {{scene: import("./paint.js").Scene, drawing: import("./overlay.js").Drawing}} built */
  draw({ scene, drawing }) {
    const holes = paint(this.raster, scene);
    this.pen.putImageData(this.image, 0, 0);
    const css = ({ from, to }) => ({ from: drawing.box.left + from / this.ratio, to: drawing.box.left + to / this.ratio });
    drawing.holes = holes.unbuilt.map((hole) => ({ ...css(hole), text: "" }));
    this.abovePen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.abovePen.clearRect(0, 0, drawing.box.width, drawing.box.height);
    drawOverlay(this.abovePen, drawing);
    return holes;
  }
}

function size(canvas, width, height, ratio) {
  Object.assign(canvas, { width, height });
  Object.assign(canvas.style, { width: `${width / ratio}px`, height: `${height / ratio}px` });
}
