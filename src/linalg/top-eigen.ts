import { random } from "../core/random.js";
import { cholesky } from "./cholesky.js";
import type { ComputeControl } from "./compute-control.js";
import { gemm } from "./gemm.js";
import { type Matrix, zeros } from "./matrix.js";
import { type ShiftedRows, timesMatrix, transposeTimesMatrix } from "./shifted-rows.js";
import { type SymmetricEigen, symmetricEigen } from "./symmetric-eigen.js";

/** Directions that are followed beyond those asked for. */
const OVERSAMPLING = 10;
/** Times that the data are multiplied through before the directions are read off. */
const ROUNDS = 7;

/**
 * The `count` largest eigenvalues of S^T S and their vectors, by subspace iteration from random directions.
 * @param count - at most the smaller of rows and columns.
 * @see Halko, Martinsson & Tropp, "Finding structure with randomness", SIAM Review 53, 2011, algorithm 4.4.
 */
export async function topEigen(
  S: ShiftedRows,
  count: number,
  seed: number,
  control: ComputeControl = {},
): Promise<SymmetricEigen> {
  const { cols } = S.X;
  const width = Math.min(cols, count + OVERSAMPLING);
  const rng = random(seed);
  let Q = zeros(cols, width);
  for (let k = 0; k < Q.data.length; k++) Q.data[k] = rng.next() + rng.next() + rng.next() - 1.5;
  for (let round = 0; round < ROUNDS; round++) {
    const Z = await orthonormal(await timesMatrix(S, Q, control), control);
    Q = await orthonormal(await transposeTimesMatrix(S, Z, control), control);
  }
  Q = await orthonormal(Q, control);
  const T = await timesMatrix(S, Q, control);
  const shared = control.threads === undefined ? {} : { threads: control.threads };
  const small = symmetricEigen(await gemm(T, T, { transposeA: true, ...shared }));
  // Directions that the rows do not have stay 0.
  const found = Math.min(count, Q.cols);
  const kept = { data: small.vectors.data.subarray(0, found * Q.cols), rows: found, cols: Q.cols };
  const vectors = zeros(count, cols);
  vectors.data.set((await gemm(kept, Q, { transposeB: true, ...shared })).data);
  const values = new Float64Array(count);
  values.set(small.values.subarray(0, found));
  return { values, vectors };
}

/** Orthonormal columns that span those of Y, up to rounding; fewer where they depend on each other. */
async function orthonormal(Y: Matrix<Float64Array>, control: ComputeControl): Promise<Matrix<Float64Array>> {
  const shared = control.threads === undefined ? {} : { threads: control.threads };
  const gram = await gemm(Y, Y, { transposeA: true, ...shared });
  const L = await cholesky(gram, control);
  if (L !== null) return gemm(Y, inverseOf(L), { transposeB: true, ...shared });
  const { values, vectors } = symmetricEigen(gram);
  const least = values[0]! * 1e-14;
  const width = Math.max(1, values.filter((value) => value > least).length);
  const map = { data: vectors.data.slice(0, width * Y.cols), rows: width, cols: Y.cols };
  for (let k = 0; k < map.data.length; k++) {
    const value = values[Math.floor(k / Y.cols)]!;
    map.data[k]! *= value > 0 ? 1 / Math.sqrt(value) : 0;
  }
  return gemm(Y, map, { transposeB: true, ...shared });
}

/** The inverse of a lower triangle. */
function inverseOf({ data, rows: n }: Matrix<Float64Array>): Matrix<Float64Array> {
  const inverse = zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < i; t++) {
      const factor = -data[i * n + t]!;
      for (let j = 0; j <= t; j++) inverse.data[i * n + j]! += factor * inverse.data[t * n + j]!;
    }
    inverse.data[i * n + i] = 1;
    for (let j = 0; j <= i; j++) inverse.data[i * n + j]! /= data[i * n + i]!;
  }
  return inverse;
}
