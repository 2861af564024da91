import { setImmediate } from "node:timers/promises";
import { throwIfInterrupted } from "../core/interrupted.js";
import type { OnProgress } from "../core/progress.js";
import type { Labels } from "../heads/classifier.js";
import { type Matrix, selectRows } from "../linalg/matrix.js";
import { stratifiedFolds } from "./stratified-folds.js";

/** What is fitted in each fold; everything it learns, scaling included, it learns from `X` alone. */
export type FitAndPredict = (X: Matrix, y: Labels, held: Matrix) => Promise<Int32Array>;

export interface CrossValidation {
  /** Accuracy in each fold. */
  readonly accuracies: readonly number[];
  /** Each row's class code, predicted by the model that never saw it. */
  readonly predicted: Int32Array;
}

/**
 * Stratified k-fold cross-validation. Between folds the event loop gets its turn, so that Ctrl-C is heard.
 * @param fitAndPredict - gets codes in the order of `y.classes`, and must answer in it.
 * @throws as `stratifiedFolds` and `fitAndPredict` do.
 */
export async function crossValidate(
  fitAndPredict: FitAndPredict,
  X: Matrix,
  y: Labels,
  options: { folds: number; seed: number; onProgress?: OnProgress; signal?: AbortSignal },
): Promise<CrossValidation> {
  const assigned = stratifiedFolds(y, options.folds, options.seed);
  const predicted = new Int32Array(X.rows);
  const accuracies: number[] = [];
  for (let fold = 0; fold < options.folds; fold++) {
    await setImmediate();
    throwIfInterrupted(options.signal);
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
    );
    let hits = 0;
    held.forEach((row, i) => {
      predicted[row] = answers[i]!;
      if (answers[i] === y.codes[row]) hits++;
    });
    accuracies.push(hits / held.length);
    options.onProgress?.({ stage: "cross-validate", done: fold + 1, total: options.folds, unit: "folds" });
  }
  return { accuracies, predicted };
}
