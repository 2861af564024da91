import { type HeldRows, plainRows } from "./svm-held-rows.js";
import type { Kernel } from "./svm-kernel.js";
import { type BlockPrecision, type KernelSource, kernelBlocks } from "./svm-kernel-blocks.js";
import { type KernelParts, kernelParts } from "./svm-kernel-parts.js";
import { kernelTiles } from "./svm-kernel-tiles.js";
import { keepsMany, recentRows } from "./svm-recent-rows.js";
import type { RowSpaces } from "./svm-row-space.js";

/** Kernel values by row, as a solver asks for them. */
export interface KernelRows {
  readonly kind: "rows";
  /** Rows that may be asked for at once. */
  readonly atOnce: number;
  /** K(i, ·) against all rows for each i asked for; valid until the next call. */
  rows(wanted: ArrayLike<number>): Promise<HeldRows>;
}

/** Rows that may be asked for at once, at most: their kernel values with each other fit a processor's caches. */
export const AT_ONCE = 512;

/** What settles the rows of a kernel. */
export interface KernelRowsOptions {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly precision: BlockPrecision;
  /** Memory for kernel values; those of 64 rows with each other are kept, however little it is. */
  readonly bytes: number;
  readonly spaces: RowSpaces;
}

/**
 * The kernel of some rows with each other: as a whole where that fits, by row where many can be kept, else in parts.
 * A precomputed one is X itself.
 */
export function trainingKernel(
  kernel: Kernel,
  source: KernelSource,
  options: KernelRowsOptions,
): KernelRows | KernelParts {
  if (kernel.kind === "precomputed") return plainKernel(Float32Array.from(source.X.data), source.X.rows);
  const n = source.order?.length ?? source.X.rows;
  if (n <= mostRows(options.bytes)) return wholeKernel(kernel, source, options);
  return keepsMany(n, options.bytes)
    ? recentRows(kernelBlocks(kernel, source, options), n, options)
    : kernelParts(kernel, source, options);
}

/** A kernel that is computed as a whole when first asked for. */
export function wholeKernel(
  kernel: Exclude<Kernel, { kind: "precomputed" }>,
  source: KernelSource,
  options: KernelRowsOptions,
): KernelRows {
  const n = source.order?.length ?? source.X.rows;
  const blocks = kernelBlocks(kernel, source, options);
  const tiles = kernelTiles(blocks, n, Math.min(n, AT_ONCE), options);
  if (tiles !== null) return tiles;
  const all = Int32Array.from({ length: n }, (_, i) => i);
  let plain: KernelRows | null = null;
  return {
    kind: "rows",
    atOnce: Math.min(n, AT_ONCE),
    async rows(wanted) {
      if (plain === null) {
        const values = new Float32Array(n * n);
        const right = blocks.right(all);
        await blocks.compute(blocks.left(right, all), right, 0, n, values);
        plain = plainKernel(values, n);
      }
      return plain.rows(wanted);
    },
  };
}

function plainKernel(values: Float32Array, n: number): KernelRows {
  return {
    kind: "rows",
    atOnce: Math.min(n, AT_ONCE),
    rows: (wanted) => {
      const rows = Int32Array.from(wanted);
      const views = Array.from(rows, (i) => values.subarray(i * n, (i + 1) * n));
      return Promise.resolve(plainRows(views, rows));
    },
  };
}

/** Whether the kernel values of so many rows with each other fit. */
export const fitsWhole = (rows: number, bytes: number): boolean => 4 * rows * rows <= bytes;

/** Rows whose whole kernel is computed: so many at most, and so few whatever the memory. */
const [MOST_ROWS, LEAST_ROWS] = [12_288, 64];

/** Rows whose kernel values with each other are held in so many bytes. */
export function mostRows(bytes: number): number {
  return Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(Math.sqrt(bytes / 4))));
}
