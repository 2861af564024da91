import type { Matrix } from "../../linalg/matrix.js";
import { rowDots, squaredNorms } from "../../linalg/row-dots.js";
import { applyKernel, type Kernel, kernelValue } from "./svm-kernel.js";

/** Kernel values by row, as a solver asks for them. */
export interface KernelRows {
  /** K(i, i) for every row, rounded to float32. */
  readonly diagonal: Float64Array;
  /** K(i, ·) against all rows; valid until the next call but one. */
  row(i: number): Float32Array;
}

/** Rows that are multiplied at a time: their tiles stay in the second-level cache. */
const BLOCK = 64;

/** The whole kernel matrix of X with itself, computed once: `rows²` float32. */
export function kernelMatrix(kernel: Kernel, X: Matrix<Float64Array>): KernelRows {
  const n = X.rows;
  const norms = squaredNorms(X);
  const values = new Float32Array(n * n);
  const block = new Float64Array(BLOCK * BLOCK);
  for (let i0 = 0; i0 < n; i0 += BLOCK) {
    const a = { from: i0, to: Math.min(n, i0 + BLOCK) };
    for (let j0 = i0; j0 < n; j0 += BLOCK) {
      const b = { from: j0, to: Math.min(n, j0 + BLOCK) };
      rowDots(X, a, X, b, block, BLOCK);
      for (let i = a.from; i < a.to; i++) {
        const offset = (i - i0) * BLOCK;
        applyKernel(kernel, block, offset, b.to - j0, norms[i]!, norms, j0);
        for (let j = b.from; j < b.to; j++) {
          const value = block[offset + j - j0]!;
          values[i * n + j] = value;
          values[j * n + i] = value;
        }
      }
    }
  }
  return { diagonal: diagonalOf(kernel, norms), row: (i) => values.subarray(i * n, (i + 1) * n) };
}

/**
 * Kernel rows computed when asked for; the most recently used ones are kept.
 * @param bytes - memory for them; at least two rows are kept.
 */
export function cachedKernelRows(kernel: Kernel, X: Matrix<Float64Array>, bytes: number): KernelRows {
  const n = X.rows;
  const norms = squaredNorms(X);
  const capacity = Math.max(2, Math.floor(bytes / (4 * n)));
  const kept = new Map<number, Float32Array>();
  const scratch = new Float64Array(n);
  return {
    diagonal: diagonalOf(kernel, norms),
    row(i) {
      const found = kept.get(i);
      if (found !== undefined) {
        kept.delete(i);
        kept.set(i, found);
        return found;
      }
      rowDots(X, { from: i, to: i + 1 }, X, { from: 0, to: n }, scratch, n);
      applyKernel(kernel, scratch, 0, n, norms[i]!, norms, 0);
      const values = kept.size < capacity ? new Float32Array(n) : dropOldest(kept);
      values.set(scratch);
      kept.set(i, values);
      return values;
    },
  };
}

function dropOldest(kept: Map<number, Float32Array>): Float32Array {
  const [oldest, values] = kept.entries().next().value!;
  kept.delete(oldest);
  return values;
}

/**
 * Rounded to float32 like the rows: a curvature K(i, i) + K(j, j) - 2 K(i, j) of numbers rounded differently would be
 * noise where rows are nearly equal, and a solver would never see its steps take effect.
 */
function diagonalOf(kernel: Kernel, norms: Float64Array): Float64Array {
  return norms.map((norm) => Math.fround(kernelValue(kernel, norm, norm, norm)));
}
