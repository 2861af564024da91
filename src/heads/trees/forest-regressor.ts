import type { z } from "zod";
import { HeadstartError, ShapeError } from "../../core/errors.js";
import { checkShape, type Matrix } from "../../linalg/matrix.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkFinite } from "../check-training-data.js";
import type { FitControl } from "../classifier.js";
import { parseOptions } from "../parse-options.js";
import type { DecisionTree } from "./decision-tree.js";
import { exactSums } from "./exact-sums.js";
import { forestJob, meanImportances, unseenSums } from "./fit-forest.js";
import {
  extraTreesRegressorOptions,
  type ForestRegressorOptions,
  randomForestRegressorOptions,
} from "./forest-options.js";
import { growForest } from "./grow-forest.js";
import type { GrownTree } from "./grow-tree.js";
import { sumTrees, writeAverageTrees } from "./tree-ensemble.js";

/** A trained forest that predicts a number. */
export interface FittedForestRegressor {
  readonly id: string;
  readonly options: Readonly<ForestRegressorOptions>;
  readonly dim: number;
  readonly trees: readonly DecisionTree[];
  /** R² of each row judged by the trees that did not draw it; null without bootstrap or where none is left. */
  readonly oobScore: number | null;
  /** By feature, the mean share of the squared error that a tree's splits on it took away. */
  readonly featureImportances: Float64Array;
  /** One number a row. @throws {ShapeError} for another number of columns. */
  predict(X: Matrix): Float64Array;
  /** Adds the nodes that predict from `x` float32 `[n, dim]`; the result is float32 `[n, 1]`. */
  writeGraph(graph: GraphBuilder, x: TensorName): TensorName;
}

/** Hyper-parameters of a forest for numbers, validated. */
export interface ForestRegressor {
  readonly id: string;
  readonly options: Readonly<ForestRegressorOptions>;
  /**
   * @param X - `[n, dim]`. @param targets - n finite numbers.
   * @throws {ShapeError} if they disagree. @throws {HeadstartError} `data` for NaN or infinity, or no rows.
   */
  fit(X: Matrix, targets: Float64Array, control?: FitControl): Promise<FittedForestRegressor>;
}

/**
 * A random forest for numbers: splits lower the squared error, leaves predict the mean.
 * @example const model = await randomForestRegressor({ seed: 7 }).fit(X, targets);
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Breiman, "Random forests", Machine Learning 45, 2001.
 */
export function randomForestRegressor(
  given: z.input<typeof randomForestRegressorOptions> = {},
): ForestRegressor {
  const options = parseOptions("random-forest-regressor", randomForestRegressorOptions, given);
  return regressor("random-forest-regressor.v1", options, false);
}

/**
 * Extremely randomised trees for numbers: thresholds are drawn.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Geurts, Ernst & Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006.
 */
export function extraTreesRegressor(given: z.input<typeof extraTreesRegressorOptions> = {}): ForestRegressor {
  const options = parseOptions("extra-trees-regressor", extraTreesRegressorOptions, given);
  return regressor("extra-trees-regressor.v1", options, true);
}

function regressor(id: string, options: Readonly<ForestRegressorOptions>, extra: boolean): ForestRegressor {
  return Object.freeze({
    id,
    options,
    async fit(X: Matrix, targets: Float64Array, control: FitControl = {}) {
      const mean = checkTargets(X, targets);
      const centred = targets.map((target) => target - mean);
      const grown = await growForest(
        forestJob(options, extra, X, { kind: "means", values: centred }, 1),
        control,
      );
      const count = grown.length;
      const { trees } = exactSums(
        new Float64Array(1),
        grown.map(({ tree }) => tree),
      );
      return Object.freeze({
        id,
        options,
        dim: X.cols,
        trees: Object.freeze(trees),
        oobScore: options.bootstrap ? unseenFit(grown, centred) : null,
        featureImportances: meanImportances(grown, X.cols),
        predict(Q: Matrix) {
          checkShape("X", Q, "*", X.cols);
          return sumTrees(trees, 1, Q).data.map((sum) => mean + sum / count);
        },
        writeGraph(graph: GraphBuilder, x: TensorName) {
          const average = writeAverageTrees(graph, trees, 1, x);
          return graph.op("Add", [average, graph.float32([mean], [1])]);
        },
      });
    },
  });
}

/** The mean of the targets, once they and the rows are found to be usable. */
function checkTargets(X: Matrix, targets: Float64Array): number {
  if (X.rows !== targets.length) throw new ShapeError("X", [targets.length, "*"], [X.rows, X.cols]);
  if (X.rows === 0 || X.cols === 0) {
    throw new HeadstartError("data", `There is nothing to train on: X is [${X.rows}, ${X.cols}]`);
  }
  checkFinite("X", X);
  checkFinite("targets", { data: targets, rows: targets.length, cols: 1 });
  return targets.reduce((sum, target) => sum + target, 0) / targets.length;
}

function unseenFit(grown: readonly GrownTree[], centred: Float64Array): number | null {
  const { sums, trees } = unseenSums(grown, centred.length, 1);
  let count = 0;
  let total = 0;
  for (let i = 0; i < centred.length; i++) {
    if (trees[i] === 0) continue;
    count++;
    total += centred[i]!;
  }
  let error = 0;
  let spread = 0;
  for (let i = 0; i < centred.length; i++) {
    if (trees[i] === 0) continue;
    error += (centred[i]! - sums[i]! / trees[i]!) ** 2;
    spread += (centred[i]! - total / count) ** 2;
  }
  return count === 0 || spread === 0 ? null : 1 - error / spread;
}
