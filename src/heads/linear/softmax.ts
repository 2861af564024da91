import { type Matrix, zeros } from "../../linalg/matrix.js";

/** Softmax of each row of `scores`; `temperature` divides the scores first. */
export function softmaxRows(scores: Matrix, temperature = 1): Matrix<Float64Array> {
  const { rows, cols } = scores;
  const out = zeros(rows, cols);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < cols; j++) most = Math.max(most, scores.data[start + j]!);
    let sum = 0;
    for (let j = 0; j < cols; j++) {
      const e = Math.exp((scores.data[start + j]! - most) / temperature);
      out.data[start + j] = e;
      sum += e;
    }
    for (let j = 0; j < cols; j++) out.data[start + j]! /= sum;
  }
  return out;
}
