import { type Matrix, zeros } from "./matrix.js";

/** A = basis^T T basis for T with three diagonals. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Element i lies beside `diagonal[i]` and `diagonal[i + 1]`. */
  readonly beside: Float64Array;
  /** `[n, n]`, orthogonal. */
  readonly basis: Matrix<Float64Array>;
}

/**
 * Brings a symmetric matrix to three diagonals by Householder reflections.
 * @see Golub & Van Loan, Matrix Computations, 8.3.1.
 */
export function tridiagonalize(A: Matrix<Float64Array>): Tridiagonal {
  const n = A.rows;
  const work = A.data.slice();
  const beside = new Float64Array(Math.max(0, n - 1));
  // Row k holds the direction of reflection k from k + 1 on; it is of length sqrt(2).
  const directions = zeros(Math.max(0, n - 2), n);
  const p = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    const v = directions.data.subarray(k * n, (k + 1) * n);
    beside[k] = reflection(work, n, k, v);
    let overlap = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++) sum += work[at++]! * v[j]!;
      p[i] = sum;
      overlap += sum * v[i]!;
    }
    for (let i = k + 1; i < n; i++) p[i]! -= (overlap / 2) * v[i]!;
    for (let i = k + 1; i < n; i++) {
      const vi = v[i]!;
      const pi = p[i]!;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++) work[at++]! -= vi * p[j]! + pi * v[j]!;
    }
  }
  if (n > 1) beside[n - 2] = work[(n - 1) * n + n - 2]!;
  const diagonal = Float64Array.from({ length: n }, (_, i) => work[i * n + i]!);
  return { diagonal, beside, basis: basisOf(directions, n) };
}

/** Writes the direction that maps column k below the diagonal to its first axis; returns what stands there then. */
function reflection(work: Float64Array, n: number, k: number, v: Float64Array): number {
  let largest = 0;
  for (let i = k + 1; i < n; i++) largest = Math.max(largest, Math.abs(work[i * n + k]!));
  if (largest === 0) return 0;
  let square = 0;
  for (let i = k + 1; i < n; i++) {
    v[i] = work[i * n + k]! / largest;
    square += v[i]! * v[i]!;
  }
  const first = v[k + 1]!;
  const length = first > 0 ? -Math.sqrt(square) : Math.sqrt(square);
  v[k + 1] = first - length;
  // |v|^2 / 2 is length (length - first).
  const factor = 1 / Math.sqrt(length * (length - first));
  for (let i = k + 1; i < n; i++) v[i]! *= factor;
  return length * largest;
}

/** The product of the reflections, the last one first: its rows are the basis. */
function basisOf(directions: Matrix<Float64Array>, n: number): Matrix<Float64Array> {
  const columns = zeros(n, n);
  for (let i = 0; i < n; i++) columns.data[i * n + i] = 1;
  const sum = new Float64Array(n);
  for (let k = directions.rows - 1; k >= 0; k--) {
    const v = directions.data.subarray(k * n, (k + 1) * n);
    sum.fill(0);
    for (let i = k + 1; i < n; i++) {
      for (let j = k + 1, at = i * n + k + 1; j < n; j++) sum[j]! += v[i]! * columns.data[at++]!;
    }
    for (let i = k + 1; i < n; i++) {
      for (let j = k + 1, at = i * n + k + 1; j < n; j++) columns.data[at++]! -= v[i]! * sum[j]!;
    }
  }
  const basis = zeros(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) basis.data[j * n + i] = columns.data[i * n + j]!;
  return basis;
}
