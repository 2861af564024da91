import type { LabelCounts } from "./label-counts.js";

/**
 * Matthews' correlation of truth and prediction, for any number of classes.
 * @returns in [-1, 1]; 0 where either side has one class only, as in scikit-learn.
 * @see Gorodkin 2004, "Comparing two K-category assignments by a K-category correlation coefficient".
 */
export function matthewsCorrelation({ hits, actual, called }: LabelCounts): number {
  let n = 0;
  let right = 0;
  let shared = 0;
  let actualSquares = 0;
  let calledSquares = 0;
  for (let k = 0; k < actual.length; k++) {
    n += actual[k]!;
    right += hits[k]!;
    shared += actual[k]! * called[k]!;
    actualSquares += actual[k]! ** 2;
    calledSquares += called[k]! ** 2;
  }
  const spread = (n * n - calledSquares) * (n * n - actualSquares);
  return spread === 0 ? 0 : (right * n - shared) / Math.sqrt(spread);
}
