import { cholesky } from "../../linalg/cholesky.js";
import { gemm } from "../../linalg/gemm.js";
import { lowerInverse } from "../../linalg/lower-inverse.js";
import { type Matrix, selectRows, zeros } from "../../linalg/matrix.js";
import { triangularSolver } from "../../linalg/triangular-solver.js";
import type { LogisticProblem } from "./logistic-loss.js";

/** Takes a gradient to about the step that Newton's method would take down it. */
export type InverseCurvature = (gradient: Float64Array) => Promise<Float64Array>;

/** The widest rows whose curvature is worth its factoring. */
const WIDEST = 4096;

/** Of the curvature at the start: most rows are surer than that at the end. */
const SHARE = 0.5;

/** Rows for each column that the curvature is formed of, where there are more: the guess need not be a good one. */
const ROWS_A_COLUMN = 4;

/** Columns for each plane from which on a few more steps cost less than the curvature of all rows. */
const COLUMNS_A_PLANE = 100;

/** Of the mean diagonal: what float32 sums are wrong by, several times over. */
const JITTER = 1e-6;

/**
 * The inverse of one curvature for every plane: that of the loss at the start, where all classes are as likely, scaled
 * down. Every row curves the loss by at most its own outer product times 1/4, or 1/2 for several classes, so the shape
 * is right all along; solvers that learn the scale need a quarter of the steps.
 * @returns null where forming it costs more than it saves: wide rows, or few.
 * @see Böhning, "Multinomial logistic regression algorithm", Annals of the Institute of Statistical Mathematics 44, 1992.
 */
export async function logisticCurvature(
  problem: LogisticProblem<Float32Array> & { readonly signal?: AbortSignal | undefined },
): Promise<InverseCurvature | null> {
  const { classCount, C, fitIntercept, threads, signal } = problem;
  const dim = problem.X.cols;
  if (dim > WIDEST || problem.X.rows < 2 * dim) return null;
  const planes = classCount === 2 ? 1 : classCount;
  const strength = 1 / (C * sumOf(problem.sampleWeights));
  const { X, sampleWeights } =
    dim < COLUMNS_A_PLANE * planes ? problem : someRows(problem, ROWS_A_COLUMN * dim);
  const total = sumOf(sampleWeights);
  if (!(total > 0)) return null;
  // Of the curvature; what is factored is the sums themselves, for which no loop has to be compiled.
  const scale = ((classCount === 2 ? 1 / 4 : 1 / classCount) * SHARE) / total;
  const side = dim + 1;
  const A = zeros(side, side);
  const square = (await weightedGram(X, sampleWeights, threads)).data;
  for (let i = 0; i < dim; i++) A.data.set(square.subarray(i * dim, i * dim + i + 1), i * side);
  let trace = 0;
  for (let j = 0; j < dim; j++) trace += square[j * dim + j]!;
  const ridge = strength / scale + (JITTER * trace) / dim;
  for (let j = 0; j < dim; j++) A.data[j * side + j]! += ridge;
  A.data[dim * side + dim] = total * (1 + JITTER);
  if (fitIntercept) {
    const weights = { data: Float32Array.from(sampleWeights), rows: 1, cols: X.rows };
    A.data.set((await gemm(weights, X, { threads })).data, dim * side);
  }
  const L = await cholesky(A, { threads, signal });
  if (L === null) return null;
  if (planes === 1) {
    const solve = triangularSolver(L);
    return async (gradient) => solve(gradient).map((value) => value / scale);
  }
  const root = await lowerInverse(L, { threads, signal });
  const inverse = await gemm(root, root, { transposeA: true, threads });
  return async (gradient) => {
    const byPlane = zeros(planes, side);
    for (let c = 0; c < planes; c++) {
      byPlane.data.set(gradient.subarray(c * dim, (c + 1) * dim), c * side);
      byPlane.data[c * side + dim] = gradient[planes * dim + c]!;
    }
    const { data } = await gemm(byPlane, inverse, { threads });
    const step = new Float64Array(gradient.length);
    for (let c = 0; c < planes; c++) {
      step.set(data.subarray(c * side, c * side + dim), c * dim);
      step[planes * dim + c] = data[c * side + dim]!;
    }
    for (let k = 0; k < step.length; k++) step[k]! /= scale;
    return step;
  };
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** As many rows at most, evenly spaced. */
function someRows(
  { X, sampleWeights }: Pick<LogisticProblem<Float32Array>, "X" | "sampleWeights">,
  most: number,
): Pick<LogisticProblem<Float32Array>, "X" | "sampleWeights"> {
  if (X.rows <= most) return { X, sampleWeights };
  const taken = Int32Array.from({ length: most }, (_, s) => Math.floor((s * X.rows) / most));
  return { X: selectRows(X, taken), sampleWeights: Float64Array.from(taken, (i) => sampleWeights[i]!) };
}

/** XᵀSX. */
async function weightedGram(
  X: Matrix<Float32Array>,
  weights: Float64Array,
  threads: number,
): Promise<Matrix<Float32Array>> {
  let scaled = X;
  if (weights.some((weight) => weight !== 1)) {
    const data = X.data.slice();
    for (let i = 0, at = 0; i < X.rows; i++) {
      for (let j = 0; j < X.cols; j++, at++) data[at]! *= weights[i]!;
    }
    scaled = { ...X, data };
  }
  return gemm(X, scaled, { transposeA: true, threads });
}
