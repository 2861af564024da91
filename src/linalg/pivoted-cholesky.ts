import { setImmediate } from "node:timers/promises";
import { throwIfInterrupted } from "../core/interrupted.js";
import type { Matrix } from "./matrix.js";

/** Columns between two looks at the signal. */
const STRETCH = 64;

/**
 * L with A = L L^T for a symmetric positive semidefinite A, as wide as A's rank.
 * The largest remaining diagonal is the pivot; it stops where that is `tolerance` of the largest at first.
 * @returns `[n, rank]`, rows in A's order.
 * @see Higham, "Analysis of the Cholesky decomposition of a semi-definite matrix", 1990.
 */
export async function pivotedCholesky(
  A: Matrix<Float64Array>,
  tolerance: number,
  signal?: AbortSignal,
): Promise<Matrix<Float64Array>> {
  const n = A.rows;
  const L = new Float64Array(n * n);
  const rest = Float64Array.from({ length: n }, (_, i) => A.data[i * n + i]!);
  const least = tolerance * rest.reduce((most, value) => Math.max(most, value), 0);
  let rank = 0;
  for (; rank < n; rank++) {
    if (rank % STRETCH === STRETCH - 1) {
      await setImmediate();
      throwIfInterrupted(signal);
    }
    let pivot = 0;
    for (let i = 1; i < n; i++) if (rest[i]! > rest[pivot]!) pivot = i;
    if (!(rest[pivot]! > least)) break;
    const root = Math.sqrt(rest[pivot]!);
    for (let i = 0; i < n; i++) {
      if (rest[i] === Number.NEGATIVE_INFINITY) continue;
      let value = A.data[i * n + pivot]!;
      for (let t = 0, a = i * n, b = pivot * n; t < rank; t++) value -= L[a++]! * L[b++]!;
      L[i * n + rank] = value / root;
      rest[i]! -= (value / root) ** 2;
    }
    rest[pivot] = Number.NEGATIVE_INFINITY;
  }
  const narrow = new Float64Array(n * rank);
  for (let i = 0; i < n; i++) narrow.set(L.subarray(i * n, i * n + rank), i * rank);
  return { data: narrow, rows: n, cols: rank };
}
