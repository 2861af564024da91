import type { HeadRecipe } from "../../heads/head.js";
import { type LabelSets, selectSets } from "../../heads/multi-label/label-sets.js";
import {
  decidedLabels,
  type FittedMultiLabelHead,
  fitMultiLabelHead,
} from "../../heads/multi-label/multi-label-head.js";
import { type Matrix, selectRows } from "../../linalg/matrix.js";
import { labelSetFolds } from "../multi-label/label-set-folds.js";
import { labelSetFigure, type SearchMetric } from "./search-metric.js";
import type { SearchTask } from "./search-task.js";

/** Rows that a first round of halving should have: many labels have few rows. */
const LEAST_ROWS = 100;

/**
 * A search over rows of several labels: each candidate is one binary head a label, all with the same options.
 * @param options - `metric`: what is chosen by, default macro F1; `fit`: default `fitMultiLabelHead`.
 */
export function labelSetTask(
  X: Matrix,
  sets: LabelSets,
  options: {
    readonly metric?: SearchMetric;
    readonly fit?: (recipe: HeadRecipe, X: Matrix, sets: LabelSets) => Promise<FittedMultiLabelHead>;
  } = {},
): SearchTask {
  const { metric = "macro-f1", fit: fitOne = fitMultiLabelHead } = options;
  return Object.freeze({
    rows: X.rows,
    room: () => new Uint8Array(X.rows * sets.labels.length),
    leastRows: LEAST_ROWS,
    open(inside, held) {
      const [learnt, asked] = [selectRows(X, inside), selectRows(X, held)];
      const labels = selectSets(sets, inside);
      return async (recipe) => {
        const head = await fitOne(recipe, learnt, labels);
        return {
          answers: decidedLabels(head.scores(asked)),
          converged: head.convergence?.converged !== false,
        };
      };
    },
    score: (answers, held) => labelSetFigure(metric, selectSets(sets, held), Uint8Array.from(answers)),
    sample: (rows, share, seed) => sampleSets(sets, rows, share, seed),
    part: (rows) => labelSetTask(selectRows(X, rows), selectSets(sets, rows), options),
  } satisfies SearchTask);
}

/** Parts of which the first is kept, again and again: halving goes by threes. */
const PARTS = 3;

/** A third of the rows, of that a third, and so on down to the share, each stratified by label. */
function sampleSets(
  sets: LabelSets,
  rows: readonly number[],
  share: number,
  seed: number,
): readonly number[] {
  let kept = rows;
  for (let left = Math.round(Math.log(1 / share) / Math.log(PARTS)); left > 0; left--) {
    const parts = labelSetFolds(selectSets(sets, kept), PARTS, seed);
    kept = kept.filter((_, i) => parts[i] === 0);
  }
  return kept;
}
