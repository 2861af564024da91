import { cholesky } from "../../linalg/cholesky.js";
import { gemm } from "../../linalg/gemm.js";
import { lowerInverse } from "../../linalg/lower-inverse.js";
import { type Matrix, zeros } from "../../linalg/matrix.js";
import { triangularSolve } from "../../linalg/triangular-solve.js";
import type { LogisticProblem } from "./logistic-loss.js";

/** Takes a gradient to about the step that Newton's method would take down it. */
export type InverseCurvature = (gradient: Float64Array) => Promise<Float64Array>;

/** The widest rows whose curvature is worth its factoring. */
const WIDEST = 4096;

/** Of the curvature at the start: most rows are surer than that at the end. */
const SHARE = 0.5;

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
  const { X, classCount, sampleWeights, C, fitIntercept, threads, signal } = problem;
  const { rows, cols: dim } = X;
  if (dim > WIDEST || rows < 2 * dim) return null;
  const planes = classCount === 2 ? 1 : classCount;
  const total = sampleWeights.reduce((sum, weight) => sum + weight, 0);
  const share = (classCount === 2 ? 1 / 4 : 1 / classCount) * SHARE;
  const side = dim + 1;
  const A = zeros(side, side);
  const square = (await weightedGram(X, sampleWeights, threads)).data;
  let trace = 0;
  for (let j = 0; j < dim; j++) trace += square[j * dim + j]!;
  const ridge = 1 / (C * total) + (JITTER * share * trace) / (dim * total);
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) A.data[i * side + j] = (share * square[i * dim + j]!) / total;
    A.data[i * side + i]! += ridge;
  }
  A.data[dim * side + dim] = share * (1 + JITTER);
  if (fitIntercept) {
    const weights = { data: Float32Array.from(sampleWeights), rows: 1, cols: rows };
    const sums = (await gemm(weights, X, { threads })).data;
    for (let j = 0; j < dim; j++) A.data[dim * side + j] = (share * sums[j]!) / total;
  }
  const L = await cholesky(A, { threads, signal });
  if (L === null) return null;
  if (planes === 1) return (gradient) => Promise.resolve(triangularSolve(L, gradient));
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
    return step;
  };
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
