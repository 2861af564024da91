import { gemm } from "../../linalg/gemm.js";
import type { Matrix } from "../../linalg/matrix.js";
import { quantizeColumns } from "./quantize-columns.js";
import { quantizeRows } from "./quantize-rows.js";

/** What a calibration saw of one tensor that linear layers read. */
export interface SeenInput {
  /** Largest absolute value of each channel, over all tokens. */
  readonly peaks: Float32Array;
  /** Some of its rows, one a token. */
  readonly sample: Matrix<Float32Array>;
}

/** How much of the difference between channels goes into the weights; 0.5 is the paper's. */
const STRENGTHS = [0.5, 0.6, 0.7];
/** A migration costs one more pass over the tensor, so it must take off at least this share of the error. */
const WORTHWHILE = 0.1;

/**
 * Chooses factors that move outliers of an input's channels into the weights that read it: the input is divided by
 * them, the weights are multiplied. Tried in several strengths on the sample; the one with the least error of the
 * products wins.
 * @param weights - of all layers that read it, `[k, n]` each.
 * @param limit - largest whole number of a weight.
 * @returns k factors, or null where none is worth its cost.
 * @see Xiao et al. 2023, "SmoothQuant".
 */
export async function chooseMigration(
  { peaks, sample }: SeenInput,
  weights: readonly Matrix<Float32Array>[],
  limit: number,
): Promise<Float32Array | null> {
  const exact: Matrix<Float32Array>[] = [];
  for (const W of weights) exact.push(await gemm(sample, W));
  const errorOf = async (factors: Float32Array | null): Promise<number> => {
    const X = roundedRows(sample, factors);
    let error = 0;
    for (const [i, W] of weights.entries())
      error += relativeError(await gemm(X, rounded(W, limit, factors)), exact[i]!);
    return error;
  };
  const plain = await errorOf(null);
  const most = weightPeaks(weights, peaks.length);
  let best: { factors: Float32Array | null; error: number } = {
    factors: null,
    error: plain * (1 - WORTHWHILE),
  };
  for (const strength of STRENGTHS) {
    const factors = migration(peaks, most, strength);
    const error = await errorOf(factors);
    if (error < best.error) best = { factors, error };
  }
  return best.factors;
}

/** Largest absolute weight that each channel meets. */
function weightPeaks(weights: readonly Matrix<Float32Array>[], channels: number): Float32Array {
  const peaks = new Float32Array(channels);
  for (const { data, cols } of weights) {
    for (let i = 0, at = 0; i < channels; i++) {
      for (let j = 0; j < cols; j++, at++) peaks[i] = Math.max(peaks[i]!, Math.abs(data[at]!));
    }
  }
  return peaks;
}

/** `peak(x)^strength / peak(w)^(1 - strength)`; a channel that is never used, on either side, stays as it is. */
function migration(peaks: Float32Array, most: Float32Array, strength: number): Float32Array {
  return peaks.map((peak, i) =>
    peak === 0 || most[i] === 0 ? 1 : Math.max(1e-5, peak ** strength / most[i]! ** (1 - strength)),
  );
}

/** What the rows become when each is rounded on a scale of its own, the factors still taken off. */
function roundedRows(
  { data, rows, cols }: Matrix<Float32Array>,
  factors: Float32Array | null,
): Matrix<Float32Array> {
  const made = Float32Array.from(data);
  if (factors !== null) {
    for (let i = 0, at = 0; i < rows; i++)
      for (let j = 0; j < cols; j++, at++) made[at] = made[at]! / factors[j]!;
  }
  const { codes, scales } = quantizeRows({ data: made, rows, cols });
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < cols; j++, at++) made[at] = codes[at]! * scales[i]!;
  return { data: made, rows, cols };
}

function rounded(W: Matrix<Float32Array>, limit: number, factors: Float32Array | null): Matrix<Float32Array> {
  const { codes, scales } = quantizeColumns(W, limit, factors);
  const data = new Float32Array(codes.length);
  for (let i = 0, at = 0; i < W.rows; i++) {
    for (let j = 0; j < W.cols; j++, at++) data[at] = codes[at]! * scales[j]!;
  }
  return { ...W, data };
}

/** Squared error over squared length, summed over the rows, so that a long row counts like any other. */
function relativeError(made: Matrix<Float32Array>, exact: Matrix<Float32Array>): number {
  let sum = 0;
  for (let i = 0; i < exact.rows; i++) {
    let error = 0;
    let length = 0;
    for (let at = i * exact.cols; at < (i + 1) * exact.cols; at++) {
      error += (made.data[at]! - exact.data[at]!) ** 2;
      length += exact.data[at]! ** 2;
    }
    sum += length === 0 ? 0 : error / length;
  }
  return sum;
}
