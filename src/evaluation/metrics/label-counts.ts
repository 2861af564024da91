/** By class: rows called it rightly, rows that are of it, rows that were called it. */
export interface LabelCounts {
  readonly hits: Float64Array;
  readonly actual: Float64Array;
  readonly called: Float64Array;
}

/**
 * Counts what figures of labels need, without a whole confusion matrix.
 * @param truth - codes in [0, classes). @param predicted - as many codes, in the same range.
 * @param weights - how often each row counts; default once.
 */
export function labelCounts(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  weights?: ArrayLike<number>,
): LabelCounts {
  const hits = new Float64Array(classes);
  const actual = new Float64Array(classes);
  const called = new Float64Array(classes);
  for (let i = 0; i < truth.length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!;
    const is = truth[i]!;
    const answer = predicted[i]!;
    actual[is]! += weight;
    called[answer]! += weight;
    if (is === answer) hits[is]! += weight;
  }
  return { hits, actual, called };
}

/** The same of a confusion matrix. @param confusion - `confusion[i][j]`: rows of class i called class j. */
export function labelCountsOf(confusion: readonly (readonly number[])[]): LabelCounts {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    hits: Float64Array.from(confusion, (row, k) => row[k]!),
    actual: Float64Array.from(confusion, sum),
    called: Float64Array.from(confusion, (_, k) => sum(confusion.map((row) => row[k]!))),
  };
}
