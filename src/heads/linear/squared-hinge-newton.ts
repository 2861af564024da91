import { throwIfInterrupted } from "../../core/interrupted.js";
import { gemm } from "../../linalg/gemm.js";
import type { FloatArray, Matrix } from "../../linalg/matrix.js";
import type { Convergence } from "../classifier.js";
import { conjugateGradients } from "./conjugate-gradients.js";
import { dot } from "./linear-model.js";
import type { MarginGram } from "./margin-gram.js";
import { formedHessian, implicitHessian } from "./squared-hinge-hessian.js";

export interface SquaredHingeProblem<Data extends FloatArray> {
  /** `[n, dim]`; the dtype is that of all products. */
  readonly X: Matrix<Data>;
  /** +1 or -1 a row. */
  readonly signs: Int8Array;
  /** Penalty of each row: C times its weight. */
  readonly costs: Float64Array;
  readonly fitIntercept: boolean;
  readonly threads: number;
  /** Of X, weighted by the costs; null where no Hessian should be formed. */
  readonly gram: MarginGram | null;
  readonly signal?: AbortSignal | undefined;
}

export interface NewtonOptions {
  /** Weights `[dim]` and, last, the intercept. */
  readonly start: Float64Array;
  /** Stops when the gradient's norm is no more than this share of that at 0. */
  readonly tol: number;
  readonly maxIter: number;
  /** Gives up, not converged, at a step that lowers the value by less than this share of it; default 0: never. */
  readonly leastDecrease?: number;
}

export interface NewtonSolution {
  /** Weights `[dim]` and, last, the intercept. */
  readonly w: Float64Array;
  readonly convergence: Convergence;
}

/**
 * Minimises 1/2 |w|^2 + 1/2 b^2 + sum C_i max(0, 1 - y_i (w.x_i + b))^2 by Newton's method: the rows inside the
 * margin make the Hessian, conjugate gradients solve for the step, and a search along it finds how far to go.
 * The intercept is the weight of a feature that is always 1, penalised with the rest, as in LIBLINEAR.
 * @see Keerthi & DeCoste, "A modified finite Newton method for fast solution of large scale linear SVMs", JMLR 6, 2005.
 */
export async function squaredHingeNewton<Data extends FloatArray>(
  problem: SquaredHingeProblem<Data>,
  options: NewtonOptions,
): Promise<NewtonSolution> {
  const { X, signs, costs, gram, signal } = problem;
  const { rows, cols } = X;
  const { tol, maxIter, leastDecrease = 0 } = options;
  const w = Float64Array.from(options.start);
  const decisions = await project(problem, w);
  const zero = await gradientAt(problem, new Float64Array(cols + 1), new Float64Array(rows));
  const bound = tol * length(zero);
  let iterations = 0;
  let converged = false;
  let last = { size: Number.POSITIVE_INFINITY, share: Number.POSITIVE_INFINITY };
  for (;;) {
    const gradient = await gradientAt(problem, w, decisions);
    const size = length(gradient);
    converged = size <= bound;
    // Near the optimum the fall of the value is lost in its rounding; the gradient still tells whether a step was one.
    const stuck = last.share <= 0 && size > last.size / 2;
    if (converged || stuck || iterations >= maxIter) break;
    throwIfInterrupted(signal);
    const inside = Uint8Array.from(signs, (sign, i) => Number(1 - sign * decisions[i]! > 0));
    const hessian =
      gram === null
        ? implicitHessian({ ...problem, inside })
        : await formedHessian({ ...problem, inside }, gram);
    const step = await conjugateGradients(
      hessian,
      gradient.map((value) => -value),
      {
        tol: Math.min(0.1, Math.sqrt(size / length(zero))),
        maxIter: 200,
      },
    );
    const along = await project(problem, step);
    const { far, share } = searchAlong({ w, step, decisions, along, signs, costs });
    iterations++;
    if (!(far > 0)) break;
    for (let j = 0; j <= cols; j++) w[j]! += far * step[j]!;
    for (let i = 0; i < rows; i++) decisions[i]! += far * along[i]!;
    if (leastDecrease > 0 && share < leastDecrease) break;
    last = { size, share };
  }
  return { w, convergence: { converged, iterations } };
}

/** `w.x_i + b` of every row. */
async function project<Data extends FloatArray>(
  { X, threads }: SquaredHingeProblem<Data>,
  w: Float64Array,
): Promise<Float64Array> {
  const { rows, cols } = X;
  const column = new (X.data.constructor as new (length: number) => Data)(cols);
  column.set(w.subarray(0, cols));
  const { data } = await gemm(X, { data: column, rows: cols, cols: 1 }, { threads });
  return Float64Array.from({ length: rows }, (_, i) => data[i]! + w[cols]!);
}

async function gradientAt<Data extends FloatArray>(
  { X, signs, costs, fitIntercept, threads }: SquaredHingeProblem<Data>,
  w: Float64Array,
  decisions: Float64Array,
): Promise<Float64Array> {
  const { rows, cols } = X;
  const pulls = new (X.data.constructor as new (length: number) => Data)(rows);
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const slack = 1 - signs[i]! * decisions[i]!;
    if (slack <= 0) continue;
    const pull = -2 * costs[i]! * slack * signs[i]!;
    pulls[i] = pull;
    sum += pull;
  }
  const { data } = await gemm({ data: pulls, rows: 1, cols: rows }, X, { threads });
  const gradient = Float64Array.from(w);
  for (let j = 0; j < cols; j++) gradient[j]! += data[j]!;
  gradient[cols] = fitIntercept ? w[cols]! + sum : 0;
  return gradient;
}

interface Ray {
  readonly w: Float64Array;
  readonly step: Float64Array;
  readonly decisions: Float64Array;
  readonly along: Float64Array;
  readonly signs: Int8Array;
  readonly costs: Float64Array;
}

/**
 * How far to go along a step: where the slope, which grows in pieces, crosses 0, to a thousandth of the first slope.
 * @returns `share` by which the value falls.
 */
function searchAlong({ w, step, decisions, along, signs, costs }: Ray): { far: number; share: number } {
  const n = w.length;
  const own = { ww: dot(w, 0, w, 0, n), ws: dot(w, 0, step, 0, n), ss: dot(step, 0, step, 0, n) };
  const at = (far: number) => {
    let value = own.ww / 2 + far * own.ws + (far * far * own.ss) / 2;
    let slope = own.ws + far * own.ss;
    let curvature = own.ss;
    for (let i = 0; i < decisions.length; i++) {
      const sign = signs[i]!;
      const slack = 1 - sign * (decisions[i]! + far * along[i]!);
      if (slack <= 0) continue;
      const cost = costs[i]!;
      value += cost * slack * slack;
      slope -= 2 * cost * slack * sign * along[i]!;
      curvature += 2 * cost * along[i]! * along[i]!;
    }
    return { value, slope, curvature };
  };
  const first = at(0);
  if (!(first.slope < 0)) return { far: 0, share: 0 };
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let far = 1;
  let here = at(far);
  for (let tries = 0; tries < 30 && Math.abs(here.slope) > 1e-3 * Math.abs(first.slope); tries++) {
    if (here.slope < 0) low = far;
    else high = far;
    const newton = far - here.slope / here.curvature;
    far =
      newton > low && newton < high ? newton : high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * far;
    here = at(far);
  }
  return { far, share: (first.value - here.value) / Math.max(first.value, Number.MIN_VALUE) };
}

const length = (v: Float64Array): number => Math.sqrt(dot(v, 0, v, 0, v.length));
