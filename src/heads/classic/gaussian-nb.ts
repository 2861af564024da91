import { z } from "zod";
import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FittedClassifier, Labels } from "../classifier.js";
import { softmaxRows } from "../linear/softmax.js";
import { parseOptions } from "../parse-options.js";
import { fitStandardScaler } from "../transforms/standard-scaler.js";
import { classMeans, classVariances } from "./class-moments.js";
import { classPriors, priorsOption } from "./class-priors.js";

const ID = "gaussian-nb.v1";

export const gaussianNbOptions = z.strictObject({
  varSmoothing: z
    .number()
    .positive()
    .default(1e-9)
    .describe("Share of the largest variance of a feature that is added to all variances"),
  priors: priorsOption,
});

export type GaussianNbOptions = z.output<typeof gaussianNbOptions>;

/**
 * Naive Bayes with a normal distribution of each feature in each class. Scores are joint log-likelihoods.
 * Where no feature varies at all, the variances are 1.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see scikit-learn's GaussianNB, whose smoothing this is.
 */
export function gaussianNb(options: z.input<typeof gaussianNbOptions> = {}): Classifier<GaussianNbOptions> {
  const resolved = parseOptions("gaussian-nb", gaussianNbOptions, options);
  return Object.freeze({
    id: ID,
    options: resolved,
    fit: async (X: Matrix, y: Labels) => train(resolved, X, y),
  });
}

function train(options: GaussianNbOptions, X: Matrix, y: Labels): FittedClassifier {
  checkTrainingData(X, y);
  const { cols } = X;
  const classes = y.classes.length;
  const logPriors = classPriors(y, options.priors).map(Math.log);
  const { mean: origin, scale } = fitStandardScaler(X);
  const widest = largestVariance(X, origin);
  const smoothing = widest > 0 ? options.varSmoothing * widest : 1;
  const means = classMeans(X, y);
  const variances = classVariances(X, y, means);
  // With u = (x - origin) / scale, half of (x - mean)^2 / variance is u.u a - u b + c.
  const square = zeros(cols, classes);
  const linear = zeros(cols, classes);
  const constants = logPriors.slice();
  for (let c = 0, k = 0; c < classes; c++) {
    for (let j = 0; j < cols; j++, k++) {
      const variance = variances.data[k]! + smoothing;
      const unit = (scale[j]! * scale[j]!) / variance;
      const at = (means.data[k]! - origin[j]!) / scale[j]!;
      square.data[j * classes + c] = -0.5 * unit;
      linear.data[j * classes + c] = at * unit;
      constants[c]! -= 0.5 * (Math.log(2 * Math.PI * variance) + at * at * unit);
    }
  }
  const scores = (Q: Matrix): Matrix<Float64Array> => {
    checkShape("X", Q, "*", cols);
    const out = zeros(Q.rows, classes);
    for (let i = 0; i < Q.rows; i++) {
      const start = i * classes;
      out.data.set(constants, start);
      for (let j = 0, k = 0; j < cols; j++) {
        const u = (Q.data[i * cols + j]! - origin[j]!) / scale[j]!;
        for (let c = 0; c < classes; c++, k++)
          out.data[start + c]! += u * (u * square.data[k]! + linear.data[k]!);
      }
    }
    return out;
  };
  return Object.freeze({
    id: ID,
    options,
    classes: y.classes,
    dim: cols,
    convergence: null,
    scores,
    probabilities: (Q) => softmaxRows(scores(Q)),
    writeGraph(graph, x) {
      const wide = graph.op("Cast", [x], { to: { int: 11 } });
      const centred = graph.op("Sub", [wide, graph.float64(origin, [cols], "origin")]);
      const u = graph.op("Div", [centred, graph.float64(scale, [cols], "spread")]);
      const curved = graph.op("MatMul", [
        graph.op("Mul", [u, u]),
        graph.float64(square.data, [cols, classes], "square"),
      ]);
      const sloped = graph.op("MatMul", [u, graph.float64(linear.data, [cols, classes], "linear")]);
      const varying = graph.op("Add", [curved, sloped]);
      const exact = graph.op("Add", [varying, graph.float64(constants, [classes], "constants")]);
      const softmax = graph.op("Softmax", [exact], { axis: { int: 1 } });
      return {
        scores: graph.op("Cast", [exact], { to: { int: 1 } }),
        probabilities: graph.op("Cast", [softmax], { to: { int: 1 } }),
      };
    },
  } satisfies FittedClassifier);
}

function largestVariance(X: Matrix, mean: Float64Array): number {
  const sums = new Float64Array(X.cols);
  for (let k = 0, i = 0; i < X.rows; i++) {
    for (let j = 0; j < X.cols; j++) sums[j]! += (X.data[k++]! - mean[j]!) ** 2;
  }
  return sums.reduce((most, sum) => Math.max(most, sum / X.rows), 0);
}
