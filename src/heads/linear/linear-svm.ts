import { z } from "zod";
import { cpuCount } from "../../core/cpu-count.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { type FloatArray, type Matrix, zeros } from "../../linalg/matrix.js";
import { float32Data, squaredNorms } from "../../linalg/row-dots.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, Convergence, FitControl, FittedClassifier, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { classWeightOption, parseOptions, seedOption } from "../parse-options.js";
import { crammerSinger } from "./crammer-singer.js";
import { type DualSolution, dualCoordinateDescent } from "./dual-coordinate-descent.js";
import { fittedLinear } from "./fitted-linear.js";
import { planeBetween } from "./linear-model.js";
import { type MarginGram, marginGram } from "./margin-gram.js";
import { WIDEST_HESSIAN } from "./squared-hinge-hessian.js";
import { squaredHingeNewton } from "./squared-hinge-newton.js";

const ID = "linear-svm.v1";

/** Share of the first gradient to which products in float32 lead reliably; the rest of the way is float64's. */
const FLOAT32_TOLERANCE = 1e-5;
/** A smaller share of the loss is rounding in float32. */
const FLOAT32_DECREASE = 1e-6;

export const linearSvmOptions = z.strictObject({
  C: z.number().positive().default(1).describe("Penalty of a mistake; larger fits the training rows closer"),
  loss: z
    .enum(["squared-hinge", "hinge"])
    .default("squared-hinge")
    .describe("squared-hinge or hinge; crammer-singer has its own"),
  multiclass: z
    .enum(["one-vs-rest", "crammer-singer"])
    .default("one-vs-rest")
    .describe("A machine for each class against the rest, or crammer-singer: one for all classes together"),
  tol: z.number().positive().default(1e-4).describe("Tolerance of the solver, in LIBLINEAR's sense"),
  maxIter: z
    .int()
    .positive()
    .default(1000)
    .describe("Steps of Newton's method, or passes over the rows for the hinge, at most, for each class"),
  fitIntercept: z.boolean().default(true).describe("Learn an intercept (penalised, as in LIBLINEAR)"),
  classWeight: classWeightOption,
  seed: seedOption,
});

export type LinearSvmOptions = z.output<typeof linearSvmOptions>;

/**
 * A linear support vector machine; one against the rest where there are more than two classes, or with
 * `multiclass: "crammer-singer"` one for all of them, whose loss is the margin to the strongest wrong class.
 *
 * The squared hinge is solved in the primal by Newton's method, the hinge in the dual by coordinate descent.
 * As in LIBLINEAR, a class weight multiplies C for the rows of both classes where there are two, and for the
 * positive rows of each one-against-the-rest problem where there are more.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Keerthi & DeCoste, JMLR 6, 2005; Hsieh et al., ICML 2008; the same optimum as scikit-learn's LinearSVC.
 */
export function linearSvm(options: z.input<typeof linearSvmOptions> = {}): Classifier<LinearSvmOptions> {
  const resolved = parseOptions("linear-svm", linearSvmOptions, options);
  return Object.freeze({
    id: ID,
    options: resolved,
    fit: (X: Matrix, y: Labels, control: FitControl = {}) => train(resolved, X, y, control),
  });
}

async function train(
  options: LinearSvmOptions,
  X: Matrix,
  y: Labels,
  { threads = cpuCount(), signal }: FitControl,
): Promise<FittedClassifier> {
  checkTrainingData(X, y);
  const multipliers = classMultipliers(y, options.classWeight);
  if (options.multiclass === "crammer-singer") return trainJointly(options, X, y, multipliers, signal);
  const solve =
    options.loss === "hinge" ? hingeSolver(X, options) : squaredHingeSolver(X, options, threads, signal);
  const binary = y.classes.length === 2;
  const planes = binary ? 1 : y.classes.length;
  const weights = zeros(planes, X.cols);
  const intercepts = new Float64Array(planes);
  const convergence: Convergence[] = [];
  for (let plane = 0; plane < planes; plane++) {
    throwIfInterrupted(signal);
    const positive = binary ? 1 : plane;
    const negativeCost = options.C * (binary ? multipliers[0]! : 1);
    const positiveCost = options.C * multipliers[positive]!;
    const solution = await solve(
      Int8Array.from(y.codes, (code) => (code === positive ? 1 : -1)),
      Float64Array.from(y.codes, (code) => (code === positive ? positiveCost : negativeCost)),
    );
    weights.data.set(solution.weights, plane * X.cols);
    intercepts[plane] = solution.intercept;
    convergence.push(solution.convergence);
  }
  return fittedLinear({
    id: ID,
    options,
    classes: y.classes,
    convergence: Object.freeze({
      converged: convergence.every((one) => one.converged),
      iterations: Math.max(...convergence.map((one) => one.iterations)),
    }),
    model: { weights, intercepts },
    probabilities: false,
  });
}

