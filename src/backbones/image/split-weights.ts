import type { ResampleWeights } from "./resample-weights.js";

/** Bits of a weight's lower part; the rest is the upper part, and either fits 16 bits. */
const LOW_BITS = 11;

/** Weights in pairs of taps, as assembly/resample.ts reads them. */
export interface SplitWeights {
  /** Pairs an output pixel. */
  readonly pairs: number;
  /** By output pixel and pair: upper parts of both taps, then lower parts of both. */
  readonly parts: Int16Array;
  /** First source pixel of all. */
  readonly low: number;
  /** One past the last source pixel of all. */
  readonly high: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly mostTaps: number;
}

/** @param multiple - pairs are filled up with zero weights to a multiple of this. */
export function splitWeights(
  { first, count, weights, taps }: ResampleWeights,
  multiple: 1 | 2,
): SplitWeights {
  let mostTaps = 1;
  let low = first[0]!;
  let high = 0;
  for (let i = 0; i < first.length; i++) {
    mostTaps = Math.max(mostTaps, count[i]!);
    low = Math.min(low, first[i]!);
    high = Math.max(high, first[i]! + count[i]!);
  }
  const pairs = Math.ceil(mostTaps / (2 * multiple)) * multiple;
  const parts = new Int16Array(first.length * pairs * 4);
  for (let i = 0; i < first.length; i++) {
    for (let k = 0; k < count[i]!; k++) {
      const weight = weights[i * taps + k]!;
      const at = (i * pairs + (k >> 1)) * 4 + (k & 1);
      parts[at] = weight >> LOW_BITS;
      parts[at + 2] = weight & ((1 << LOW_BITS) - 1);
    }
  }
  return { pairs, parts, low, high, first, count, mostTaps };
}
