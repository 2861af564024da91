import { z } from "zod";
import { type Matrix, zeros } from "../../linalg/matrix.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FittedClassifier, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { classWeightOption, parseOptions } from "../parse-options.js";
import { lbfgs } from "./lbfgs.js";
import { type LinearModel, linearScores, writeLinearScores } from "./linear-model.js";
import { logisticLoss } from "./logistic-loss.js";
import { softmaxRows } from "./softmax.js";

const ID = "logistic-regression.v1";

export const logisticRegressionOptions = z.strictObject({
  C: z
    .number()
    .positive()
    .default(1)
    .describe("Inverse of the L2 penalty; larger fits the training rows closer"),
  tol: z
    .number()
    .positive()
    .default(1e-4)
    .describe("Largest component of the mean loss's gradient at which it stops"),
  maxIter: z.int().positive().default(1000).describe("Steps of L-BFGS at most"),
  fitIntercept: z.boolean().default(true).describe("Learn intercepts, which are not penalised"),
  classWeight: classWeightOption,
});

export type LogisticRegressionOptions = z.output<typeof logisticRegressionOptions>;

/**
 * L2-penalised logistic regression: one plane and a sigmoid for two classes, multinomial softmax for more.
 * The solver is deterministic. Probabilities are the model's own.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see the same objective and optimum as scikit-learn's LogisticRegression.
 */
export function logisticRegression(
  options: z.input<typeof logisticRegressionOptions> = {},
): Classifier<LogisticRegressionOptions> {
  const resolved = parseOptions("logistic-regression", logisticRegressionOptions, options);
  return Object.freeze({
    id: ID,
    options: resolved,
    fit: async (X: Matrix, y: Labels) => train(resolved, X, y),
  });
}

function train(options: LogisticRegressionOptions, X: Matrix, y: Labels): FittedClassifier {
  checkTrainingData(X, y);
  const dim = X.cols;
  const multipliers = classMultipliers(y, options.classWeight);
  const classCount = y.classes.length;
  const planes = classCount === 2 ? 1 : classCount;
  const objective = logisticLoss({
    X: { data: Float64Array.from(X.data), rows: X.rows, cols: dim },
    codes: y.codes,
    classCount,
    sampleWeights: Float64Array.from(y.codes, (code) => multipliers[code]!),
    C: options.C,
    fitIntercept: options.fitIntercept,
  });
  const { x, convergence } = lbfgs(objective, new Float64Array(planes * (dim + 1)), options);
  const weights = zeros(planes, dim);
  const intercepts = new Float64Array(planes);
  for (let c = 0; c < planes; c++) {
    const at = c * (dim + 1);
    weights.data.set(x.subarray(at, at + dim), c * dim);
    intercepts[c] = x[at + dim]!;
  }
  const model: LinearModel = { weights, intercepts };
  // softmax of [-d, d] / 2 is [1 - sigmoid(d), sigmoid(d)].
  const temperature = classCount === 2 ? 2 : 1;
  return Object.freeze({
    id: ID,
    options,
    classes: y.classes,
    dim,
    convergence,
    scores: (Q) => linearScores(model, Q),
    probabilities: (Q) => softmaxRows(linearScores(model, Q), temperature),
    writeGraph(graph, from) {
      const exact = writeLinearScores(model, graph, from);
      const scaled =
        temperature === 1 ? exact : graph.op("Mul", [exact, graph.float64([1 / temperature], [1])]);
      // Large scores rounded to float32 first would give other probabilities than the model in memory.
      const softmax = graph.op("Softmax", [scaled], { axis: { int: 1 } });
      return {
        scores: graph.op("Cast", [exact], { to: { int: 1 } }),
        probabilities: graph.op("Cast", [softmax], { to: { int: 1 } }),
      };
    },
  } satisfies FittedClassifier);
}
