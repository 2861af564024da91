import type { Matrix } from "../../linalg/matrix.js";
import type { WeightedMetric } from "./weighted-metric.js";

/**
 * Expected calibration error of the top label: how far confidence and accuracy lie apart, over bins of equal width,
 * weighted by their rows.
 * @param truth - n codes, each a column. @param probabilities - `[n, classes]`.
 * @param bins - bin b holds confidences in (b / bins, (b + 1) / bins]; default 15.
 * @returns in [0, 1].
 * @see Guo, Pleiss, Sun & Weinberger 2017, "On calibration of modern neural networks".
 */
export function calibrationError(truth: ArrayLike<number>, probabilities: Matrix, bins = 15): WeightedMetric {
  const { data, rows, cols } = probabilities;
  const bin = new Int32Array(rows);
  /** Confidence less 1 where the top label is right. */
  const excess = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let top = 0;
    for (let k = 1; k < cols; k++) if (data[i * cols + k]! > data[i * cols + top]!) top = k;
    const confidence = data[i * cols + top]!;
    bin[i] = Math.max(0, Math.min(bins - 1, Math.ceil(confidence * bins) - 1));
    excess[i] = confidence - Number(top === truth[i]);
  }
  return (weights) => {
    const sums = new Float64Array(bins);
    let total = 0;
    for (let i = 0; i < rows; i++) {
      const weight = weights === undefined ? 1 : weights[i]!;
      sums[bin[i]!]! += weight * excess[i]!;
      total += weight;
    }
    return sums.reduce((error, sum) => error + Math.abs(sum), 0) / total;
  };
}
