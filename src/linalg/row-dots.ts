import { dotModule } from "./dot-module.js";
import { type Matrix, matrix } from "./matrix.js";

/** A run of rows: `from` up to, not including, `to`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Scalar products of rows of A with rows of B, written to `out` at `(i - a.from) * stride + (j - b.from)`.
 * Each is summed in the order of the columns, so it does not depend on the ranges it was asked with.
 * Large ones go through WebAssembly, 4 × 4 rows at a time, with the same sums bit for bit.
 */
export function rowDots(
  A: Matrix<Float64Array>,
  a: RowRange,
  B: Matrix<Float64Array>,
  b: RowRange,
  out: Float64Array,
  stride: number,
): void {
  if (
    a.to - a.from >= 4 &&
    b.to - b.from >= 4 &&
    A.cols >= 16 &&
    A.cols <= WIDEST &&
    panelDots(A, a, B, b, out, stride)
  )
    return;
  let i = a.from;
  for (; i + 1 < a.to; i += 2) twoRows(A.data, i, B.data, b, A.cols, out, (i - a.from) * stride, stride);
  if (i < a.to) oneRow(A.data, i, B.data, b, A.cols, out, (i - a.from) * stride);
}

/** Rows of A, and of B, that lie in the module's memory at a time. */
const A_ROWS = 64;
const B_ROWS = 64;

/** Columns up to which that is some tens of megabytes. */
const WIDEST = 32768;

/** @returns false where there is no such module. */
function panelDots(
  A: Matrix<Float64Array>,
  a: RowRange,
  B: Matrix<Float64Array>,
  b: RowRange,
  out: Float64Array,
  stride: number,
): boolean {
  const module = dotModule();
  if (module === null) return false;
  const { cols } = A;
  const panelsAt = A_ROWS * cols;
  const sumsAt = panelsAt + B_ROWS * cols;
  const bytes = 8 * (sumsAt + A_ROWS * B_ROWS);
  const lacking = bytes - module.memory.buffer.byteLength;
  if (lacking > 0) module.memory.grow(Math.ceil(lacking / 65536));
  const memory = new Float64Array(module.memory.buffer);
  for (let i0 = a.from; i0 < a.to; i0 += A_ROWS) {
    const i1 = Math.min(a.to, i0 + A_ROWS);
    memory.set(A.data.subarray(i0 * cols, i1 * cols));
    // Rows beyond the last are whatever lies there; their sums are not read.
    for (let j0 = b.from; j0 < b.to; j0 += B_ROWS) {
      const j1 = Math.min(b.to, j0 + B_ROWS);
      for (let j = j0; j < j1; j++)
        packRow(B.data, j * cols, cols, memory, panelsAt + panelStart(j - j0, cols));
      for (let i = 0; i < i1 - i0; i += 4) {
        for (let j = 0; j < j1 - j0; j += 4) {
          const panel = panelsAt + panelStart(j, cols);
          module.panel(8 * i * cols, 8 * cols, 8 * panel, cols, 8 * (sumsAt + i * B_ROWS + j), 8 * B_ROWS);
        }
      }
      for (let i = i0; i < i1; i++) {
        const sums = sumsAt + (i - i0) * B_ROWS;
        out.set(memory.subarray(sums, sums + j1 - j0), (i - a.from) * stride + j0 - b.from);
      }
    }
  }
  return true;
}

/** Four rows of B lie side by side, column by column. */
const panelStart = (row: number, cols: number): number => (row - (row % 4)) * cols + (row % 4);

function packRow(from: Float64Array, at: number, cols: number, to: Float64Array, start: number): void {
  for (let k = 0; k < cols; k++) to[start + 4 * k] = from[at + k]!;
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
