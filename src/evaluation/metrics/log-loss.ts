import type { Matrix } from "../../linalg/matrix.js";
import { type WeightedMetric, weightedMean } from "./weighted-metric.js";

/**
 * Mean negative logarithm (natural) of the true class's probability.
 * @param truth - n codes, each a column. @param probabilities - `[n, classes]`; kept off 0 and 1 by the machine
 *   epsilon of their dtype, as in scikit-learn.
 */
export function logLoss(truth: ArrayLike<number>, probabilities: Matrix): WeightedMetric {
  const { data, cols } = probabilities;
  const least = data instanceof Float32Array ? 2 ** -23 : Number.EPSILON;
  const losses = Float64Array.from(truth, (code, i) => {
    const probability = data[i * cols + code]!;
    return -Math.log(Math.min(1 - least, Math.max(least, probability)));
  });
  return weightedMean(losses);
}
