import type { Matrix } from "../../linalg/matrix.js";
import { dot } from "./linear-model.js";
import type { Objective } from "./objective.js";

export interface LogisticProblem {
  /** `[n, dim]`, float64. */
  readonly X: Matrix<Float64Array>;
  readonly codes: Int32Array;
  readonly classCount: number;
  /** One a row. */
  readonly sampleWeights: Float64Array;
  readonly C: number;
  readonly fitIntercept: boolean;
}

/**
 * The penalised mean loss of logistic regression: sum_i s_i loss_i / S + |W|^2 / (2 C S), with S the sum of the
 * row weights. Intercepts are not penalised.
 * Parameters: one block of dim weights and one intercept for each plane; two classes have one plane and the
 * log-loss, more have one a class and the cross-entropy of their softmax.
 */
export function logisticLoss(problem: LogisticProblem): Objective {
  const { X, codes, classCount, sampleWeights, C, fitIntercept } = problem;
  const { data, rows, cols: dim } = X;
  const planes = classCount === 2 ? 1 : classCount;
  const block = dim + 1;
  const total = sampleWeights.reduce((sum, weight) => sum + weight, 0);
  const values = new Float64Array(planes);

  return (parameters, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let i = 0; i < rows; i++) {
      const start = i * dim;
      for (let c = 0; c < planes; c++) {
        values[c] = dot(data, start, parameters, c * block, dim) + parameters[c * block + dim]!;
      }
      const weight = sampleWeights[i]! / total;
      loss += weight * (planes === 1 ? logLoss(values, codes[i]!) : crossEntropy(values, codes[i]!));
      for (let c = 0; c < planes; c++) {
        const pull = weight * values[c]!;
        const at = c * block;
        for (let j = 0; j < dim; j++) gradient[at + j]! += pull * data[start + j]!;
        if (fitIntercept) gradient[at + dim]! += pull;
      }
    }
    const strength = 1 / (C * total);
    let squares = 0;
    for (let c = 0; c < planes; c++) {
      for (let k = c * block; k < c * block + dim; k++) {
        squares += parameters[k]! * parameters[k]!;
        gradient[k]! += strength * parameters[k]!;
      }
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
