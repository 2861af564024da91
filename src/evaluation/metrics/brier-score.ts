import type { Matrix } from "../../linalg/matrix.js";
import { type WeightedMetric, weightedMean } from "./weighted-metric.js";

/**
 * Mean squared distance of the probabilities from the truth (1 for the true class, 0 for others), summed over the
 * classes; halved for two, so that it lies in [0, 1] there, as usual and as in scikit-learn.
 * @param truth - n codes, each a column. @param probabilities - `[n, classes]`.
 * @see Brier 1950, "Verification of forecasts expressed in terms of probability".
 */
export function brierScore(truth: ArrayLike<number>, probabilities: Matrix): WeightedMetric {
  const { data, cols } = probabilities;
  const scale = cols === 2 ? 0.5 : 1;
  const distances = Float64Array.from(truth, (code, i) => {
    let sum = 0;
    for (let k = 0; k < cols; k++) sum += (data[i * cols + k]! - Number(k === code)) ** 2;
    return scale * sum;
  });
  return weightedMean(distances);
}
