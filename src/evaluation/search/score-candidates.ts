import { setImmediate } from "node:timers/promises";
import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import type { HeadRecipe } from "../../heads/head.js";
import type { Fold } from "./folds-of-rows.js";
import type { Answers, SearchTask } from "./search-task.js";

/** Who is told of fits, and what stops them. */
export interface SearchControl {
  /** Called after each fit. */
  readonly onFit?: () => void;
  readonly signal?: AbortSignal;
}

/** How a candidate did on the held rows of each fold. */
export interface CandidateScore {
  /** The task's figure, one a fold; empty where there is a problem. */
  readonly scores: readonly number[];
  /** Of the folds' figures; NaN where there is a problem. */
  readonly mean: number;
  /** Standard deviation of the figures by the root of the folds; folds share training rows, so it is a guide. Of several repeats the mean. */
  readonly standardError: number;
  /** By repeat the answer to each row, by the model that never saw it. */
  readonly predictions: readonly Answers[];
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
  task: SearchTask,
  folds: readonly Fold[],
  control: SearchControl & { readonly trainOn?: (fold: Fold, index: number) => readonly number[] } = {},
): Promise<CandidateScore[]> {
  const { onFit, signal, trainOn = ({ inside }) => inside } = control;
  const repeats = 1 + Math.max(...folds.map(({ repeat = 0 }) => repeat));
  const drafts = candidates.map(() => ({
    scores: Array.from({ length: repeats }, (): number[] => []),
    predictions: Array.from({ length: repeats }, () => task.room()),
    unconverged: 0,
    problem: null as string | null,
  }));
  for (const [index, fold] of folds.entries()) {
    const { held, repeat = 0 } = fold;
    const answer = task.open(trainOn(fold, index), held);
    for (const [i, recipe] of candidates.entries()) {
      const draft = drafts[i]!;
      await setImmediate();
      throwIfInterrupted(signal);
      if (draft.problem === null) {
        try {
          const { answers, converged } = await answer(recipe);
          if (!converged) draft.unconverged++;
          place(draft.predictions[repeat]!, answers, held, task.rows);
          draft.scores[repeat]!.push(task.score(answers, held));
        } catch (thrown) {
          if (!(thrown instanceof HeadstartError) || thrown.code !== "data") throw thrown;
          draft.problem = thrown.message;
        }
      }
      onFit?.();
    }
  }
  return drafts.map(({ scores, ...rest }) => {
    const kept = rest.problem === null ? scores : [];
    const errors = kept.map((one) => meanAndError(one).standardError);
    return Object.freeze({
      ...rest,
      scores: kept.flat(),
      mean: meanAndError(kept.flat()).mean,
      standardError: meanAndError(errors).mean,
    });
  });
}

/** Puts the answers to some rows where they belong among those to all. */
function place(all: Answers, answers: Answers, held: readonly number[], rows: number): void {
  const width = all.length / rows;
  held.forEach((row, i) => {
    all.set(answers.subarray(i * width, (i + 1) * width), row * width);
  });
}

/** Mean and standard error; NaN for none, and of one value no error is known. */
export function meanAndError(values: readonly number[]): { mean: number; standardError: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (n - 1) / n) };
}
