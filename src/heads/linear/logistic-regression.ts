import { z } from "zod";
import { cpuCount } from "../../core/cpu-count.js";
import { type Matrix, matrix } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FitControl, FittedClassifier, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { classWeightOption, parseOptions } from "../parse-options.js";
import { fittedLinear } from "./fitted-linear.js";
import { lbfgs } from "./lbfgs.js";
import { logisticCurvature } from "./logistic-curvature.js";
import { logisticLoss } from "./logistic-loss.js";

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
    fit: (X: Matrix, y: Labels, control: FitControl = {}) => train(resolved, X, y, control),
  });
}

/** Largest component of the gradient to which products in float32 lead reliably; the rest of the way is float64's. */
const FLOAT32_TOLERANCE = 1e-5;
/** A smaller share of the loss is rounding in float32. */
const FLOAT32_DECREASE = 1e-6;

async function train(
  options: LogisticRegressionOptions,
  X: Matrix,
  y: Labels,
  { threads = cpuCount(), signal }: FitControl,
): Promise<FittedClassifier> {
  checkTrainingData(X, y);
  const dim = X.cols;
  const multipliers = classMultipliers(y, options.classWeight);
  const classCount = y.classes.length;
  const planes = classCount === 2 ? 1 : classCount;
  const problem = {
    codes: y.codes,
    classCount,
    sampleWeights: Float64Array.from(y.codes, (code) => multipliers[code]!),
    C: options.C,
    fitIntercept: options.fitIntercept,
    threads,
  };
  const { tol, maxIter } = options;
  const coarse = { data: float32Data(X), rows: X.rows, cols: dim };
  const inverseHessian = await logisticCurvature({ ...problem, X: coarse, signal });
  const near = await lbfgs(logisticLoss({ ...problem, X: coarse }), new Float64Array(planes * (dim + 1)), {
    tol: Math.max(tol, FLOAT32_TOLERANCE),
    maxIter,
    leastDecrease: FLOAT32_DECREASE,
    inverseHessian,
    signal,
  });
  const enough = tol >= FLOAT32_TOLERANCE && near.convergence.converged;
  const spent = near.convergence.iterations;
  const solution =
    enough || spent >= maxIter
      ? near
      : await lbfgs(
          logisticLoss({ ...problem, X: { data: Float64Array.from(X.data), rows: X.rows, cols: dim } }),
          near.x,
          { tol, maxIter: maxIter - spent, inverseHessian, signal },
        );
  const convergence = Object.freeze({
    converged: solution.convergence.converged && (enough || solution !== near),
    iterations: solution === near ? spent : spent + solution.convergence.iterations,
  });
  const weights = matrix(solution.x.slice(0, planes * dim), planes, dim);
  const intercepts = solution.x.slice(planes * dim);
  return fittedLinear({
    id: ID,
    options,
    classes: y.classes,
    convergence,
    model: { weights, intercepts },
    probabilities: true,
  });
}
