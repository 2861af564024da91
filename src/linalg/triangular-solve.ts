import type { Matrix } from "./matrix.js";

/**
 * x with L L^T x = b, in plain loops: for a few vectors, where products of blocks do not pay.
 * @param L - lower triangle `[n, n]` of `cholesky`. @param b - `[n]`.
 * @see Golub & Van Loan, Matrix Computations, 3.1.
 */
export function triangularSolve({ data, rows: n }: Matrix<Float64Array>, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let j = 0, at = i * n; j < i; j++, at++) sum -= data[at]! * x[j]!;
    x[i] = sum / data[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = x[i]! / data[i * n + i]!;
    x[i] = value;
    for (let j = 0, at = i * n; j < i; j++, at++) x[j]! -= data[at]! * value;
  }
  return x;
}
