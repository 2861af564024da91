import { checkShape, type Matrix, zeros } from "./matrix.js";
import { tridiagonalize } from "./tridiagonalize.js";

/** Eigenvalues, the largest first, and the vectors that belong to them. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** `[n, dim]`: each row a vector of length 1. */
  readonly vectors: Matrix<Float64Array>;
}

/** Steps of QR for one eigenvalue at most; two or three are usual. */
const MOST_STEPS = 60;

/**
 * All eigenvalues and vectors of a symmetric matrix; the vectors' signs are arbitrary.
 * By Householder reflections to three diagonals, then implicit QR steps with Wilkinson's shift.
 * @param A - `[n, n]`; not changed.
 * @see Golub & Van Loan, Matrix Computations, 8.3.
 */
export function symmetricEigen(A: Matrix<Float64Array>): SymmetricEigen {
  const n = A.rows;
  checkShape("A", A, n, n);
  const { diagonal: d, beside: e, basis } = tridiagonalize(A);
  const tiny = Number.EPSILON ** 2 * d.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const isSmall = (i: number): boolean =>
    Math.abs(e[i]!) <= Number.EPSILON * (Math.abs(d[i]!) + Math.abs(d[i + 1]!)) + tiny;
  for (let last = n - 1, steps = 0; last > 0; ) {
    if (isSmall(last - 1) || steps === MOST_STEPS) {
      last--;
      steps = 0;
      continue;
    }
    let first = last - 1;
    while (first > 0 && !isSmall(first - 1)) first--;
    qrStep(d, e, basis, first, last);
    steps++;
  }
  const order = Array.from(d, (_, k) => k).sort((a, b) => d[b]! - d[a]!);
  const vectors = zeros(n, n);
  order.forEach((from, k) => {
    vectors.data.set(basis.data.subarray(from * n, (from + 1) * n), k * n);
  });
  return { values: Float64Array.from(order, (k) => d[k]!), vectors };
}

/** One implicit QR step on rows and columns `first` to `last`; the rotations are applied to the rows of `basis` too. */
function qrStep(
  d: Float64Array,
  e: Float64Array,
  basis: Matrix<Float64Array>,
  first: number,
  last: number,
): void {
  const half = (d[last - 1]! - d[last]!) / 2;
  const corner = e[last - 1]!;
  const shift = d[last]! - corner ** 2 / (half + (half < 0 ? -1 : 1) * Math.hypot(half, corner));
  let x = d[first]! - shift;
  let z = e[first]!;
  for (let k = first; k < last; k++) {
    const r = Math.hypot(x, z);
    const c = r === 0 ? 1 : x / r;
    const s = r === 0 ? 0 : z / r;
    const upper = d[k]!;
    const lower = d[k + 1]!;
    const between = e[k]!;
    if (k > first) e[k - 1] = r;
    d[k] = c * c * upper + 2 * c * s * between + s * s * lower;
    d[k + 1] = s * s * upper - 2 * c * s * between + c * c * lower;
    e[k] = c * s * (lower - upper) + (c * c - s * s) * between;
    if (k < last - 1) {
      x = e[k]!;
      z = s * e[k + 1]!;
      e[k + 1]! *= c;
    }
    rotateRows(basis, k, c, s);
  }
}

/** Rows k and k + 1 become c k + s (k + 1) and c (k + 1) - s k. */
function rotateRows({ data, cols }: Matrix<Float64Array>, k: number, c: number, s: number): void {
  for (let a = k * cols, b = a + cols, end = b; a < end; a++, b++) {
    const upper = data[a]!;
    const lower = data[b]!;
    data[a] = c * upper + s * lower;
    data[b] = c * lower - s * upper;
  }
}