/** All classes at once; for two, the plane is what is between theirs. */
async function trainJointly(
  options: LinearSvmOptions,
  X: Matrix,
  y: Labels,
  multipliers: Float64Array,
  signal: AbortSignal | undefined,
): Promise<FittedClassifier> {
  const { model, convergence } = await crammerSinger({
    ...options,
    X: { data: Float64Array.from(X.data), rows: X.rows, cols: X.cols },
    codes: y.codes,
    classCount: y.classes.length,
    costs: Float64Array.from(y.codes, (code) => options.C * multipliers[code]!),
    signal,
  });
  return fittedLinear({
    id: ID,
    options,
    classes: y.classes,
    convergence: Object.freeze(convergence),
    model: y.classes.length === 2 ? planeBetween(model) : model,
    probabilities: false,
  });
}

/** Solves for one plane: signs and costs of the rows in, the plane out. */
type PlaneSolver = (signs: Int8Array, costs: Float64Array) => Promise<DualSolution>;

function hingeSolver(X: Matrix, options: LinearSvmOptions): PlaneSolver {
  const wide: Matrix<Float64Array> = { data: Float64Array.from(X.data), rows: X.rows, cols: X.cols };
  const norms = squaredNorms(wide);
  if (options.fitIntercept) for (let i = 0; i < norms.length; i++) norms[i]! += 1;
  return async (signs, costs) =>
    dualCoordinateDescent({ ...options, X: wide, squaredNorms: norms, signs, costs });
}

function squaredHingeSolver(
  X: Matrix,
  { fitIntercept, tol, maxIter }: LinearSvmOptions,
  threads: number,
  signal: AbortSignal | undefined,
): PlaneSolver {
  const coarse = { data: float32Data(X), rows: X.rows, cols: X.cols };
  let wide: Matrix<Float64Array> | null = null;
  // Where every plane has the same costs, each begins with the sums that the last one ended with.
  const coarseGram = gramsByCosts(coarse, threads);
  let wideGram: ((costs: Float64Array) => MarginGram | null) | null = null;
  return async (signs, costs) => {
    const rows = { signs, costs, fitIntercept, threads, signal };
    // LIBLINEAR's rule for its primal solver.
    const positives = signs.reduce((count, sign) => count + (sign > 0 ? 1 : 0), 0);
    const bound = (tol * Math.max(1, Math.min(positives, X.rows - positives))) / X.rows;
    const start = new Float64Array(X.cols + 1);
    const near = await squaredHingeNewton(
      { ...rows, X: coarse, gram: coarseGram(costs) },
      { start, tol: Math.max(bound, FLOAT32_TOLERANCE), maxIter, leastDecrease: FLOAT32_DECREASE },
    );
    const spent = near.convergence.iterations;
    const enough = near.convergence.converged && bound >= FLOAT32_TOLERANCE;
    if (enough || spent >= maxIter) {
      return planeOf(near.w, { converged: enough, iterations: spent });
    }
    wide ??= { data: Float64Array.from(X.data), rows: X.rows, cols: X.cols };
    wideGram ??= gramsByCosts(wide, threads);
    const exact = await squaredHingeNewton(
      { ...rows, X: wide, gram: wideGram(costs) },
      { start: near.w, tol: bound, maxIter: maxIter - spent },
    );
    const { converged, iterations } = exact.convergence;
    return planeOf(exact.w, { converged, iterations: spent + iterations });
  };
}

/** The sums for given costs; the same ones as long as the costs are. Null where a Hessian is not worth its forming. */
function gramsByCosts<Data extends FloatArray>(
  X: Matrix<Data>,
  threads: number,
): (costs: Float64Array) => MarginGram | null {
  let known: { readonly costs: Float64Array; readonly gram: MarginGram } | null = null;
  return (costs) => {
    if (X.cols > WIDEST_HESSIAN || X.rows < 2 * X.cols) return null;
    if (known === null || known.costs.some((cost, i) => cost !== costs[i])) {
      known = { costs, gram: marginGram(X, costs, threads) };
    }
    return known.gram;
  };
}

const planeOf = (w: Float64Array, convergence: Convergence): DualSolution => ({
  weights: w.slice(0, -1),
  intercept: w.at(-1)!,
  convergence,
});
