import { throwIfInterrupted } from "../../core/interrupted.js";
import type { Matrix } from "../../linalg/matrix.js";
import type { Kernel } from "./svm-kernel.js";
import { type BlockPrecision, type KernelBlocks, kernelBlocks } from "./svm-kernel-blocks.js";

/** Kernel values by row, as a solver asks for them. */
export interface KernelRows {
  /** Rows that may be asked for at once. */
  readonly atOnce: number;
  /** K(i, ·) against all rows for each i asked for; valid until the next call. */
  rows(wanted: ArrayLike<number>): Promise<Float32Array[]>;
}

/** Rows that are kept at least, however little memory there is. */
const FEWEST = 32;

/** Rows that are computed at a time: their values stay in the caches from the product to the exponential. */
const BLOCK = 128;

/** What settles the rows of a kernel. */
export interface KernelRowsOptions {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly precision: BlockPrecision;
  /** Memory for kernel values; at least 32 rows are kept. */
  readonly bytes: number;
}

/**
 * The kernel of the rows of X with each other, computed when asked for; the most recently used rows are kept.
 * A precomputed kernel is X itself.
 */
export function kernelRows(kernel: Kernel, X: Matrix<Float64Array>, options: KernelRowsOptions): KernelRows {
  if (kernel.kind === "precomputed") return wholeRows(Float32Array.from(X.data), X.rows);
  return cachedRows(kernelBlocks(kernel, X, options.precision, options.threads), X.rows, options);
}

/** Whether the kernel values of so many rows with each other fit. */
export const fitsWhole = (rows: number, bytes: number): boolean => 4 * rows * rows <= bytes;

function wholeRows(values: Float32Array, n: number): KernelRows {
  return {
    atOnce: n,
    rows: (wanted) => Promise.resolve(Array.from(wanted, (i) => values.subarray(i * n, (i + 1) * n))),
  };
}

function cachedRows(blocks: KernelBlocks, n: number, { bytes, signal }: KernelRowsOptions): KernelRows {
  const capacity = Math.max(FEWEST, Math.floor(bytes / (4 * n)));
  const kept = new Map<number, Float32Array>();
  return {
    atOnce: Math.min(capacity, n),
    async rows(wanted) {
      const missing: number[] = [];
      for (const i of new Set(Array.from(wanted))) {
        const found = kept.get(i);
        if (found === undefined) missing.push(i);
        else {
          kept.delete(i);
          kept.set(i, found);
        }
      }
      for (let from = 0; from < missing.length; from += BLOCK) {
        throwIfInterrupted(signal);
        const part = missing.slice(from, from + BLOCK);
        const hasRoom = kept.size + part.length <= capacity;
        const block = new Float32Array(part.length * n);
        await blocks.compute(part, block);
        part.forEach((i, k) => {
          const values = block.subarray(k * n, (k + 1) * n);
          // A buffer of several rows is only let go of with the last of them, so later rows move into earlier places.
          kept.set(i, hasRoom ? values : replaceOldest(kept, values));
        });
      }
      return Array.from(wanted, (i) => kept.get(i)!);
    },
  };
}

function replaceOldest(kept: Map<number, Float32Array>, values: Float32Array): Float32Array {
  const place = dropOldest(kept);
  place.set(values);
  return place;
}

function dropOldest(kept: Map<number, Float32Array>): Float32Array {
  const [oldest, values] = kept.entries().next().value!;
  kept.delete(oldest);
  return values;
}
