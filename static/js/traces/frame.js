// The binary answers of the program: 'LBF1', the length of a JSON header, the header, then planes of numbers.

const MAGIC = 0x3146424c;
const FIXED_BYTES = 8;
const ALIGNMENT = 8;
const ARRAYS = { int16: Int16Array, uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array, float32: Float32Array };
const DAMAGED = "The program's answer is not a frame of traces; reload the page.";

/**
 * @typedef {Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array} Plane
 * @typedef {object} Frame
 * @property {"lines" | "envelope"} kind
 * @property {number} segment
 * @property {number} first the sample that column 0 begins with
 * @property {number} perColumn samples in a column, 1 for lines
 * @property {number} count samples covered
 * @property {number} columns
 * @property {number} channelCount
 * @property {Plane} low minima, or the samples, [channel][column]
 * @property {Plane} high maxima, or the samples as well
 * @property {number[]} scale physical = raw × scale + offset, for each channel
 * @property {number[]} offset
 * @property {string} unit
 * @property {number} coverage share of the pyramid that is built
 * @property {number[][] | null} built ranges of columns with data; null means all
 * @property {string} source
 * @property {number} invalid samples that are no numbers
 * @property {string} message
 * @property {number | null} job that builds the pyramid
 * @property {number} bytes
 */

/**
 * Header and the bytes behind it.
 * @param {ArrayBuffer} buffer
 * @returns {{header: Record<string, any>, start: number}}
 */
export function parseHeader(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < FIXED_BYTES || view.getUint32(0, true) !== MAGIC) throw new TypeError(DAMAGED);
  const length = view.getUint32(4, true);
  if (FIXED_BYTES + length > buffer.byteLength) throw new TypeError(DAMAGED);
  const text = new TextDecoder().decode(new Uint8Array(buffer, FIXED_BYTES, length));
  const start = Math.ceil((FIXED_BYTES + length) / ALIGNMENT) * ALIGNMENT;
  return { header: JSON.parse(text), start };
}

/** @param {ArrayBuffer} buffer @param {number} start @param {string} dtype @param {number} count @returns {Plane} */
function planeAt(buffer, start, dtype, count) {
  const Kind = ARRAYS[dtype];
  if (!Kind || start + count * Kind.BYTES_PER_ELEMENT > buffer.byteLength) throw new TypeError(DAMAGED);
  return new Kind(buffer, start, count);
}

/** Traces of a window. @param {ArrayBuffer} buffer @returns {Frame} */
export function parseFrame(buffer) {
  const { header, start } = parseHeader(buffer);
  const channelCount = header.channel_ids.length;
  const values = channelCount * header.columns;
  const low = planeAt(buffer, start, header.dtype, values);
  const isEnvelope = header.kind === "envelope";
  const high = isEnvelope ? planeAt(buffer, start + low.byteLength, header.dtype, values) : low;
  return {
    kind: isEnvelope ? "envelope" : "lines",
    segment: header.segment,
    first: header.first_sample,
    perColumn: header.samples_per_column,
    count: header.sample_count,
    columns: header.columns,
    channelCount,
    low,
    high,
    scale: header.scale,
    offset: header.offset,
    unit: header.unit ?? "a.u.",
    coverage: header.coverage ?? 1,
    built: header.built ?? null,
    source: header.source ?? "file",
    invalid: header.invalid ?? 0,
    message: header.message ?? "",
    job: header.job ?? null,
    bytes: buffer.byteLength,
  };
}

/**
 * Spikes of a window; `offsets` count from its first sample, `units` are positions in the sorting.
 * @typedef {{offsets: Int32Array, units: Uint32Array, total: number, shown: number, bytes: number}} Spikes
 * @param {ArrayBuffer} buffer
 * @returns {Spikes}
 */
export function parseSpikes(buffer) {
  const { header, start } = parseHeader(buffer);
  const shown = header.shown ?? 0;
  const offsets = /** @type {Int32Array} */ (planeAt(buffer, start, "int32", shown));
  const units = /** @type {Uint32Array} */ (planeAt(buffer, start + offsets.byteLength, "uint32", shown));
  return { offsets, units, total: header.total ?? shown, shown, bytes: buffer.byteLength };
}

/**
 * Templates of some units, [unit][sample][channel].
 * @typedef {{units: number[], sampleCount: number, channelCount: number, before: number, values: Float32Array, bytes: number}} Templates
 * @param {ArrayBuffer} buffer
 * @returns {Templates}
 */
export function parseTemplates(buffer) {
  const { header, start } = parseHeader(buffer);
  const { units, sample_count: sampleCount, channels: channelCount } = header;
  const values = /** @type {Float32Array} */ (planeAt(buffer, start, "float32", units.length * sampleCount * channelCount));
  return { units, sampleCount, channelCount, before: header.nbefore, values, bytes: buffer.byteLength };
}
