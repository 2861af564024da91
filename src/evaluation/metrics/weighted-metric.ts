/**
 * A figure of fixed rows, as a function of how often each row counts: what is costly, such as sorting, was done
 * beforehand, so that a thousand resamples are cheap.
 * @param weights - one a row, not negative; omitted: every row once.
 * @returns NaN where the figure is not defined, as a ROC-AUC of one class.
 */
export type WeightedMetric = (weights?: ArrayLike<number>) => number;

/** The weighted mean of one value a row. @param values - `[n]`. */
export function weightedMean(values: Float64Array): WeightedMetric {
  return (weights) => {
    let sum = 0;
    let total = 0;
    for (let i = 0; i < values.length; i++) {
      const weight = weights === undefined ? 1 : weights[i]!;
      sum += weight * values[i]!;
      total += weight;
    }
    return sum / total;
  };
}
