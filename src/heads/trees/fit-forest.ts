import { random } from "../../core/random.js";
import { checkShape, type Matrix, matrix } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkTrainingData } from "../check-training-data.js";
import type { FitControl, FittedClassifier, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { binFeatures } from "./bin-features.js";
import type { DecisionTree } from "./decision-tree.js";
import type { ForestJob, ForestTarget } from "./forest-job.js";
import { type ForestOptions, type ForestRegressorOptions, featuresOfSplit } from "./forest-options.js";
import { growForest } from "./grow-forest.js";
import type { GrownTree } from "./grow-tree.js";
import { averageTrees, writeAverageTrees } from "./tree-ensemble.js";

/** A trained forest that tells classes apart. */
export interface FittedForest extends FittedClassifier {
  readonly trees: readonly DecisionTree[];
  /** Accuracy of each row judged by the trees that did not draw it; null without bootstrap or where none is left. */
  readonly oobScore: number | null;
  /** By feature, the mean share of the impurity that a tree's splits on it took away; they sum to 1, or are all 0. */
  readonly featureImportances: Float64Array;
}

/** Grows a forest on classes; `extra` draws thresholds instead of searching for them. */
export async function fitForest(
  id: string,
  options: ForestOptions,
  extra: boolean,
  X: Matrix,
  y: Labels,
  control: FitControl = {},
): Promise<FittedForest> {
  checkTrainingData(X, y);
  const classes = y.classes.length;
  const multipliers = classMultipliers(y, options.classWeight);
  const { criterion } = options;
  const target: ForestTarget = { kind: "classes", codes: y.codes, multipliers, criterion };
  const grown = await growForest(forestJob(options, extra, X, target, classes), control);
  const trees = Object.freeze(grown.map(({ tree }) => Object.freeze(tree)));
  const scores = (Q: Matrix): Matrix<Float64Array> => {
    checkShape("X", Q, "*", X.cols);
    return averageTrees(trees, classes, Q);
  };
  return Object.freeze({
    id,
    options,
    classes: y.classes,
    dim: X.cols,
    convergence: null,
    trees,
    oobScore: options.bootstrap
      ? shareOfRight(unseenSums(grown, X.rows, classes).sums, y.codes, classes)
      : null,
    featureImportances: meanImportances(grown, X.cols),
    scores,
    probabilities: scores,
    writeGraph(graph: GraphBuilder, x: TensorName) {
      const shares = writeAverageTrees(graph, trees, classes, x);
      return { scores: shares, probabilities: shares };
    },
  });
}

/** The job of growing a forest on `X`, its seeds drawn. */
export function forestJob(
  options: Omit<ForestRegressorOptions, "criterion">,
  extra: boolean,
  X: Matrix,
  target: ForestTarget,
  outputs: number,
): ForestJob {
  const seeds = random(options.seed);
  return {
    X: binFeatures(matrix(float32Data(X), X.rows, X.cols)),
    target,
    grow: {
      maxDepth: options.maxDepth,
      features: featuresOfSplit(options.maxFeatures, X.cols),
      minSamplesSplit: options.minSamplesSplit,
      minSamplesLeaf: options.minSamplesLeaf,
      outputs,
    },
    bootstrap: options.bootstrap,
    extra,
    seeds: Uint32Array.from({ length: options.nEstimators }, () => seeds.integer(2 ** 32)),
  };
}

/** The values of each row's leaves in the trees that did not see it, added up, and how many those are. */
export function unseenSums(
  grown: readonly GrownTree[],
  rows: number,
  outputs: number,
): { sums: Float64Array; trees: Int32Array } {
  const sums = new Float64Array(rows * outputs);
  const trees = new Int32Array(rows);
  for (const { tree, unseen, unseenLeaves } of grown) {
    for (let k = 0; k < unseen.length; k++) {
      const row = unseen[k]!;
      const leaf = unseenLeaves[k]! * outputs;
      trees[row]!++;
      for (let c = 0; c < outputs; c++) sums[row * outputs + c]! += tree.values[leaf + c]!;
    }
  }
  return { sums, trees };
}

/** The trees' importances averaged. */
export function meanImportances(grown: readonly GrownTree[], cols: number): Float64Array {
  const mean = new Float64Array(cols);
  let total = 0;
  for (const { importances } of grown) {
    for (let f = 0; f < cols; f++) {
      mean[f]! += importances[f]!;
      total += importances[f]!;
    }
  }
  return total > 0 ? mean.map((sum) => sum / total) : mean;
}

function shareOfRight(votes: Float64Array, codes: Int32Array, classes: number): number | null {
  let judged = 0;
  let right = 0;
  for (let i = 0; i < codes.length; i++) {
    let best = i * classes;
    for (let k = best + 1; k < (i + 1) * classes; k++) if (votes[k]! > votes[best]!) best = k;
    if (votes[best] === 0) continue;
    judged++;
    if (best - i * classes === codes[i]) right++;
  }
  return judged === 0 ? null : right / judged;
}
