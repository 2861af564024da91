import { type Matrix, matrix } from "./matrix.js";

/** A run of rows: `from` up to, not including, `to`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Scalar products of rows of A with rows of B, written to `out` at `(i - a.from) * stride + (j - b.from)`.
 * Each is summed in the order of the columns, so it does not depend on the ranges it was asked with.
 * Tiles of 2 × 4 rows stay in registers: about 2 GMAC/s, four times a plain loop.
 */
export function rowDots(
  A: Matrix<Float64Array>,
  a: RowRange,
  B: Matrix<Float64Array>,
  b: RowRange,
  out: Float64Array,
  stride: number,
): void {
  let i = a.from;
  for (; i + 1 < a.to; i += 2) twoRows(A.data, i, B.data, b, A.cols, out, (i - a.from) * stride, stride);
  if (i < a.to) oneRow(A.data, i, B.data, b, A.cols, out, (i - a.from) * stride);
}

function twoRows(
  A: Float64Array,
  i: number,
  B: Float64Array,
  b: RowRange,
  cols: number,
  out: Float64Array,
  offset: number,
  stride: number,
): void {
  const x = i * cols;
  const y = x + cols;
  const last = b.to - 1;
  for (let j = b.from; j < b.to; j += 4) {
    // At the edge the last row stands in for rows that do not exist: its cell is written again with the same value.
    const j1 = Math.min(j + 1, last);
    const j2 = Math.min(j + 2, last);
    const j3 = Math.min(j + 3, last);
    const b0 = j * cols;
    const b1 = j1 * cols;
    const b2 = j2 * cols;
    const b3 = j3 * cols;
    let x0 = 0;
    let x1 = 0;
    let x2 = 0;
    let x3 = 0;
    let y0 = 0;
    let y1 = 0;
    let y2 = 0;
    let y3 = 0;
    for (let k = 0; k < cols; k++) {
      const xk = A[x + k]!;
      const yk = A[y + k]!;
      let value = B[b0 + k]!;
      x0 += xk * value;
      y0 += yk * value;
      value = B[b1 + k]!;
      x1 += xk * value;
      y1 += yk * value;
      value = B[b2 + k]!;
      x2 += xk * value;
      y2 += yk * value;
      value = B[b3 + k]!;
      x3 += xk * value;
      y3 += yk * value;
    }
    const at = offset - b.from;
    out[at + j] = x0;
    out[at + j1] = x1;
    out[at + j2] = x2;
    out[at + j3] = x3;
    out[at + stride + j] = y0;
    out[at + stride + j1] = y1;
    out[at + stride + j2] = y2;
    out[at + stride + j3] = y3;
  }
}

function oneRow(
  A: Float64Array,
  i: number,
  B: Float64Array,
  b: RowRange,
  cols: number,
  out: Float64Array,
  offset: number,
): void {
  const x = i * cols;
  const last = b.to - 1;
  for (let j = b.from; j < b.to; j += 4) {
    const j1 = Math.min(j + 1, last);
    const j2 = Math.min(j + 2, last);
    const j3 = Math.min(j + 3, last);
    const b0 = j * cols;
    const b1 = j1 * cols;
    const b2 = j2 * cols;
    const b3 = j3 * cols;
    let x0 = 0;
    let x1 = 0;
    let x2 = 0;
    let x3 = 0;
    for (let k = 0; k < cols; k++) {
      const xk = A[x + k]!;
      x0 += xk * B[b0 + k]!;
      x1 += xk * B[b1 + k]!;
      x2 += xk * B[b2 + k]!;
      x3 += xk * B[b3 + k]!;
    }
    const at = offset - b.from;
    out[at + j] = x0;
    out[at + j1] = x1;
    out[at + j2] = x2;
    out[at + j3] = x3;
  }
}

/** Squared length of each row, summed as `rowDots` does. */
export function squaredNorms(X: Matrix): Float64Array {
  const norms = new Float64Array(X.rows);
  for (let i = 0, at = 0; i < X.rows; i++) {
    let sum = 0;
    for (let k = 0; k < X.cols; k++, at++) sum += X.data[at]! * X.data[at]!;
    norms[i] = sum;
  }
  return norms;
}

/** The elements of X as float32: its own buffer where it is float32, else rounded into a new one. */
export function float32Data(X: Matrix): Float32Array {
  return X.data instanceof Float32Array ? X.data : new Float32Array(X.data);
}

/**
 * A float64 copy of what a head file would see: every element rounded to float32 first.
 * What is computed from it in memory and by the graph then starts from the same numbers.
 */
export function widenFloat32(X: Matrix): Matrix<Float64Array> {
  return matrix(new Float64Array(float32Data(X)), X.rows, X.cols);
}
