import { setImmediate } from "node:timers/promises";
import { throwIfInterrupted } from "../core/interrupted.js";
import type { OnProgress } from "../core/progress.js";
import type { Labels } from "../heads/classifier.js";
import { type Matrix, selectRows } from "../linalg/matrix.js";
import { groupFolds } from "./group-folds.js";
import { repeatedFolds, seedsOfRepeats } from "./repeated-folds.js";

/** What is fitted in each fold; everything it learns, scaling included, it learns from `X` alone. */
export type FitAndPredict = (X: Matrix, y: Labels, held: Matrix, from: HeldRows) => Promise<Int32Array>;

/** Where the rows of a fold come from. */
export interface HeldRows {
  /** Their numbers, in the order in which they are held. */
  readonly rows: readonly number[];
  readonly repeat: number;
}

export interface CrossValidation {
  /** Accuracy in each fold, the folds of one repeat after those of another. */
  readonly accuracies: readonly number[];
  /** Each row's class code in the first repeat, predicted by the model that never saw it. */
  readonly predicted: Int32Array;
  /** The same of every repeat, the first one included. */
  readonly predictions: readonly Int32Array[];
}

export interface CrossValidationOptions {
  /** At least 2. */
  readonly folds: number;
  readonly seed: number;
  /** How often everything is done, each time with other folds; default 1. */
  readonly repeats?: number;
  /** One group a row: rows of one group are never on both sides. */
  readonly groups?: readonly (string | number)[] | Int32Array;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * The folds of a cross-validation, one array a repeat: stratified, or with groups kept whole.
 * @throws as `repeatedFolds` and `groupFolds` do.
 */
export function assignFolds(
  y: Labels,
  { folds, seed, repeats = 1, groups }: Pick<CrossValidationOptions, "folds" | "seed" | "repeats" | "groups">,
): Int32Array[] {
  if (groups === undefined) return repeatedFolds(y, folds, repeats, seed);
  return seedsOfRepeats(repeats, seed).map((one) => groupFolds(groups, folds, one, y));
}

/**
 * Stratified k-fold cross-validation, repeated and with whole groups where that is asked for. Between folds the event
 * loop gets its turn, so that Ctrl-C is heard.
 * @param fitAndPredict - gets codes in the order of `y.classes`, and must answer in it.
 * @throws as `assignFolds` and `fitAndPredict` do.
 */
export async function crossValidate(
  fitAndPredict: FitAndPredict,
  X: Matrix,
  y: Labels,
  options: CrossValidationOptions,
): Promise<CrossValidation> {
  const accuracies: number[] = [];
  const predictions: Int32Array[] = [];
  const assignments = assignFolds(y, options);
  const total = assignments.length * options.folds;
  for (const [repeat, assigned] of assignments.entries()) {
    const predicted = new Int32Array(X.rows);
    for (let fold = 0; fold < options.folds; fold++) {
      await setImmediate();
      throwIfInterrupted(options.signal);
      accuracies.push(await predictFold(fitAndPredict, X, y, { assigned, fold, repeat }, predicted));
      options.onProgress?.({ stage: "cross-validate", done: accuracies.length, total, unit: "folds" });
    }
    predictions.push(predicted);
  }
  return { accuracies, predicted: predictions[0]!, predictions };
}

/** Predicts the rows of one fold from the others, into `predicted`; returns their accuracy. */
async function predictFold(
  fitAndPredict: FitAndPredict,
  X: Matrix,
  y: Labels,
  { assigned, fold, repeat }: { assigned: Int32Array; fold: number; repeat: number },
  predicted: Int32Array,
): Promise<number> {
  const inside: number[] = [];
  const held: number[] = [];
  assigned.forEach((part, row) => {
    (part === fold ? held : inside).push(row);
  });
  const codes = Int32Array.from(inside, (row) => y.codes[row]!);
  const answers = await fitAndPredict(
    selectRows(X, inside),
    { codes, classes: y.classes },
    selectRows(X, held),
    { rows: held, repeat },
  );
  let hits = 0;
  held.forEach((row, i) => {
    predicted[row] = answers[i]!;
    if (answers[i] === y.codes[row]) hits++;
  });
  return hits / held.length;
}
