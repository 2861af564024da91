import { setImmediate } from "node:timers/promises";
import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import type { Fold } from "../../evaluation/search/folds-of-rows.js";
import type { Labels } from "../../heads/classifier.js";
import type { FittedHead, HeadRecipe } from "../../heads/head.js";
import { type Matrix, selectRows } from "../../linalg/matrix.js";
import { answerCollector } from "../out-of-fold-answers.js";
import { type TrainedDecision, trainDecision, type WantedDecision } from "../train/train-decision.js";
import type { SearchOptions } from "../types/search-types.js";

/**
 * A nested search's figure would be of other answers than those of a head with a threshold.
 * @throws {HeadstartError} `usage` for a threshold beside a nested search.
 */
export function refuseNestedThreshold({
  threshold,
  nested = 0,
}: Pick<SearchOptions, "threshold" | "nested">): void {
  if (threshold === undefined || nested === 0) return;
  throw new HeadstartError("usage", "A nested search measures answers without a threshold", {
    facts: { nested },
    hint: "Leave --nested out, or search without --threshold and train the winner with it.",
  });
}

/**
 * Fits what is wanted to the winner's answers in the folds of the search, those of all repeats: one fit a fold.
 * @throws as `trainDecision`; {HeadstartError} `interrupted`.
 */
export async function decideWinner(
  wanted: WantedDecision,
  winner: HeadRecipe,
  X: Matrix,
  y: Labels,
  folds: readonly Fold[],
  {
    trainHead,
    onFit,
    signal,
  }: {
    readonly trainHead: (recipe: HeadRecipe, X: Matrix, y: Labels) => Promise<FittedHead>;
    readonly onFit?: () => void;
    readonly signal?: AbortSignal;
  },
): Promise<TrainedDecision> {
  const collector = answerCollector(X.rows, y.classes.length);
  const assignments: Int32Array[] = [];
  for (const [fold, { inside, held, repeat = 0 }] of folds.entries()) {
    await setImmediate();
    throwIfInterrupted(signal);
    const codes = Int32Array.from(inside, (row) => y.codes[row]!);
    const head = await trainHead(winner, selectRows(X, inside), { codes, classes: y.classes });
    collector.add(head, selectRows(X, held), { rows: held, repeat });
    assignments[repeat] ??= new Int32Array(X.rows);
    for (const row of held) assignments[repeat]![row] = fold;
    onFit?.();
  }
  return trainDecision(wanted, collector.answers, y, assignments);
}
