import { pickThreshold, type ThresholdTarget } from "./pick-threshold.js";
import { rowsOfFold } from "./rows-of-fold.js";

/**
 * Which rows a threshold calls positive, for an honest figure: those of each fold by a threshold picked on the others.
 * @param values - n out-of-fold decision values, larger for the positive class. @param positive - 1 where the row is of
 *   it, else 0. @param assigned - the fold of each row.
 * @returns 1 where the row is called positive, else 0; none of a fold whose other folds hold no positive row.
 */
export function heldOutPositives(
  values: Float64Array,
  positive: Uint8Array,
  target: ThresholdTarget,
  assigned: Int32Array,
): Uint8Array {
  const called = new Uint8Array(values.length);
  for (const { inside, held } of rowsOfFold(assigned)) {
    const truth = Uint8Array.from(inside, (row) => positive[row]!);
    if (!truth.includes(1)) continue;
    const { value } = pickThreshold(
      Float64Array.from(inside, (row) => values[row]!),
      truth,
      target,
    );
    for (const row of held) called[row] = Number(values[row]! > value);
  }
  return called;
}
