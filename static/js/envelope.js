// Envelopes of traces as data: where each channel is drawn, and samples in the shape of an envelope.
import { median } from "./scale.js";

/**
 * The offset of each channel (its middle) and the distance between channels in the data's unit: six times the
 * median spread, so that the noise of neighbours does not touch.
 * @param {{minimum: (number | null)[][], maximum: (number | null)[][]}} data
 */
export function spread(data) {
  const offsets = data.minimum.map((low, row) => median(middles(low, data.maximum[row])));
  const deviations = data.minimum.map((low, row) => {
    const off = middles(low, data.maximum[row]).map((value) => Math.abs(value - offsets[row]));
    const swing = low.map((value, at) => (data.maximum[row][at] - value) / 2).filter(Number.isFinite);
    return median(off) * 1.4826 + median(swing);
  });
  return { offsets, step: 6 * (median(deviations.filter((value) => value > 0)) || 1) };
}

function middles(low, high) {
  return low.map((value, at) => (value === null ? NaN : (value + high[at]) / 2)).filter(Number.isFinite);
}

/**
 * Sampled values, as a preview has them, in the shape of an envelope.
 * @param {{values: (number | null)[][], times_s: number[], channel_ids: any[], unit: string}} sampled
 */
export function envelopeOf({ values, times_s: times, channel_ids, unit }) {
  const count = times.length;
  const rate = count > 1 ? (count - 1) / (times[count - 1] - times[0]) : 1;
  return {
    start_sample: Math.round((times[0] ?? 0) * rate), sample_count: count, sampling_rate_hz: rate, unit, channel_ids,
    edges: Array.from({ length: count + 1 }, (_, at) => at), minimum: values, maximum: values,
  };
}
