// Frames and answers for the tests of the trace viewer.

/** A seeded source of numbers in [0, 1). @param {number} seed */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The bytes of a frame. @param {Record<string, any>} header @param {ArrayBufferView[]} planes */
export function encoded(header, ...planes) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((8 + text.length) / 8) * 8;
  const size = planes.reduce((sum, plane) => sum + plane.byteLength, start);
  const bytes = new Uint8Array(size).fill(32);
  bytes.set([76, 66, 70, 49]);
  new DataView(bytes.buffer).setUint32(4, start - 8, true);
  bytes.set(text, 8);
  let at = start;
  for (const plane of planes) {
    bytes.set(new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength), at);
    at += plane.byteLength;
  }
  return bytes.buffer;
}

/**
 * A kept frame of samples [first, first + values[0].length × perColumn).
 * @param {{first?: number, perColumn?: number, low: number[][], high?: number[][], key?: string, asked?: number, built?: number[][] | null, scale?: number}} given
 */
export function keptOf({ first = 0, perColumn = 1, low, high, key = "k", asked = perColumn, built = null, scale = 1 }) {
  const columns = low[0].length;
  const plane = (rows) => Float32Array.from(rows.flat());
  const lows = plane(low);
  const frame = {
    kind: high ? "envelope" : "lines", segment: 0, first, perColumn, count: columns * perColumn, columns, channelCount: low.length,
    low: lows, high: high ? plane(high) : lows, scale: low.map(() => scale), offset: low.map(() => 0), unit: "µV",
    coverage: 1, built, source: "file", invalid: 0, message: "", job: null, bytes: lows.byteLength,
  };
  const summary = { middle: new Float64Array(low.length), spread: new Float64Array(low.length).fill(1) };
  return { id: `${key}|${first}|${perColumn}`, key, from: first, to: first + columns * perColumn, asked, bytes: frame.bytes, frame, summary };
}

/** An empty raster. @param {number} width @param {number} height */
export function rasterOf(width, height) {
  return { words: new Uint32Array(width * height), width, height };
}

/** The rows of a raster's column that are drawn. @param {{words: Uint32Array, width: number, height: number}} raster @param {number} x */
export function drawnIn({ words, width, height }, x) {
  return Array.from({ length: height }, (_, y) => y).filter((y) => words[y * width + x] >>> 24 > 0);
}
