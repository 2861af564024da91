import type { z } from "zod";
import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FitControl, FittedClassifier, Labels } from "../classifier.js";
import { softmaxRows } from "../linear/softmax.js";
import { parseOptions } from "../parse-options.js";
import { type GradientBoostingOptions, gradientBoostingOptions } from "./boosting-options.js";
import { type BoostedTrees, fitBoosting } from "./fit-boosting.js";
import { sumTrees, writeSumTrees } from "./tree-ensemble.js";

export { gradientBoostingOptions } from "./boosting-options.js";

const ID = "gradient-boosting.v1";

/** Boosted trees that were trained. */
export interface FittedGradientBoosting extends FittedClassifier {
  readonly boosted: BoostedTrees;
}

/** The estimator; its `fit` gives the trees too. */
export interface GradientBoosting extends Classifier<GradientBoostingOptions> {
  fit(X: Matrix, y: Labels, control?: FitControl): Promise<FittedGradientBoosting>;
}

/**
 * Gradient boosting on histograms: each round adds a small tree a class (one for two classes) that follows the
 * gradient of the log-loss. Scores are `[-d, d]`, the log of the odds, for two classes, else the exponents of a
 * softmax. Features are cut into 64 bins by default, a quarter of scikit-learn's:
 * less than half the time, and on sentence embeddings an accuracy within their noise.
 * @example const head = await gradientBoosting({ maxIter: 200, earlyStopping: true }).fit(X, y);
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics 29, 2001.
 */
export function gradientBoosting(given: z.input<typeof gradientBoostingOptions> = {}): GradientBoosting {
  const options = parseOptions("gradient-boosting", gradientBoostingOptions, given);
  return Object.freeze({
    id: ID,
    options,
    async fit(X: Matrix, y: Labels, control: FitControl = {}): Promise<FittedGradientBoosting> {
      checkTrainingData(X, y);
      const boosted = await fitBoosting(options, X, y, control);
      return fitted(options, boosted, y.classes, X.cols);
    },
  });
}

function fitted(
  options: GradientBoostingOptions,
  boosted: BoostedTrees,
  classes: readonly string[],
  dim: number,
): FittedGradientBoosting {
  const { columns, baseline, trees } = boosted;
  const columnOf = (t: number): number => t % columns;
  const scores = (Q: Matrix): Matrix<Float64Array> => {
    checkShape("X", Q, "*", dim);
    const raw = sumTrees(trees, columns, Q, columnOf);
    for (let k = 0; k < raw.data.length; k++) raw.data[k]! += baseline[k % columns]!;
    if (columns > 1) return raw;
    const both = zeros(Q.rows, 2);
    for (let i = 0; i < Q.rows; i++) {
      both.data[2 * i] = -raw.data[i]!;
      both.data[2 * i + 1] = raw.data[i]!;
    }
    return both;
  };
  return Object.freeze({
    id: ID,
    options,
    classes,
    dim,
    convergence: boosted.convergence,
    boosted: Object.freeze(boosted),
    scores,
    probabilities(Q: Matrix) {
      const values = scores(Q);
      if (columns > 1) return softmaxRows(values);
      for (let k = 0; k < values.data.length; k++) values.data[k] = 1 / (1 + Math.exp(-values.data[k]!));
      return values;
    },
    writeGraph(graph: GraphBuilder, x: TensorName) {
      const sums = writeSumTrees(graph, trees, columns, x, columnOf);
      const raw = graph.op("Add", [sums, graph.float32(baseline, [columns])]);
      if (columns > 1)
        return { scores: raw, probabilities: graph.op("Softmax", [raw], { axis: { int: 1 } }) };
      const both = graph.op("Concat", [graph.op("Neg", [raw]), raw], { axis: { int: 1 } });
      return { scores: both, probabilities: graph.op("Sigmoid", [both]) };
    },
  });
}
