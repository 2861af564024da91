import { throwIfInterrupted } from "../../core/interrupted.js";
import type { KernelBlocks } from "./svm-kernel-blocks.js";
import { AT_ONCE, type KernelRows, type KernelRowsOptions } from "./svm-kernel-rows.js";

/** Rows that are computed at a time: their values stay in the caches from the product to the exponential. */
const BLOCK = 128;

/** Of all rows: those kept that make it worth while. Support vectors are often no more. */
const MANY = 0.25;

/** Whether so many bytes hold enough rows of the kernel of n that those needed are seldom computed again. */
export const keepsMany = (n: number, bytes: number): boolean => bytes / (4 * n) >= MANY * n;

/** The kernel of n rows, row by row as they are asked for, the most recently used ones kept. */
export function recentRows(
  blocks: KernelBlocks,
  n: number,
  { bytes, signal, spaces }: Pick<KernelRowsOptions, "bytes" | "signal" | "spaces">,
): KernelRows {
  const capacity = Math.min(n, Math.floor(bytes / (4 * n)));
  const atOnce = Math.min(capacity, AT_ONCE);
  const space = spaces.rows(capacity, n, atOnce);
  const right = blocks.right(Int32Array.from({ length: n }, (_, i) => i));
  /** Where each row lies that is kept, least recently used first. */
  const kept = new Map<number, number>();
  const spare = new Float32Array(capacity < n ? BLOCK * n : 0);
  return {
    kind: "rows",
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
        const left = blocks.left(right, part);
        const free = kept.size;
        if (free + part.length <= capacity) {
          await blocks.compute(left, right, 0, n, space.data.subarray(free * n, (free + part.length) * n));
          for (const [k, i] of part.entries()) kept.set(i, free + k);
          continue;
        }
        const block = spare.subarray(0, part.length * n);
        await blocks.compute(left, right, 0, n, block);
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
