import type { Matrix } from "./matrix.js";
import { rowKernel } from "./row-kernel.js";
import { triangularSolve } from "./triangular-solve.js";

/**
 * Solves `L Lᵀ x = b` for one vector after the other: `triangularSolve` with L copied to where WebAssembly sees it.
 * @param L - lower triangle `[n, n]` of `cholesky`.
 */
export function triangularSolver(L: Matrix<Float64Array>): (b: Float64Array) => Float64Array {
  const n = L.rows;
  const stride = Math.ceil(n / 4) * 4;
  const xAt = stride * stride;
  const kernel = rowKernel(xAt + stride);
  if (kernel === null) return (b) => triangularSolve(L, b);
  const memory = new Float64Array(kernel.memory.buffer);
  for (let i = 0; i < n; i++) memory.set(L.data.subarray(i * n, i * n + i + 1), i * stride);
  const x = memory.subarray(xAt, xAt + stride);
  return (b) => {
    // Rows beyond the last are zeros.
    x.set(b);
    x.fill(0, n);
    for (let from = 0; from < n; from += 4) {
      const row = 8 * from * stride;
      if (from > 0) kernel.dots(row, 8 * stride, 8 * xAt, from / 4, 8 * (xAt + from), 8, 1, 1);
      for (let i = from; i < Math.min(from + 4, n); i++) {
        let sum = x[i]!;
        for (let t = from; t < i; t++) sum -= memory[i * stride + t]! * x[t]!;
        x[i] = sum / memory[i * stride + i]!;
      }
    }
    for (let from = stride - 4; from >= 0; from -= 4) {
      const to = Math.min(from + 4, n);
      for (let i = to - 1; i >= from; i--) {
        let sum = x[i]!;
        for (let t = i + 1; t < to; t++) sum -= memory[t * stride + i]! * x[t]!;
        x[i] = sum / memory[i * stride + i]!;
      }
      if (from > 0) kernel.pull(8 * from * stride, 8 * stride, 8 * (xAt + from), 8 * xAt, from / 4);
    }
    return x.slice(0, n);
  };
}
