// Traces written as pixels: vertical runs into the words of one image. Nothing here knows of canvas or page.

/**
 * @typedef {{words: Uint32Array, width: number, height: number}} Raster a word is a pixel, 0xAABBGGRR
 * @typedef {{from: number, to: number}} Columns of pixels, `to` not included
 * @typedef {{top: Float32Array, bottom: Float32Array}} Ends of each row's last run, NaN where the next one begins anew
 */

/** The colour #rrggbb without its opacity. @param {string} hex */
export function ink(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return (blue << 16) | (green << 8) | red;
}

/** @param {number} rows @returns {Ends} */
export function freshEnds(rows) {
  return { top: new Float32Array(rows).fill(NaN), bottom: new Float32Array(rows).fill(NaN) };
}

/**
 * For each pixel of `columns` the frame's columns whose middle it holds, or the one it lies in.
 * @param {Columns} columns
 * @param {{x: number, sample: number, perPixel: number}} axis the left edge of pixel x is at `sample`
 * @param {{first: number, perColumn: number, columns: number}} frame
 */
export function spread(columns, axis, frame) {
  const size = Math.max(0, columns.to - columns.from);
  const [from, to] = [new Int32Array(size), new Int32Array(size)];
  const perColumn = axis.perPixel / frame.perColumn;
  const start = (axis.sample - frame.first) / frame.perColumn + (columns.from - axis.x) * perColumn;
  const last = frame.columns - 1;
  for (let index = 0; index < size; index += 1) {
    const left = start + index * perColumn;
    let low = Math.ceil(left - 0.5);
    let high = Math.ceil(left + perColumn - 0.5);
    if (high <= low) {
      low = Math.floor(left + perColumn / 2);
      high = low + 1;
    }
    from[index] = low < 0 ? 0 : low > last ? last : low;
    to[index] = high > last + 1 ? last + 1 : high <= from[index] ? from[index] + 1 : high;
  }
  return { from, to };
}

/**
 * One run, its ends as opaque as they cover their pixels.
 * @param {Uint32Array} words
 * @param {number} width
 * @param {number} x
 * @param {number} top
 * @param {number} bottom
 * @param {number} colour
 */
function run(words, width, x, top, bottom, colour) {
  const first = Math.floor(top);
  const last = Math.floor(bottom);
  let at = first * width + x;
  if (first === last) {
    const alpha = ((bottom - top) * 255) | 0;
    if (alpha >= words[at] >>> 24) words[at] = colour | (alpha << 24);
    return;
  }
  const upper = ((first + 1 - top) * 255) | 0;
  if (upper >= words[at] >>> 24) words[at] = colour | (upper << 24);
  const solid = colour | 0xff000000;
  const end = last * width + x;
  for (at += width; at < end; at += width) words[at] = solid;
  const lower = ((bottom - last) * 255) | 0;
  if (lower >= words[end] >>> 24) words[end] = colour | (lower << 24);
}

/**
 * One row from minima and maxima.
 * @param {Raster} raster
 * @param {Columns} columns
 * @param {{from: Int32Array, to: Int32Array}} map from `spread`
 * @param {{low: ArrayLike<number>, high: ArrayLike<number>, base: number}} data `base` is the index of the row's column 0
 * @param {{zero: number, slope: number}} scale y = zero - slope × raw
 * @param {{half: number, colour: number}} pen half its width
 * @param {Ends} ends
 * @param {number} row
 */
export function drawEnvelope(raster, columns, map, data, scale, pen, ends, row) {
  const { words, width, height } = raster;
  const { low, high, base } = data;
  const { zero, slope } = scale;
  const { half, colour } = pen;
  const { from, to } = map;
  const floor = height - 1e-3;
  const isFlipped = slope < 0;
  let before = ends.top[row];
  let beforeBottom = ends.bottom[row];
  for (let x = columns.from, index = 0; x < columns.to; x += 1, index += 1) {
    let at = base + from[index];
    const end = base + to[index];
    let least = low[at];
    let most = high[at];
    for (at += 1; at < end; at += 1) {
      if (low[at] < least) least = low[at];
      if (high[at] > most) most = high[at];
    }
    // of a column that nothing is known of the smallest is above the largest; false for NaN as well
    if (!(least <= most)) {
      before = beforeBottom = NaN;
      continue;
    }
    const own = zero - slope * (isFlipped ? least : most);
    const ownBottom = zero - slope * (isFlipped ? most : least);
    let top = own > beforeBottom ? beforeBottom : own;
    let bottom = ownBottom < before ? before : ownBottom;
    before = own;
    beforeBottom = ownBottom;
    top -= half;
    bottom += half;
    if (top < 0) top = 0;
    if (bottom > floor) bottom = floor;
    if (bottom > top) run(words, width, x, top, bottom, colour);
  }
  ends.top[row] = before;
  ends.bottom[row] = beforeBottom;
}

