import { throwIfInterrupted } from "../core/interrupted.js";
import { factorInKernel } from "./cholesky-kernel.js";
import type { ComputeControl } from "./compute-control.js";
import { gemm } from "./gemm.js";
import { checkShape, type Matrix, zeros } from "./matrix.js";

/** Columns that are factored by plain loops before products bring in the rest. */
const BLOCK = 96;

/** So many columns are factored without products: a fresh process opens no session for them. */
const FEW = 448;

/**
 * The lower triangle L with A = L L^T, in blocks whose products run on ONNX Runtime.
 * @param A - symmetric `[n, n]`; only its lower triangle is read.
 * @returns null where A is not positive definite: where a pivot is no more than rounding leaves of its diagonal.
 * @see Golub & Van Loan, Matrix Computations, 4.2.5-4.2.7.
 */
export async function cholesky(
  A: Matrix<Float64Array>,
  { threads, signal }: ComputeControl = {},
): Promise<Matrix<Float64Array> | null> {
  const n = A.rows;
  checkShape("A", A, n, n);
  const L = zeros(n, n);
  if (n <= FEW) {
    throwIfInterrupted(signal);
    const definite = factorInKernel(A, L);
    if (definite !== null) return definite ? L : null;
  }
  for (let i = 0; i < n; i++) L.data.set(A.data.subarray(i * n, i * n + i + 1), i * n);
  const width = n <= FEW ? n : BLOCK;
  for (let from = 0; from < n; from += width) {
    throwIfInterrupted(signal);
    const to = Math.min(n, from + width);
    if (from > 0) {
      const left = sliceOf(L, from, n, 0, from);
      const top = { data: left.data.subarray(0, (to - from) * from), rows: to - from, cols: from };
      const product = await gemm(left, top, { transposeB: true, ...(threads !== undefined && { threads }) });
      for (let i = from, k = 0; i < n; i++) {
        for (let j = from; j < to; j++, k++) if (j <= i) L.data[i * n + j]! -= product.data[k]!;
      }
    }
    if (!factorPanel(L, A, from, to)) return null;
  }
  return L;
}

/** Finishes the columns `from` to `to`, from which all columns before were taken off. */
function factorPanel(L: Matrix<Float64Array>, A: Matrix<Float64Array>, from: number, to: number): boolean {
  const n = L.rows;
  const { data } = L;
  for (let j = from; j < to; j++) {
    let pivot = data[j * n + j]!;
    for (let t = from; t < j; t++) pivot -= data[j * n + t]! * data[j * n + t]!;
    if (!(pivot > n * Number.EPSILON * A.data[j * n + j]!)) return false;
    const root = Math.sqrt(pivot);
    data[j * n + j] = root;
    let i = j + 1;
    // Four rows at a time, so that none waits for its own last sum.
    for (; i + 3 < n; i += 4) {
      const [p, q, r, s] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
      let a = data[p + j]!;
      let b = data[q + j]!;
      let c = data[r + j]!;
      let d = data[s + j]!;
      for (let t = from, at = j * n + from; t < j; t++, at++) {
        const value = data[at]!;
        a -= data[p + t]! * value;
        b -= data[q + t]! * value;
        c -= data[r + t]! * value;
        d -= data[s + t]! * value;
      }
      data[p + j] = a / root;
      data[q + j] = b / root;
      data[r + j] = c / root;
      data[s + j] = d / root;
    }
    for (; i < n; i++) {
      let value = data[i * n + j]!;
      for (let t = from; t < j; t++) value -= data[i * n + t]! * data[j * n + t]!;
      data[i * n + j] = value / root;
    }
  }
  return true;
}

/**
 * X with L L^T X = B.
 * @param L - lower triangle `[n, n]` of {@link cholesky}. @param B - `[n, m]`.
 */
export async function choleskySolve(
  L: Matrix<Float64Array>,
  B: Matrix<Float64Array>,
  { threads, signal }: ComputeControl = {},
): Promise<Matrix<Float64Array>> {
  const n = L.rows;
  const m = B.cols;
  checkShape("B", B, n, "*");
  const X: Matrix<Float64Array> = { data: B.data.slice(), rows: n, cols: m };
  const rowsOf = (from: number, to: number): Matrix<Float64Array> => ({
    data: X.data.subarray(from * m, to * m),
    rows: to - from,
    cols: m,
  });
  const shared = threads === undefined ? {} : { threads };
  for (let from = 0; from < n; from += BLOCK) {
    throwIfInterrupted(signal);
    const to = Math.min(n, from + BLOCK);
    if (from > 0)
      subtract(rowsOf(from, to), await gemm(sliceOf(L, from, to, 0, from), rowsOf(0, from), shared));
    for (let i = from; i < to; i++) {
      for (let t = from; t < i; t++) addRow(X, i, t, -L.data[i * n + t]!);
      scaleRow(X, i, 1 / L.data[i * n + i]!);
    }
  }
  for (let from = Math.floor((n - 1) / BLOCK) * BLOCK; from >= 0; from -= BLOCK) {
    throwIfInterrupted(signal);
    const to = Math.min(n, from + BLOCK);
    if (to < n) {
      const below = sliceOf(L, to, n, from, to);
      subtract(rowsOf(from, to), await gemm(below, rowsOf(to, n), { transposeA: true, ...shared }));
    }
    for (let i = to - 1; i >= from; i--) {
      for (let t = i + 1; t < to; t++) addRow(X, i, t, -L.data[t * n + i]!);
      scaleRow(X, i, 1 / L.data[i * n + i]!);
    }
  }
  return X;
}

function sliceOf(
  A: Matrix<Float64Array>,
  top: number,
  bottom: number,
  from: number,
  to: number,
): Matrix<Float64Array> {
  const slice = zeros(bottom - top, to - from);
  for (let i = top; i < bottom; i++) {
    slice.data.set(A.data.subarray(i * A.cols + from, i * A.cols + to), (i - top) * (to - from));
  }
  return slice;
}

function subtract(from: Matrix<Float64Array>, part: Matrix<Float64Array>): void {
  for (let k = 0; k < part.data.length; k++) from.data[k]! -= part.data[k]!;
}

function addRow({ data, cols }: Matrix<Float64Array>, to: number, from: number, factor: number): void {
  for (let j = 0, a = to * cols, b = from * cols; j < cols; j++) data[a++]! += factor * data[b++]!;
}

function scaleRow({ data, cols }: Matrix<Float64Array>, row: number, factor: number): void {
  for (let k = row * cols; k < (row + 1) * cols; k++) data[k]! *= factor;
}
