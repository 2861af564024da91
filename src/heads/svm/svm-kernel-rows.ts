import { throwIfInterrupted } from "../../core/interrupted.js";
import { type HeldRows, plainRows } from "./svm-held-rows.js";
import type { Kernel } from "./svm-kernel.js";
import {
  type BlockPrecision,
  type KernelBlocks,
  type KernelSource,
  kernelBlocks,
} from "./svm-kernel-blocks.js";
import { kernelTiles, tiledRows } from "./svm-kernel-tiles.js";
import type { RowSpaces } from "./svm-row-space.js";

/** Kernel values by row, as a solver asks for them. */
export interface KernelRows {
  /** Rows that may be asked for at once. */
  readonly atOnce: number;
  /** K(i, ·) against all rows for each i asked for; valid until the next call. */
  rows(wanted: ArrayLike<number>): Promise<HeldRows>;
}

/** Rows that may be asked for at once, at most: their kernel values with each other fit a processor's caches. */
const AT_ONCE = 512;

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
  readonly spaces: RowSpaces;
}

/**
 * The kernel of rows with each other, computed when asked for: as a whole where that fits, else by row, the most
 * recently used ones kept. A precomputed kernel is X itself.
 */
export function kernelRows(kernel: Kernel, source: KernelSource, options: KernelRowsOptions): KernelRows {
  if (kernel.kind === "precomputed") return wholeRows(Float32Array.from(source.X.data), source.X.rows);
  const n = source.order?.length ?? source.X.rows;
  const { signal, bytes, spaces } = options;
  const padded = tiledRows(n, bytes);
  const blocks = kernelBlocks(kernel, source, options, padded ?? n);
  const whole = padded === null ? null : kernelTiles(blocks, n, Math.min(n, AT_ONCE), { signal, spaces });
  return whole ?? cachedRows(blocks, n, options);
}

/** Whether the kernel values of so many rows with each other fit. */
export const fitsWhole = (rows: number, bytes: number): boolean => 4 * rows * rows <= bytes;

function wholeRows(values: Float32Array, n: number): KernelRows {
  return {
    atOnce: Math.min(n, AT_ONCE),
    rows: (wanted) => {
      const rows = Int32Array.from(wanted);
      const views = Array.from(rows, (i) => values.subarray(i * n, (i + 1) * n));
      return Promise.resolve(plainRows(views, rows));
    },
  };
}

function cachedRows(
  blocks: KernelBlocks,
  n: number,
  { bytes, signal, spaces }: KernelRowsOptions,
): KernelRows {
  const capacity = Math.min(n, Math.max(FEWEST, Math.floor(bytes / (4 * n))));
  const atOnce = Math.min(capacity, AT_ONCE);
  const space = spaces.rows(capacity, n, atOnce);
  /** Where each row lies that is kept, least recently used first. */
  const kept = new Map<number, number>();
  const spare = new Float32Array(capacity < n ? BLOCK * n : 0);
  return {
    atOnce,
    async rows(wanted) {
      const missing: number[] = [];
      for (const i of new Set(Array.from(wanted))) {
        const place = kept.get(i);
        if (place === undefined) missing.push(i);
        else {
          kept.delete(i);
          kept.set(i, place);
        }
      }
      for (let from = 0; from < missing.length; from += BLOCK) {
        throwIfInterrupted(signal);
        const part = missing.slice(from, from + BLOCK);
        const free = kept.size;
        if (free + part.length <= capacity) {
          await blocks.compute(part, space.data.subarray(free * n, (free + part.length) * n));
          for (const [k, i] of part.entries()) kept.set(i, free + k);
          continue;
        }
        const block = spare.subarray(0, part.length * n);
        await blocks.compute(part, block);
        part.forEach((i, k) => {
          const place = kept.size < capacity ? kept.size : dropOldest(kept);
          space.data.set(block.subarray(k * n, (k + 1) * n), place * n);
          kept.set(i, place);
        });
      }
      const rows = Int32Array.from(wanted);
      return space.held(
        rows.map((i) => kept.get(i)!),
        rows,
      );
    },
  };
}

function dropOldest(kept: Map<number, number>): number {
  const [oldest, place] = kept.entries().next().value!;
  kept.delete(oldest);
  return place;
}
