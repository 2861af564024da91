import { HeadstartError } from "../../core/errors.js";
import type { Labels } from "../../heads/classifier.js";
import type { HeadRecipe } from "../../heads/head.js";
import { type Matrix, selectRows } from "../../linalg/matrix.js";
import type { NestedFold } from "./folds-of-rows.js";
import { meanAndError, type SearchControl, scoreCandidates } from "./score-candidates.js";
import { countFits, type SearchMethod, searchCandidates } from "./search-candidates.js";

/** How well a whole search does on rows that had no part in it. */
export interface NestedSearch {
  /** One an outer fold. */
  readonly accuracies: readonly number[];
  readonly mean: number;
  readonly standardError: number;
  /** Each row's class code, by the winner of a search that never saw it. */
  readonly predicted: Int32Array;
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
  X: Matrix,
  y: Labels,
  folds: readonly NestedFold[],
  options: SearchMethod & SearchControl,
): Promise<NestedSearch> {
  const accuracies: number[] = [];
  const winners: number[] = [];
  const predicted = new Int32Array(X.rows);
  for (const fold of folds) {
    const codes = Int32Array.from(fold.inside, (row) => y.codes[row]!);
    const inside = selectRows(X, fold.inside);
    const found = await searchCandidates(
      candidates,
      inside,
      { codes, classes: y.classes },
      fold.inner,
      options,
    );
    const winner = found.findIndex(({ rank }) => rank === 1);
    const [score] = await scoreCandidates([candidates[winner]!], X, y, [fold], options);
    if (score!.problem !== null) {
      throw new HeadstartError(
        "data",
        `The winner of a fold cannot be trained on its rows: ${score!.problem}`,
        {
          facts: { candidate: candidates[winner] },
        },
      );
    }
    for (const row of fold.held) predicted[row] = score!.predicted[row]!;
    accuracies.push(score!.mean);
    winners.push(winner);
  }
  return Object.freeze({ accuracies, ...meanAndError(accuracies), predicted, winners });
}

/** Fits that a nested search takes, for its progress. */
export function countNestedFits(
  candidates: number,
  y: Labels,
  folds: readonly NestedFold[],
  halving: boolean,
): number {
  return folds.reduce((sum, { inner }) => sum + countFits(candidates, y, inner, halving) + 1, 0);
}
