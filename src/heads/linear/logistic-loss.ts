import { gemm } from "../../linalg/gemm.js";
import type { FloatArray, Matrix } from "../../linalg/matrix.js";
import type { Objective } from "./objective.js";

export interface LogisticProblem<Data extends FloatArray> {
  /** `[n, dim]`; float32 halves the time and leaves a gradient that is right to some seven digits. */
  readonly X: Matrix<Data>;
  readonly codes: Int32Array;
  readonly classCount: number;
  /** One a row. */
  readonly sampleWeights: Float64Array;
  readonly C: number;
  readonly fitIntercept: boolean;
  readonly threads: number;
}

/**
 * The penalised mean loss of logistic regression: sum_i s_i loss_i / S + |W|^2 / (2 C S), with S the sum of the
 * row weights. Intercepts are not penalised.
 * Parameters: the weights `[planes, dim]`, then the intercepts; two classes have one plane and the log-loss, more
 * have one a class and the cross-entropy of their softmax.
 * Its two passes over the rows are matrix products; the dtype of X is that of all products.
 */
export function logisticLoss<Data extends FloatArray>(problem: LogisticProblem<Data>): Objective {
  const { X, codes, classCount, sampleWeights, C, fitIntercept, threads } = problem;
  const { rows, cols: dim } = X;
  const planes = classCount === 2 ? 1 : classCount;
  const total = sampleWeights.reduce((sum, weight) => sum + weight, 0);
  const strength = 1 / (C * total);
  const room = (length: number): Data => new (X.data.constructor as new (length: number) => Data)(length);
  const weights = { data: room(dim * planes), rows: dim, cols: planes };
  const residuals = { data: room(rows * planes), rows, cols: planes };
  const sums = room(planes * dim);
  const values = new Float64Array(planes);

  return async (parameters, gradient) => {
    const intercepts = parameters.subarray(planes * dim);
    for (let c = 0; c < planes; c++) {
      for (let j = 0; j < dim; j++) weights.data[j * planes + c] = parameters[c * dim + j]!;
    }
    const decisions = (await gemm(X, weights, { out: residuals.data, threads })).data;
    gradient.fill(0);
    let loss = 0;
    for (let i = 0, at = 0; i < rows; i++, at += planes) {
      for (let c = 0; c < planes; c++) values[c] = decisions[at + c]! + intercepts[c]!;
      const weight = sampleWeights[i]! / total;
      loss += weight * (planes === 1 ? logLoss(values, codes[i]!) : crossEntropy(values, codes[i]!));
      for (let c = 0; c < planes; c++) {
        const pull = weight * values[c]!;
        decisions[at + c] = pull;
        if (fitIntercept) gradient[planes * dim + c]! += pull;
      }
    }
    // One plane's residuals lie as a row already: that product is a pass over X, where a transposed one packs it first.
    if (planes === 1) await gemm({ ...residuals, rows: 1, cols: rows }, X, { out: sums, threads });
    else await gemm(residuals, X, { transposeA: true, out: sums, threads });
    let squares = 0;
    for (let k = 0; k < planes * dim; k++) {
      squares += parameters[k]! * parameters[k]!;
      gradient[k] = sums[k]! + strength * parameters[k]!;
    }
    return loss + (strength / 2) * squares;
  };
}

/** Loss of one row of two classes; replaces its decision value by the loss's derivative. */
function logLoss(values: Float64Array, code: number): number {
  const d = values[0]!;
  const margin = code === 1 ? d : -d;
  const e = Math.exp(-Math.abs(margin));
  values[0] = (code === 1 ? -1 : 1) * (margin > 0 ? e / (1 + e) : 1 / (1 + e));
  return Math.log1p(e) + Math.max(-margin, 0);
}

/** The same for several classes. */
function crossEntropy(values: Float64Array, code: number): number {
  let most = values[0]!;
  for (let c = 1; c < values.length; c++) most = Math.max(most, values[c]!);
  let sum = 0;
  const own = values[code]! - most;
  for (let c = 0; c < values.length; c++) {
    const e = Math.exp(values[c]! - most);
    values[c] = e;
    sum += e;
  }
  for (let c = 0; c < values.length; c++) values[c]! /= sum;
  values[code]! -= 1;
  return Math.log(sum) - own;
}
