import { cholesky, choleskySolve } from "./cholesky.js";
import type { ComputeControl } from "./compute-control.js";
import { gemm } from "./gemm.js";
import { type Matrix, zeros } from "./matrix.js";
import { pivotedCholesky } from "./pivoted-cholesky.js";

/** Shares of the largest diagonal below which a direction counts as none, each tried where the one before fails. */
const TOLERANCES = [1e-13, 1e-11, 1e-9, 1e-7];

/**
 * A^-1 B for a symmetric positive definite A; where A is singular, the least-squares solution of least length, A^+ B.
 * @param A - `[n, n]`. @param B - `[n, m]`.
 */
export async function solveSemidefinite(
  A: Matrix<Float64Array>,
  B: Matrix<Float64Array>,
  control: ComputeControl = {},
): Promise<Matrix<Float64Array>> {
  const L = await cholesky(A, control);
  return L === null ? pseudoSolve(A, B, 1, control) : choleskySolve(L, B, control);
}

/** (A^+)^`power` B: with A = L L^T, L as wide as the rank, it is L (L^T L)^-(power + 1) L^T B. */
export async function pseudoSolve(
  A: Matrix<Float64Array>,
  B: Matrix<Float64Array>,
  power: 1 | 2,
  control: ComputeControl = {},
): Promise<Matrix<Float64Array>> {
  const shared = control.threads === undefined ? {} : { threads: control.threads };
  for (const tolerance of TOLERANCES) {
    const L = await pivotedCholesky(A, tolerance, control.signal);
    const inner = await cholesky(await gemm(L, L, { transposeA: true, ...shared }), control);
    if (inner === null) continue;
    let Y = await gemm(L, B, { transposeA: true, ...shared });
    for (let times = 0; times <= power; times++) Y = await choleskySolve(inner, Y, control);
    return gemm(L, Y, shared);
  }
  return zeros(B.rows, B.cols);
}
