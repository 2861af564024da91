import type { ResampleFilter } from "./resample-filter.js";

/** Fractional bits of a weight. */
export const WEIGHT_BITS = 22;

/** For each output pixel of one axis: where its source pixels begin, how many they are, and their weights. */
export interface ResampleWeights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `taps` fixed-point weights an output pixel, of which `count` are used. */
  readonly weights: Int32Array;
  readonly taps: number;
}

/**
 * Pillow's fixed-point weights for resizing one axis from `source` to `target` pixels.
 * @param from - first output pixel wanted; the arrays start there.
 * @param to - one past the last output pixel wanted.
 */
export function resampleWeights(
  filter: ResampleFilter,
  source: number,
  target: number,
  from: number,
  to: number,
): ResampleWeights {
  const scale = source / target;
  const stretch = Math.max(1, scale);
  const support = filter.support * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to - from);
  const count = new Int32Array(to - from);
  const weights = new Int32Array((to - from) * taps);
  const exact = new Float64Array(taps);
  const inverse = 1 / stretch;
  for (let out = from; out < to; out++) {
    const center = (out + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(source, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let i = low; i < high; i++) {
      const weight = filter.weight((i - center + 0.5) * inverse);
      exact[i - low] = weight;
      sum += weight;
    }
    const normalizer = sum === 0 ? 1 : 1 / sum;
    const at = (out - from) * taps;
    for (let i = 0; i < high - low; i++) {
      const scaled = exact[i]! * normalizer * (1 << WEIGHT_BITS);
      weights[at + i] = Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
    first[out - from] = low;
    count[out - from] = high - low;
  }
  return { first, count, weights, taps };
}
