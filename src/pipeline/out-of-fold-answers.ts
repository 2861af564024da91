import type { HeldRows } from "../evaluation/cross-validate.js";
import type { FittedHead } from "../heads/head.js";
import { type Matrix, zeros } from "../linalg/matrix.js";

/** What heads say of rows that they were not trained on, `[n, classes]`. */
export interface OutOfFoldAnswers {
  readonly scores: Matrix<Float64Array>;
  /** Null where the heads have none. */
  readonly probabilities: Matrix<Float64Array> | null;
}

/** Gathers the answers of one repeat of a cross-validation after the other. */
export interface AnswerCollector {
  /** Takes what a head says of the rows `X` that it was not trained on; returns its decision values. */
  add(head: FittedHead, X: Matrix, held: HeldRows): Matrix<Float64Array>;
  /** By repeat. */
  readonly answers: readonly OutOfFoldAnswers[];
}

/** @param rows - of the whole cross-validation. */
export function answerCollector(rows: number, classes: number): AnswerCollector {
  const answers: OutOfFoldAnswers[] = [];
  return {
    answers,
    add(head, X, held) {
      const scores = head.scores(X);
      const probabilities = head.probabilities?.(X) ?? null;
      answers[held.repeat] ??= {
        scores: zeros(rows, classes),
        probabilities: probabilities && zeros(rows, classes),
      };
      const kept = answers[held.repeat]!;
      held.rows.forEach((row, i) => {
        const part = [i * classes, (i + 1) * classes] as const;
        kept.scores.data.set(scores.data.subarray(...part), row * classes);
        if (probabilities) kept.probabilities?.data.set(probabilities.data.subarray(...part), row * classes);
      });
      return scores;
    },
  };
}
