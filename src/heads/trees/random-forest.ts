import type { z } from "zod";
import { random } from "../../core/random.js";
import { checkShape, type Matrix, matrix } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FitControl, FittedClassifier, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { parseOptions } from "../parse-options.js";
import { type DecisionTree, leafOf } from "./decision-tree.js";
import { treeGrower } from "./decision-tree-grow.js";
import { binFeatures } from "./random-forest-bins.js";
import { type RandomForestOptions, randomForestOptions } from "./random-forest-options.js";
import { averageShares, exactShares, writeAverageShares } from "./random-forest-shares.js";

export { type RandomForestOptions, randomForestOptions } from "./random-forest-options.js";

const ID = "random-forest.v1";

/** A trained random forest. */
export interface FittedRandomForest extends FittedClassifier {
  readonly trees: readonly DecisionTree[];
  /** Accuracy of each row judged by the trees that did not draw it; null without bootstrap or where none is left. */
  readonly oobScore: number | null;
}

/** The estimator; its `fit` gives the trees too. */
export interface RandomForest extends Classifier<RandomForestOptions> {
  fit(X: Matrix, y: Labels, control?: FitControl): Promise<FittedRandomForest>;
}

/**
 * A random forest: trees on bootstrap samples, a fresh draw of features at every split, class shares averaged.
 * Scores are the probabilities. Splits lie between at most 256 quantiles of a feature.
 * @example const head = await randomForest({ nEstimators: 200, seed: 7 }).fit(X, y);
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Breiman, "Random forests", Machine Learning 45, 2001.
 */
export function randomForest(given: z.input<typeof randomForestOptions> = {}): RandomForest {
  const options = parseOptions("random-forest", randomForestOptions, given);
  return Object.freeze({
    id: ID,
    options,
    async fit(X: Matrix, y): Promise<FittedRandomForest> {
      checkTrainingData(X, y);
      const classes = y.classes.length;
      const dim = X.cols;
      const single = float32Data(X);
      const grow = treeGrower(binFeatures(matrix(single, X.rows, dim)), y.codes, classes, {
        criterion: options.criterion,
        maxDepth: options.maxDepth,
        features: featuresOfSplit(options.maxFeatures, dim),
        minSamplesSplit: options.minSamplesSplit,
        minSamplesLeaf: options.minSamplesLeaf,
        sharesOf: exactShares(options.nEstimators),
      });
      const multipliers = classMultipliers(y, options.classWeight);
      const rowWeights = Float64Array.from(y.codes, (code) => multipliers[code]!);
      const seeds = random(options.seed);
      const unseen = new Float64Array(X.rows * classes);
      const trees = Array.from({ length: options.nEstimators }, () => {
        const draw = seeds.fork();
        const weights = options.bootstrap ? bootstrapWeights(rowWeights, draw) : rowWeights;
        const tree = grow(weights, draw);
        for (let i = 0; i < X.rows; i++) {
          if (weights[i] !== 0) continue;
          const leaf = leafOf(tree, single, i * dim) * classes;
          for (let c = 0; c < classes; c++) unseen[i * classes + c]! += tree.shares[leaf + c]!;
        }
        return Object.freeze(tree);
      });
      const scores = (Q: Matrix): Matrix<Float64Array> => {
        checkShape("X", Q, "*", dim);
        return averageShares(trees, classes, Q);
      };
      return Object.freeze({
        id: ID,
        options,
        classes: y.classes,
        dim,
        convergence: null,
        trees: Object.freeze(trees),
        oobScore: shareOfRight(unseen, y.codes, classes),
        scores,
        probabilities: scores,
        writeGraph(graph: GraphBuilder, x: TensorName) {
          const shares = writeAverageShares(graph, trees, classes, x);
          return { scores: shares, probabilities: shares };
        },
      });
    },
  } satisfies RandomForest);
}

/** How often each row was drawn among n with replacement, times its weight. */
function bootstrapWeights(rowWeights: Float64Array, draw: { integer(n: number): number }): Float64Array {
  const n = rowWeights.length;
  const weights = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const row = draw.integer(n);
    weights[row]! += rowWeights[row]!;
  }
  return weights;
}

/** Features that a split chooses from, at least 1. */
export function featuresOfSplit(maxFeatures: RandomForestOptions["maxFeatures"], dim: number): number {
  if (maxFeatures === "all") return dim;
  if (maxFeatures === "sqrt") return Math.max(1, Math.floor(Math.sqrt(dim)));
  if (maxFeatures === "log2") return Math.max(1, Math.floor(Math.log2(dim)));
  return maxFeatures < 1 ? Math.max(1, Math.floor(maxFeatures * dim)) : Math.min(dim, maxFeatures);
}

function shareOfRight(votes: Float64Array, codes: Int32Array, classes: number): number | null {
  let judged = 0;
  let right = 0;
  for (let i = 0; i < codes.length; i++) {
    const row = votes.subarray(i * classes, (i + 1) * classes);
    const largest = Math.max(...row);
    if (largest === 0) continue;
    judged++;
    if (row.indexOf(largest) === codes[i]) right++;
  }
  return judged === 0 ? null : right / judged;
}
