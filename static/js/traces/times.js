// Times as a person writes them, and samples as the program counts them.

const SECONDS = { us: 1e-6, "µs": 1e-6, "μs": 1e-6, ms: 1e-3, s: 1, sec: 1, second: 1, seconds: 1, m: 60, min: 60, minute: 60, minutes: 60, h: 3600, hour: 3600, hours: 3600 };
const SAMPLES = new Set(["sample", "samples", "smp"]);
const NUMBER = String.raw`[+-]?(?:\d+(?:[ \u2009\u202f]\d{3})*|\d*)(?:[.,]\d*)?(?:e[+-]?\d+)?`;
const WITH_UNIT = new RegExp(`^(${NUMBER})\\s*([a-zµμ]*)$`, "iu");
const CLOCK = /^(?:(\d+):)?(\d+):(\d{1,2}(?:[.,]\d*)?)$/;
export const EXAMPLES = "12.345 s, 250 ms, 1.5 min, 0:01:12.5 or 370350 samples";

/** @typedef {{unit: "s" | "samples", value: number}} Amount */

/**
 * A time or a span as it was typed: a number alone means seconds.
 * @param {string} text
 * @returns {Amount | null} null when it is none
 */
export function parseAmount(text) {
  const clean = text.trim();
  const clock = CLOCK.exec(clean);
  if (clock) return fromClock(clock);
  const [, digits, unit] = WITH_UNIT.exec(clean) ?? [];
  if (digits === undefined || !/\d/.test(digits)) return null;
  const value = Number(digits.replace(/[ \u2009\u202f]/g, "").replace(",", "."));
  const name = unit.toLowerCase();
  if (SAMPLES.has(name)) return { unit: "samples", value };
  const factor = name === "" ? 1 : SECONDS[name];
  return factor === undefined || !Number.isFinite(value) ? null : { unit: "s", value: value * factor };
}

/** @param {RegExpExecArray} parts @returns {Amount | null} */
function fromClock([, hours = "0", minutes, seconds]) {
  const rest = Number(seconds.replace(",", "."));
  if (rest >= 60) return null;
  return { unit: "s", value: Number(hours) * 3600 + Number(minutes) * 60 + rest };
}

/**
 * A moment as a whole number of sample periods after the segment's start.
 * @param {string} text
 * @param {{rate: number, startS: number, length: number}} segment `length` in sample periods, gaps included
 * @param {(sample: number) => number} [toTick] where a sample stands, when gaps move it
 * @returns {{value: number} | {error: string}}
 */
export function parseMoment(text, { rate, startS, length }, toTick = (sample) => sample) {
  const amount = parseAmount(text);
  if (!amount) return { error: `“${text.trim()}” is not a time. Write it as ${EXAMPLES}.` };
  const value = amount.unit === "samples" ? toTick(Math.round(amount.value)) : Math.round((amount.value - startS) * rate);
  if (value < 0 || value >= length) {
    const [from, to] = [startS, startS + length / rate].map((seconds) => `${trimmed(seconds, 3)} s`);
    return { error: `“${text.trim()}” is outside this segment, which goes from ${from} to ${to}.` };
  }
  return { value };
}

/**
 * A span as a whole number of sample periods, at least one.
 * @param {string} text
 * @param {number} rate
 * @returns {{value: number} | {error: string}}
 */
export function parseSpan(text, rate) {
  const amount = parseAmount(text);
  if (!amount) return { error: `“${text.trim()}” is not a span of time. Write it as ${EXAMPLES}.` };
  const value = Math.round(amount.unit === "samples" ? amount.value : amount.value * rate);
  return value >= 1 ? { value } : { error: `A range must be longer than one sample; “${text.trim()}” is not.` };
}

/** How many decimals of a second tell `step` samples apart, three to six. @param {number} step @param {number} rate */
export function decimals(step, rate) {
  return Math.max(3, Math.min(6, Math.ceil(-Math.log10(Math.max(step, 1) / rate) - 1e-9)));
}

/** Seconds such as 12.345 s. @param {number} seconds @param {number} [digits] */
export function momentText(seconds, digits = 3) {
  return `${seconds.toFixed(digits)} s`;
}

/** A span in the unit that suits it: 40 samples, 1.25 ms, 1 s, 2.5 min, 1.2 h. @param {number} samples @param {number} rate */
export function spanText(samples, rate) {
  const seconds = samples / rate;
  if (seconds < 1) return `${trimmed(seconds * 1e3, 3)} ms`;
  if (seconds < 120) return `${trimmed(seconds, 4)} s`;
  return seconds < 7200 ? `${trimmed(seconds / 60, 3)} min` : `${trimmed(seconds / 3600, 3)} h`;
}

/** A tick of the time axis: 0:12 or 1:02:03 beyond a minute, with as many decimals as `stepS` needs. @param {number} seconds @param {number} stepS */
export function axisText(seconds, stepS) {
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(stepS) - 1e-9)));
  if (Math.abs(seconds) < 60 || stepS < 0.1) return seconds.toFixed(digits);
  const sign = seconds < 0 ? "−" : "";
  const whole = Math.abs(Number(seconds.toFixed(digits)));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = (whole % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return sign + (hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`);
}

/** @param {number} value @param {number} digits */
function trimmed(value, digits) {
  return String(Number(value.toFixed(digits)));
}
