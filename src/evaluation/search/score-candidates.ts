import { setImmediate } from "node:timers/promises";
import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { argmaxRows } from "../../heads/argmax.js";
import type { Labels } from "../../heads/classifier.js";
import { type FittedHead, fitHead, type HeadRecipe } from "../../heads/head.js";
import { type Matrix, selectRows } from "../../linalg/matrix.js";
import type { Fold } from "./folds-of-rows.js";

/** How heads are fitted, who is told, and what stops it. */
export interface SearchControl {
  /** Default: `fitHead`. */
  readonly fit?: (recipe: HeadRecipe, X: Matrix, y: Labels) => Promise<FittedHead>;
  /** Called after each fit. */
  readonly onFit?: () => void;
  readonly signal?: AbortSignal;
}

/** How a candidate did on the held rows of each fold. */
export interface CandidateScore {
  /** One a fold; empty where there is a problem. */
  readonly accuracies: readonly number[];
  /** Of the folds' accuracies; NaN where there is a problem. */
  readonly mean: number;
  /** Standard deviation of the folds' accuracies by the root of their number; folds share training rows, so it is a guide. */
  readonly standardError: number;
  /** Each row's class code, predicted by the model that never saw it. */
  readonly predicted: Int32Array;
  /** Folds in which the solver did not converge. */
  readonly unconverged: number;
  /** Why it cannot be trained on these rows; null where it can. */
  readonly problem: string | null;
}

/**
 * Cross-validates candidates in the same folds; everything that one learns, scaling and projection included, it
 * learns from the rows inside.
 * @param trainOn - chooses among a fold's rows; default: all inside.
 * @throws {HeadstartError} `interrupted` between two fits; what a fit throws, but for `data`: that is the candidate's problem.
 */
export async function scoreCandidates(
  candidates: readonly HeadRecipe[],
  X: Matrix,
  y: Labels,
  folds: readonly Fold[],
  control: SearchControl & { readonly trainOn?: (fold: Fold, index: number) => readonly number[] } = {},
): Promise<CandidateScore[]> {
  const { fit: fitOne = fitHead, onFit, signal, trainOn = ({ inside }) => inside } = control;
  const drafts = candidates.map(() => ({
    accuracies: [] as number[],
    predicted: new Int32Array(X.rows).fill(-1),
    unconverged: 0,
    problem: null as string | null,
  }));
  for (const [index, fold] of folds.entries()) {
    const rows = trainOn(fold, index);
    const inside = selectRows(X, rows);
    const codes = Int32Array.from(rows, (row) => y.codes[row]!);
    const held = selectRows(X, fold.held);
    for (const [i, recipe] of candidates.entries()) {
      const draft = drafts[i]!;
      await setImmediate();
      throwIfInterrupted(signal);
      if (draft.problem === null) {
        try {
          const head = await fitOne(recipe, inside, { codes, classes: y.classes });
          if (head.classifier.convergence?.converged === false) draft.unconverged++;
          const answers = argmaxRows(head.scores(held));
          let hits = 0;
          fold.held.forEach((row, k) => {
            draft.predicted[row] = answers[k]!;
            if (answers[k] === y.codes[row]) hits++;
          });
          draft.accuracies.push(hits / fold.held.length);
        } catch (thrown) {
          if (!(thrown instanceof HeadstartError) || thrown.code !== "data") throw thrown;
          draft.problem = thrown.message;
        }
      }
      onFit?.();
    }
  }
  return drafts.map(({ accuracies, ...rest }) => {
    const kept = rest.problem === null ? accuracies : [];
    return Object.freeze({ ...rest, accuracies: kept, ...meanAndError(kept) });
  });
}

/** Mean and standard error; NaN for none, and of one value no error is known. */
export function meanAndError(values: readonly number[]): { mean: number; standardError: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (n - 1) / n) };
}
