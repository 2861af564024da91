import { HeadstartError, ShapeError } from "../core/errors.js";
import { studentTTwoSided } from "./student-t.js";

export interface CorrectedTTest {
  /** Mean of a - b. */
  readonly difference: number;
  /** 0 where all folds agree exactly; infinite where they differ by the same amount each. */
  readonly t: number;
  readonly degreesOfFreedom: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * The corrected resampled t-test: compares two recipes by their accuracies in the same folds, which overlap in what
 * they train on, so that the plain paired t-test would find differences where there are none.
 * @param a - accuracies, one a fold (of all repeats). @param b - of the other recipe in the same folds.
 * @param sizes - rows that a fold trains and tests on; in k-fold cross-validation (k - 1) to 1.
 * @throws {ShapeError} if the lengths differ. @throws {HeadstartError} `usage` for fewer than two folds or sizes that are not positive.
 * @see Nadeau & Bengio 2003, "Inference for the generalization error".
 */
export function correctedTTest(
  a: readonly number[],
  b: readonly number[],
  sizes: { readonly trainRows: number; readonly testRows: number },
): CorrectedTTest {
  if (a.length !== b.length) throw new ShapeError("b", [a.length], [b.length]);
  const folds = a.length;
  if (folds < 2) {
    throw new HeadstartError("usage", `The corrected t-test needs at least two folds; got ${folds}`, {
      facts: { folds },
      hint: "Cross-validate with --cv 5 or more, and --repeats.",
    });
  }
  const { trainRows, testRows } = sizes;
  if (!(trainRows > 0 && testRows > 0)) {
    throw new HeadstartError(
      "usage",
      `Folds of ${trainRows} training and ${testRows} test rows cannot be: both must be above 0`,
      { facts: sizes },
    );
  }
  const differences = a.map((value, fold) => value - b[fold]!);
  const difference = differences.reduce((sum, d) => sum + d, 0) / folds;
  const variance = differences.reduce((sum, d) => sum + (d - difference) ** 2, 0) / (folds - 1);
  const t = difference === 0 ? 0 : difference / Math.sqrt((1 / folds + testRows / trainRows) * variance);
  const degreesOfFreedom = folds - 1;
  return { difference, t, degreesOfFreedom, p: studentTTwoSided(t, degreesOfFreedom) };
}
