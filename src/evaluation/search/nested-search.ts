import { HeadstartError } from "../../core/errors.js";
import type { HeadRecipe } from "../../heads/head.js";
import type { NestedFold } from "./folds-of-rows.js";
import { meanAndError, type SearchControl, scoreCandidates } from "./score-candidates.js";
import { countFits, type SearchMethod, searchCandidates } from "./search-candidates.js";
import type { Answers, SearchTask } from "./search-task.js";

/** How well a whole search does on rows that had no part in it. */
export interface NestedSearch {
  /** The task's figure, one an outer fold. */
  readonly scores: readonly number[];
  readonly mean: number;
  readonly standardError: number;
  /** The answer to each row, by the winner of a search that never saw it. */
  readonly predicted: Answers;
  /** The winning candidate's number in each outer fold. */
  readonly winners: readonly number[];
}

/**
 * Nested cross-validation: in each outer fold the search is done on the rows inside alone, and its winner, refitted
 * to them, is measured on the rows held out. Unlike the best mean of a grid, this has not been chosen for being high.
 * @throws as `searchCandidates`.
 * @see Varma & Simon 2006, "Bias in error estimation when using cross-validation for model selection".
 */
export async function nestedSearch(
  candidates: readonly HeadRecipe[],
  task: SearchTask,
  folds: readonly NestedFold[],
  options: SearchMethod & SearchControl,
): Promise<NestedSearch> {
  const scores: number[] = [];
  const winners: number[] = [];
  const predicted = task.room();
  const width = predicted.length / task.rows;
  for (const fold of folds) {
    const found = await searchCandidates(candidates, task.part(fold.inside), fold.inner, options);
    const winner = found.findIndex(({ rank }) => rank === 1);
    const [score] = await scoreCandidates([candidates[winner]!], task, [fold], options);
    if (score!.problem !== null) {
      throw new HeadstartError(
        "data",
        `The winner of a fold cannot be trained on its rows: ${score!.problem}`,
        {
          facts: { candidate: candidates[winner] },
        },
      );
    }
    for (const row of fold.held) {
      const [from, to] = [row * width, (row + 1) * width];
      predicted.set(score!.predictions[0]!.subarray(from, to), from);
    }
    scores.push(score!.mean);
    winners.push(winner);
  }
  return Object.freeze({ scores, ...meanAndError(scores), predicted, winners });
}

/** Fits that a nested search takes, for its progress. */
export function countNestedFits(
  candidates: number,
  task: Pick<SearchTask, "leastRows">,
  folds: readonly NestedFold[],
  halving: boolean,
): number {
  return folds.reduce((sum, { inner }) => sum + countFits(candidates, task, inner, halving) + 1, 0);
}
