/**
 * Gradients and hessians of the log-loss: of the sigmoid for one column of raw scores, of the softmax for several.
 * @param raw - by class, then by row. @param weights - of each row.
 * @param pairs - by class, gradient and hessian of each row side by side; written.
 */
export function logLossGradients(
  raw: Float64Array,
  columns: number,
  codes: Int32Array,
  weights: Float64Array,
  pairs: readonly Float64Array[],
): void {
  const n = codes.length;
  const p = new Float64Array(Math.max(2, columns));
  for (let i = 0; i < n; i++) {
    probabilitiesOf(raw, columns, n, i, p);
    for (let c = 0; c < columns; c++) {
      const share = columns === 1 ? p[1]! : p[c]!;
      const truth = codes[i] === (columns === 1 ? 1 : c) ? 1 : 0;
      pairs[c]![2 * i] = (share - truth) * weights[i]!;
      pairs[c]![2 * i + 1] = share * (1 - share) * weights[i]!;
    }
  }
}

/** Mean log-loss of the given rows, weighted. */
export function meanLogLoss(
  raw: Float64Array,
  columns: number,
  codes: Int32Array,
  weights: Float64Array,
  rows: Int32Array,
): number {
  const p = new Float64Array(Math.max(2, columns));
  let loss = 0;
  let weight = 0;
  for (const i of rows) {
    probabilitiesOf(raw, columns, codes.length, i, p);
    loss -= weights[i]! * Math.log(Math.max(p[codes[i]!]!, 1e-300));
    weight += weights[i]!;
  }
  return loss / weight;
}

/** Class probabilities of row i, written to `p`. */
function probabilitiesOf(raw: Float64Array, columns: number, n: number, i: number, p: Float64Array): void {
  if (columns === 1) {
    p[1] = 1 / (1 + Math.exp(-raw[i]!));
    p[0] = 1 / (1 + Math.exp(raw[i]!));
    return;
  }
  let largest = -Infinity;
  for (let c = 0; c < columns; c++) largest = Math.max(largest, raw[c * n + i]!);
  let sum = 0;
  for (let c = 0; c < columns; c++) {
    p[c] = Math.exp(raw[c * n + i]! - largest);
    sum += p[c]!;
  }
  for (let c = 0; c < columns; c++) p[c]! /= sum;
}
