import { type BootstrapOptions, bootstrapIntervals } from "./bootstrap-intervals.js";
import { type McnemarTest, mcnemarTest } from "./mcnemar-test.js";

/** Two classifiers on the same rows. */
export interface PairedComparison {
  readonly bothRight: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly bothWrong: number;
  /** Accuracy of A less that of B, with its paired bootstrap interval. */
  readonly difference: { readonly value: number; readonly low: number; readonly high: number };
  readonly mcnemar: McnemarTest;
}

/**
 * Compares two classifiers by which rows each got right.
 * @param rightA - n flags, 1 where A is right. @param rightB - as many. At least one row.
 * @throws {HeadstartError} `interrupted` once the signal is aborted.
 */
export async function comparePredictions(
  rightA: ArrayLike<number>,
  rightB: ArrayLike<number>,
  options: BootstrapOptions = {},
): Promise<PairedComparison> {
  const rows = rightA.length;
  const gained = Int8Array.from(rightA, (right, i) => right - rightB[i]!);
  const onlyA = gained.reduce((n, sign) => n + Number(sign > 0), 0);
  const onlyB = gained.reduce((n, sign) => n + Number(sign < 0), 0);
  const bothRight = Array.from(rightA).reduce((n, right, i) => n + right * rightB[i]!, 0);
  const { difference } = await bootstrapIntervals(
    rows,
    (weights) => {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += weights[i]! * gained[i]!;
      return { difference: sum / rows };
    },
    options,
  );
  return {
    bothRight,
    onlyA,
    onlyB,
    bothWrong: rows - bothRight - onlyA - onlyB,
    difference: { value: (onlyA - onlyB) / rows, low: difference!.low, high: difference!.high },
    mcnemar: mcnemarTest(onlyA, onlyB),
  };
}
