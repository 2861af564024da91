import { setImmediate } from "node:timers/promises";
import { throwIfInterrupted } from "../core/interrupted.js";
import { argmaxRows } from "../heads/argmax.js";
import type { Labels } from "../heads/classifier.js";
import { type FittedHead, fitHead, type HeadRecipe } from "../heads/head.js";
import { softmaxRows } from "../heads/linear/softmax.js";
import { type Matrix, rowOf, selectRows, zeros } from "../linalg/matrix.js";
import { type FoldPlan, foldsOfRows } from "./search/folds-of-rows.js";
import type { SearchControl } from "./search/score-candidates.js";

/** Probabilities of rows by models that never saw them. */
export interface OutOfFoldProbabilities {
  /** `[n, classes]` float64, rows sum to 1. */
  readonly probabilities: Matrix<Float64Array>;
  /** `softmax`: of the scores, where the head has no probabilities of its own. */
  readonly source: "probabilities" | "softmax";
  /** Codes of the classes that those models choose. */
  readonly predicted: Int32Array;
  /** Folds in which the solver did not converge. */
  readonly unconverged: number;
}

/**
 * Cross-validates a head and keeps each row's probabilities.
 * @throws {HeadstartError} `interrupted` between two folds; as `assignFolds` and the fit do.
 */
export async function outOfFoldProbabilities(
  recipe: HeadRecipe,
  X: Matrix,
  y: Labels,
  {
    fit: fitOne = fitHead,
    onFit,
    signal,
    ...plan
  }: FoldPlan &
    SearchControl & {
      /** Default: `fitHead`. */
      readonly fit?: (recipe: HeadRecipe, X: Matrix, y: Labels) => Promise<FittedHead>;
    },
): Promise<OutOfFoldProbabilities> {
  const probabilities = zeros(X.rows, y.classes.length);
  const predicted = new Int32Array(X.rows);
  let source: OutOfFoldProbabilities["source"] = "probabilities";
  let unconverged = 0;
  for (const { inside, held } of foldsOfRows(y, plan)) {
    await setImmediate();
    throwIfInterrupted(signal);
    const codes = Int32Array.from(inside, (row) => y.codes[row]!);
    const head = await fitOne(recipe, selectRows(X, inside), { codes, classes: y.classes });
    if (head.classifier.convergence?.converged === false) unconverged++;
    const Q = selectRows(X, held);
    const scores = head.scores(Q);
    if (head.probabilities === null) source = "softmax";
    const shares = head.probabilities === null ? softmaxRows(scores) : head.probabilities(Q);
    const answers = argmaxRows(scores);
    held.forEach((row, i) => {
      rowOf(probabilities, row).set(rowOf(shares, i));
      predicted[row] = answers[i]!;
    });
    onFit?.();
  }
  return { probabilities, source, predicted, unconverged };
}
