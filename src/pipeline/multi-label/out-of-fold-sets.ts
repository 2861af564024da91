import { setImmediate } from "node:timers/promises";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { rowsOfFold } from "../../evaluation/calibration/rows-of-fold.js";
import { assignSetFolds } from "../../evaluation/multi-label/assign-set-folds.js";
import { type LabelSets, selectSets } from "../../heads/multi-label/label-sets.js";
import type { FittedMultiLabelHead } from "../../heads/multi-label/multi-label-head.js";
import { type Matrix, selectRows, zeros } from "../../linalg/matrix.js";
import type { RunControl } from "../types.js";

/** What heads say of rows that they were not trained on, in one repeat. */
export interface OutOfFoldSets {
  /** The fold of each row. */
  readonly assigned: Int32Array;
  /** `[n, labels]`. */
  readonly scores: Matrix<Float64Array>;
  /** `[n, labels]`; null where the heads have none. */
  readonly probabilities: Matrix<Float64Array> | null;
}

/** How rows are put into folds. */
export interface LabelSetFoldPlan {
  readonly folds: number;
  readonly repeats: number;
  readonly seed: number;
  /** One group a row, kept whole; null where rows stand alone. */
  readonly groups: Int32Array | null;
}

/**
 * Cross-validates a head of several labels: every row answered once a repeat by a head that never saw it.
 * @throws as `assignSetFolds` and `trainHead` do; {HeadstartError} `interrupted`.
 */
export async function outOfFoldSets(
  trainHead: (X: Matrix, sets: LabelSets) => Promise<FittedMultiLabelHead>,
  X: Matrix,
  sets: LabelSets,
  { folds, repeats, seed, groups }: LabelSetFoldPlan,
  { onProgress, signal }: Pick<RunControl, "onProgress" | "signal">,
): Promise<OutOfFoldSets[]> {
  const assignments = assignSetFolds(sets, { folds, seed, repeats, ...(groups && { groups }) });
  const total = repeats * folds;
  const width = sets.labels.length;
  const answers: OutOfFoldSets[] = [];
  let done = 0;
  for (const assigned of assignments) {
    const scores = zeros(X.rows, width);
    let probabilities: Matrix<Float64Array> | null = zeros(X.rows, width);
    for (const { inside, held } of rowsOfFold(assigned)) {
      await setImmediate();
      throwIfInterrupted(signal);
      const head = await trainHead(selectRows(X, inside), selectSets(sets, inside));
      const Q = selectRows(X, held);
      place(scores, head.scores(Q), held);
      if (head.probabilities === null) probabilities = null;
      else if (probabilities !== null) place(probabilities, head.probabilities(Q), held);
      onProgress?.({ stage: "cross-validate", done: ++done, total, unit: "folds" });
    }
    answers.push({ assigned, scores, probabilities });
  }
  return answers;
}

function place(all: Matrix<Float64Array>, part: Matrix<Float64Array>, rows: readonly number[]): void {
  rows.forEach((row, i) => {
    all.data.set(part.data.subarray(i * part.cols, (i + 1) * part.cols), row * all.cols);
  });
}
