import { z } from "zod";
import { type Matrix, zeros } from "../../linalg/matrix.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, Convergence, FittedClassifier, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { classWeightOption, parseOptions, seedOption } from "../parse-options.js";
import { type DualProblem, type DualSolution, dualCoordinateDescent } from "./dual-coordinate-descent.js";
import { dot, type LinearModel, linearScores, writeLinearScores } from "./linear-model.js";
import { squaredHingePrimal } from "./squared-hinge-primal.js";

const ID = "linear-svm.v1";

/** Passes after which the squared hinge leaves the dual for the primal. */
const DUAL_PASSES = 100;

export const linearSvmOptions = z.strictObject({
  C: z.number().positive().default(1).describe("Penalty of a mistake; larger fits the training rows closer"),
  loss: z.enum(["squared-hinge", "hinge"]).default("squared-hinge").describe("squared-hinge or hinge"),
  tol: z.number().positive().default(1e-4).describe("Tolerance of the solver, in LIBLINEAR's sense"),
  maxIter: z
    .int()
    .positive()
    .default(1000)
    .describe("Passes over the rows and steps of L-BFGS at most, for each class"),
  fitIntercept: z.boolean().default(true).describe("Learn an intercept (penalised, as in LIBLINEAR)"),
  classWeight: classWeightOption,
  seed: seedOption,
});

export type LinearSvmOptions = z.output<typeof linearSvmOptions>;

/**
 * A linear support vector machine; one against the rest where there are more than two classes.
 *
 * Dual coordinate descent solves most problems in some tens of passes; where 100 do not, the squared hinge is
 * finished in the primal from where it got to.
 * As in LIBLINEAR, a class weight multiplies C for the rows of both classes where there are two, and for the
 * positive rows of each one-against-the-rest problem where there are more.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Hsieh et al., ICML 2008; the same optimum as scikit-learn's LinearSVC.
 */
export function linearSvm(options: z.input<typeof linearSvmOptions> = {}): Classifier<LinearSvmOptions> {
  const resolved = parseOptions("linear-svm", linearSvmOptions, options);
  return Object.freeze({
    id: ID,
    options: resolved,
    fit: (X: Matrix, y: Labels) => train(resolved, X, y),
  });
}

async function train(options: LinearSvmOptions, X: Matrix, y: Labels): Promise<FittedClassifier> {
  checkTrainingData(X, y);
  const multipliers = classMultipliers(y, options.classWeight);
  const wide: Matrix<Float64Array> = { data: Float64Array.from(X.data), rows: X.rows, cols: X.cols };
  const bias = options.fitIntercept ? 1 : 0;
  const squaredNorms = Float64Array.from({ length: X.rows }, (_, i) => {
    return dot(wide.data, i * X.cols, wide.data, i * X.cols, X.cols) + bias;
  });
  const binary = y.classes.length === 2;
  const planes = binary ? 1 : y.classes.length;
  const weights = zeros(planes, X.cols);
  const intercepts = new Float64Array(planes);
  const convergence: Convergence[] = [];
  for (let plane = 0; plane < planes; plane++) {
    const positive = binary ? 1 : plane;
    const negativeCost = options.C * (binary ? multipliers[0]! : 1);
    const positiveCost = options.C * multipliers[positive]!;
    const solution = await solve({
      ...options,
      X: wide,
      squaredNorms,
      signs: Int8Array.from(y.codes, (code) => (code === positive ? 1 : -1)),
      costs: Float64Array.from(y.codes, (code) => (code === positive ? positiveCost : negativeCost)),
    });
    weights.data.set(solution.weights, plane * X.cols);
    intercepts[plane] = solution.intercept;
    convergence.push(solution.convergence);
  }
  const model: LinearModel = { weights, intercepts };
  return Object.freeze({
    id: ID,
    options,
    classes: y.classes,
    dim: X.cols,
    convergence: Object.freeze({
      converged: convergence.every((one) => one.converged),
      iterations: Math.max(...convergence.map((one) => one.iterations)),
    }),
    scores: (Q) => linearScores(model, Q),
    probabilities: null,
    writeGraph: (graph, x) => ({
      scores: graph.op("Cast", [writeLinearScores(model, graph, x)], { to: { int: 1 } }),
      probabilities: null,
    }),
  } satisfies FittedClassifier);
}

async function solve(problem: DualProblem): Promise<DualSolution> {
  if (problem.loss === "hinge") return dualCoordinateDescent(problem);
  const near = dualCoordinateDescent({ ...problem, maxIter: Math.min(problem.maxIter, DUAL_PASSES) });
  return near.convergence.converged || problem.maxIter <= DUAL_PASSES
    ? near
    : squaredHingePrimal(problem, near);
}
