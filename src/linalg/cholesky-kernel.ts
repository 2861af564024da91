import type { Matrix } from "./matrix.js";
import { type RowKernel, rowKernel } from "./row-kernel.js";

/** One memory for all: each matrix is copied in and its triangle out. */
let kernel: RowKernel | null = null;

/**
 * The lower triangle of `A = L Lᵀ` by WebAssembly, column by column: for a few hundred columns.
 * @param A - symmetric; only its lower triangle is read. @param L - `[n, n]` of zeros; takes the triangle.
 * @returns false where A is not positive definite; null where this runtime has no WebAssembly SIMD.
 */
export function factorInKernel(A: Matrix<Float64Array>, L: Matrix<Float64Array>): boolean | null {
  const n = A.rows;
  const stride = Math.ceil(n / 4) * 4;
  // Rows go on in zeros, which a group of four may begin in; then the row of the pivot, and its square four times.
  const rowAt = (n + 4) * stride;
  const squareAt = rowAt + stride;
  const elements = squareAt + 4;
  if (kernel === null || kernel.memory.buffer.byteLength < 8 * elements) kernel = rowKernel(elements);
  if (kernel === null) return null;
  const memory = new Float64Array(kernel.memory.buffer, 0, elements).fill(0);
  for (let i = 0; i < n; i++) memory.set(A.data.subarray(i * n, i * n + i + 1), i * stride);
  const row = memory.subarray(rowAt, squareAt);
  const square = memory.subarray(squareAt);
  for (let j = 0; j < n; j++) {
    const diagonal = j * stride + j;
    const turns = Math.max(1, Math.ceil(j / 4));
    // Zeros beyond the columns that are done; what they meet there does not count.
    row.set(memory.subarray(j * stride, diagonal));
    square.fill(0);
    kernel.dots(8 * rowAt, 0, 8 * rowAt, turns, 8 * squareAt, 8, 1, 1);
    const pivot = memory[diagonal]! + square[0]!;
    if (!(pivot > n * Number.EPSILON * A.data[j * n + j]!)) return false;
    const root = Math.sqrt(pivot);
    memory[diagonal] = root;
    const below = n - 1 - j;
    if (below > 0) {
      const next = 8 * (j + 1) * stride;
      kernel.dots(next, 8 * stride, 8 * rowAt, turns, next + 8 * j, 8 * stride, Math.ceil(below / 4), root);
    }
  }
  for (let i = 0; i < n; i++) L.data.set(memory.subarray(i * stride, i * stride + i + 1), i * n);
  return true;
}
