import type { Matrix } from "../../linalg/matrix.js";

/** What a head's probabilities may be where its scores differ by rounding, `[n, classes]` each. */
export interface ProbabilityRange {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** Tells the range for two sets of scores that should be the same. */
export type RangeOfScores = (apart: Matrix, fused: Matrix) => Promise<ProbabilityRange>;

/** Rounding of a score beyond the difference that was found, relative to max(1, |score|). */
export const ROUNDING = 1e-6;
