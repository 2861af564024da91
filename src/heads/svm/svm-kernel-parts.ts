import { throwIfInterrupted } from "../../core/interrupted.js";
import type { Kernel } from "./svm-kernel.js";
import { type KernelSource, kernelBlocks } from "./svm-kernel-blocks.js";
import { type KernelRows, type KernelRowsOptions, mostRows, wholeKernel } from "./svm-kernel-rows.js";

/** A kernel of more rows than there is memory for. What one call gave is gone with the next. */
export interface KernelParts {
  readonly kind: "parts";
  readonly n: number;
  /** Rows of a part, at most. */
  readonly most: number;
  /** Some rows with each other, as a whole. */
  part(rows: Int32Array): KernelRows;
  /** What some rows, weighed, add up to in some columns; nothing of them is kept. */
  sum(rows: Int32Array, weights: Float64Array, columns: Int32Array): Promise<Float64Array>;
}

/** Rows and columns of the blocks that sums are made of: their values stay in a processor's own cache. */
const [ROWS, COLUMNS] = [256, 1024];

/** The kernel of rows with each other, of which only a part is held at a time. */
export function kernelParts(
  kernel: Exclude<Kernel, { kind: "precomputed" }>,
  source: KernelSource,
  options: KernelRowsOptions,
): KernelParts {
  const { signal, spaces, bytes } = options;
  const { order } = source;
  const n = order?.length ?? source.X.rows;
  const blocks = kernelBlocks(kernel, source, options);
  return {
    kind: "parts",
    n,
    most: mostRows(bytes),
    part: (rows) =>
      wholeKernel(kernel, { ...source, order: order === null ? rows : rows.map((i) => order[i]!) }, options),
    async sum(rows, weights, columns) {
      const sums = new Float64Array(columns.length);
      const bands = stretches(rows.length, ROWS);
      const all = blocks.right(rows);
      const lefts = bands.map(([first, last]) => blocks.left(all, range(first, last)));
      for (const [from, to] of stretches(columns.length, COLUMNS)) {
        throwIfInterrupted(signal);
        const right = blocks.right(columns.subarray(from, to));
        const own = range(0, to - from);
        for (const [band, [first, last]] of bands.entries()) {
          const space = spaces.rows(last - first, to - from, last - first);
          await blocks.compute(lefts[band]!, right, 0, to - from, space.data);
          const places = range(0, last - first);
          space.held(places, places).addTo(sums.subarray(from, to), weights.subarray(first, last), own);
        }
      }
      return sums;
    },
  };
}

function stretches(count: number, size: number): [from: number, to: number][] {
  const starts = Array.from({ length: Math.ceil(count / size) }, (_, k) => k * size);
  return starts.map((from) => [from, Math.min(count, from + size)]);
}

const range = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, k) => from + k);
