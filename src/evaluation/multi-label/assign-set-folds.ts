import type { LabelSets } from "../../heads/multi-label/label-sets.js";
import { groupFolds } from "../group-folds.js";
import { seedsOfRepeats } from "../repeated-folds.js";
import { labelSetFolds } from "./label-set-folds.js";

/**
 * The folds of a cross-validation of rows of several labels, one array a repeat: stratified by label, or with groups kept
 * whole.
 * @throws as `labelSetFolds`, `groupFolds` and `seedsOfRepeats` do.
 */
export function assignSetFolds(
  sets: LabelSets,
  {
    folds,
    seed,
    repeats = 1,
    groups,
  }: {
    readonly folds: number;
    readonly seed: number;
    readonly repeats?: number;
    /** One group a row. */
    readonly groups?: readonly (string | number)[] | Int32Array;
  },
): Int32Array[] {
  return seedsOfRepeats(repeats, seed).map((one) =>
    groups === undefined ? labelSetFolds(sets, folds, one) : groupFolds(groups, folds, one),
  );
}
