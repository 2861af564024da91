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
  readonly perClass: readonly ClassFigures[];
}

/**
 * Accuracy with its 95 % Wilson interval, balanced accuracy, macro F1 and a table by class, as scikit-learn
 * defines them.
 * @param confusion - `confusion[i][j]`: rows of class i called class j.
 */
export function classificationReport(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
): ClassificationReport {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? Number.NaN : sum(values) / values.length;
  const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  const hits = classes.map((_, k) => confusion[k]![k]!);
  const actual = classes.map((_, k) => sum(confusion[k]!));
  const called = classes.map((_, k) => sum(confusion.map((row) => row[k]!)));
  const perClass = classes.map((name, k) => ({
    name,
    precision: ratio(hits[k]!, called[k]!),
    recall: ratio(hits[k]!, actual[k]!),
    f1: ratio(2 * hits[k]!, actual[k]! + called[k]!),
    rows: actual[k]!,
  }));
  return {
    accuracy: wilsonInterval(sum(hits), sum(actual)),
    balancedAccuracy: mean(perClass.filter((figures) => figures.rows > 0).map((figures) => figures.recall)),
    macroF1: mean(perClass.filter((_, k) => actual[k]! + called[k]! > 0).map((figures) => figures.f1)),
    perClass,
  };
}
