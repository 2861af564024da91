import type { FloatArray } from "../../linalg/matrix.js";

/** The rows that a loss is summed over. */
export interface LossRows {
  readonly codes: Int32Array;
  /** One a row. */
  readonly rowWeights: Float64Array;
}

/**
 * Weighted sum of the log-loss over `rows` rows; their logits are replaced by the derivatives of that sum.
 * One logit a row is that of the second of two classes (sigmoid); more are those of all classes (softmax).
 * @param logits - `[rows, outputs]`.
 * @param from - index of the first row in `codes` and `rowWeights`.
 */
export function outputLoss(
  logits: FloatArray,
  rows: number,
  outputs: number,
  { codes, rowWeights }: LossRows,
  from: number,
): number {
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const weight = rowWeights[from + i]!;
    const code = codes[from + i]!;
    loss +=
      weight *
      (outputs === 1
        ? logLoss(logits, i, code, weight)
        : crossEntropy(logits, i * outputs, outputs, code, weight));
  }
  return loss;
}

function logLoss(logits: FloatArray, at: number, code: number, weight: number): number {
  const d = logits[at]!;
  const margin = code === 1 ? d : -d;
  const e = Math.exp(-Math.abs(margin));
  logits[at] = (code === 1 ? -weight : weight) * (margin > 0 ? e / (1 + e) : 1 / (1 + e));
  return Math.log1p(e) + Math.max(-margin, 0);
}

function crossEntropy(logits: FloatArray, at: number, outputs: number, code: number, weight: number): number {
  let most = logits[at]!;
  for (let c = 1; c < outputs; c++) most = Math.max(most, logits[at + c]!);
  const own = logits[at + code]! - most;
  let sum = 0;
  for (let c = 0; c < outputs; c++) {
    const e = Math.exp(logits[at + c]! - most);
    logits[at + c] = e;
    sum += e;
  }
  for (let c = 0; c < outputs; c++) logits[at + c]! *= weight / sum;
  logits[at + code]! -= weight;
  return Math.log(sum) - own;
}
