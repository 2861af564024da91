import { argmaxRows } from "../../heads/argmax.js";
import type { Labels } from "../../heads/classifier.js";
import { type FittedHead, fitHead, type HeadRecipe } from "../../heads/head.js";
import { type Matrix, selectRows } from "../../linalg/matrix.js";
import { sampleRows } from "./sample-rows.js";
import { checkClassMetric, classFigure, type SearchMetric } from "./search-metric.js";
import type { SearchTask } from "./search-task.js";

/** Rows of a class that a first round of halving should have. */
const ROWS_OF_CLASS = 5;
const LEAST_ROWS = 30;

/**
 * A search over rows of one label each.
 * @param options - `metric`: what is chosen by, default accuracy; `fit`: default `fitHead`.
 * @throws {HeadstartError} `usage` for a metric of several labels a row.
 */
export function classTask(
  X: Matrix,
  y: Labels,
  options: {
    readonly metric?: SearchMetric;
    readonly fit?: (recipe: HeadRecipe, X: Matrix, y: Labels) => Promise<FittedHead>;
  } = {},
): SearchTask {
  const { metric = "accuracy", fit: fitOne = fitHead } = options;
  checkClassMetric(metric);
  const codesOf = (rows: readonly number[]): Int32Array => Int32Array.from(rows, (row) => y.codes[row]!);
  return Object.freeze({
    rows: X.rows,
    room: () => new Int32Array(X.rows).fill(-1),
    leastRows: Math.max(LEAST_ROWS, ROWS_OF_CLASS * y.classes.length),
    open(inside, held) {
      const [learnt, asked] = [selectRows(X, inside), selectRows(X, held)];
      const labels = { codes: codesOf(inside), classes: y.classes };
      return async (recipe) => {
        const head = await fitOne(recipe, learnt, labels);
        return {
          answers: argmaxRows(head.scores(asked)),
          converged: head.classifier.convergence?.converged !== false,
        };
      };
    },
    score: (answers, held) => classFigure(metric, codesOf(held), answers, y.classes),
    sample: (rows, share, seed) => sampleRows(y, rows, share, seed),
    part: (rows) => classTask(selectRows(X, rows), { codes: codesOf(rows), classes: y.classes }, options),
  } satisfies SearchTask);
}