/**
 * For pixels narrower than a sample: the samples left of each pixel edge and how far the edge is to the next one.
 * A sample stands in the middle of its period.
 * @param {Columns} columns
 * @param {{x: number, sample: number, perPixel: number}} axis
 * @param {number} first the sample of value 0
 * @param {number} count of values
 */
export function edges(columns, axis, first, count) {
  const size = Math.max(0, columns.to - columns.from) + 1;
  const index = new Int32Array(size);
  const part = new Float32Array(size);
  for (let edge = 0; edge < size; edge += 1) {
    const place = axis.sample + (columns.from + edge - axis.x) * axis.perPixel - 0.5 - first;
    const whole = Math.floor(place);
    index[edge] = whole;
    part[edge] = place - whole;
    if (whole < 0 || whole >= count - 1) {
      // beyond the outermost samples there is no line
      const atEnd = whole === count - 1 && part[edge] < 1e-6;
      index[edge] = atEnd && count > 1 ? count - 2 : -1;
      part[edge] = 1;
    }
  }
  return { index, part };
}

/**
 * One row as line segments between samples.
 * @param {Raster} raster
 * @param {Columns} columns
 * @param {{index: Int32Array, part: Float32Array}} map from `edges`
 * @param {Float32Array} values
 * @param {{zero: number, slope: number}} scale
 * @param {{half: number, colour: number}} pen
 */
export function drawSegments(raster, columns, map, values, scale, pen) {
  const { words, width, height } = raster;
  const { zero, slope } = scale;
  const { index, part } = map;
  const floor = height - 1e-3;
  const isFlipped = slope < 0;
  for (let x = columns.from, edge = 0; x < columns.to; x += 1, edge += 1) {
    const [left, right] = [index[edge], index[edge + 1]];
    const known = left >= 0 ? left : right;
    if (known < 0) continue;
    const leftValue = left >= 0 ? values[left] + (values[left + 1] - values[left]) * part[edge] : values[right];
    const rightValue = right >= 0 ? values[right] + (values[right + 1] - values[right]) * part[edge + 1] : values[left + 1];
    let least = leftValue < rightValue ? leftValue : rightValue;
    let most = leftValue < rightValue ? rightValue : leftValue;
    // a sample between the two edges may be an extreme of its own
    for (let at = known + 1; at <= (right >= 0 ? right : known + 1); at += 1) {
      if (values[at] < least) least = values[at];
      if (values[at] > most) most = values[at];
    }
    let top = zero - slope * (isFlipped ? least : most) - pen.half;
    let bottom = zero - slope * (isFlipped ? most : least) + pen.half;
    if (top < 0) top = 0;
    if (bottom > floor) bottom = floor;
    if (bottom > top) run(words, width, x, top, bottom, pen.colour);
  }
}

/** 256 colours from `low` over `middle` to `high`. @param {string} low @param {string} middle @param {string} high */
export function heatColours(low, middle, high) {
  const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const [cold, calm, warm] = [low, middle, high].map(parts);
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const strength = Math.min(1, Math.abs(index - 127.5) / 127.5);
    const side = index < 128 ? cold : warm;
    const [red, green, blue] = calm.map((value, part) => Math.round(value + (side[part] - value) * strength));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

/**
 * One row as a band of colour: of the values of a pixel the one furthest from the row's middle.
 * @param {Raster} raster
 * @param {Columns} columns
 * @param {{from: Int32Array, to: Int32Array}} map
 * @param {{low: ArrayLike<number>, high: ArrayLike<number>, base: number}} data
 * @param {{middle: number, full: number}} scale raw values: the row's middle, and the distance of full colour
 * @param {Uint32Array} colours
 * @param {{top: number, bottom: number}} band of pixels
 */
export function drawBand(raster, columns, map, data, scale, colours, band) {
  const { words, width } = raster;
  const { low, high, base } = data;
  const line = band.top * width;
  const factor = 127.5 / scale.full;
  for (let x = columns.from, index = 0; x < columns.to; x += 1, index += 1) {
    let at = base + map.from[index];
    const end = base + map.to[index];
    let least = low[at];
    let most = high[at];
    for (at += 1; at < end; at += 1) {
      if (low[at] < least) least = low[at];
      if (high[at] > most) most = high[at];
    }
    const value = (most - scale.middle > scale.middle - least ? most : least) - scale.middle;
    if (!(least <= most)) continue;
    const shade = 127.5 + value * factor;
    words[line + x] = colours[shade < 0 ? 0 : shade > 255 ? 255 : shade | 0];
  }
  for (let y = band.top + 1; y < band.bottom; y += 1) {
    words.copyWithin(y * width + columns.from, line + columns.from, line + columns.to);
  }
}
