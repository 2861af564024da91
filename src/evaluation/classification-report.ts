import { balancedAccuracy } from "./metrics/balanced-accuracy.js";
import { f1Score } from "./metrics/f1-score.js";
import { labelCountsOf } from "./metrics/label-counts.js";
import { matthewsCorrelation } from "./metrics/matthews-correlation.js";
import { wilsonInterval } from "./wilson-interval.js";

/** Figures of one class, in [0, 1]; 0 where they would divide by nothing. */
export interface ClassFigures {
  readonly name: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows that truly are of this class. */
  readonly rows: number;
}

export interface ClassificationReport {
  readonly accuracy: { readonly value: number; readonly low: number; readonly high: number };
  /** Mean recall of the classes that occur. */
  readonly balancedAccuracy: number;
  /** Mean F1 of the classes that occur or were predicted. */
  readonly macroF1: number;
  /** F1 of all rows together: with one label a row, the accuracy. */
  readonly microF1: number;
  /** Mean F1 of the classes, weighted by their rows. */
  readonly weightedF1: number;
  /** Matthews' correlation, in [-1, 1]. */
  readonly mcc: number;
  readonly perClass: readonly ClassFigures[];
}

/**
 * Accuracy with its 95 % Wilson interval, balanced accuracy, F1, Matthews' correlation and a table by class, as scikit-learn
 * defines them.
 * @param confusion - `confusion[i][j]`: rows of class i called class j.
 */
export function classificationReport(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
): ClassificationReport {
  const counts = labelCountsOf(confusion);
  const { hits, actual, called } = counts;
  const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  const perClass = classes.map((name, k) => ({
    name,
    precision: ratio(hits[k]!, called[k]!),
    recall: ratio(hits[k]!, actual[k]!),
    f1: ratio(2 * hits[k]!, actual[k]! + called[k]!),
    rows: actual[k]!,
  }));
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return {
    accuracy: wilsonInterval(sum(hits), sum(actual)),
    balancedAccuracy: balancedAccuracy(counts),
    macroF1: f1Score(counts, "macro"),
    microF1: f1Score(counts, "micro"),
    weightedF1: f1Score(counts, "weighted"),
    mcc: matthewsCorrelation(counts),
    perClass,
  };
}
