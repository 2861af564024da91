import { HeadstartError } from "../../core/errors.js";
import type { Matrix } from "../../linalg/matrix.js";
import { squaredNorms } from "../../linalg/row-dots.js";
import { centred, centreOf } from "./svm-basis.js";
import { type Kernel, kernelDiagonal, resolveKernel } from "./svm-kernel.js";
import type { BlockPrecision } from "./svm-kernel-blocks.js";
import type { KernelOptions } from "./svm-options.js";

/** A kernel on its training rows. */
export interface KernelProblem {
  readonly kernel: Kernel;
  /** Taken from every row before distances are computed; null: none. */
  readonly centre: Float64Array | null;
  /** The rows as kernel values are computed from them, centred. */
  readonly rows: Matrix<Float64Array>;
  readonly precision: BlockPrecision;
}

/**
 * Settles kernel, centre and precision on the training rows.
 * @param X - `[n, dim]`, float32-exact.
 * @param C - largest bound of a multiplier.
 * @throws {HeadstartError} `data` naming a row on which the kernel overflows.
 * @throws {ShapeError} if rows of a precomputed kernel are not `[n, n]`.
 */
export function kernelProblem(
  options: KernelOptions,
  X: Matrix<Float64Array>,
  { C, tol }: { C: number; tol: number },
): KernelProblem {
  const kernel = resolveKernel(options, X);
  const centre = centreOf(kernel, X);
  const rows = centred(X, centre);
  const diagonal = kernelDiagonal(kernel, rows);
  refuseOverflow(kernel, diagonal);
  const noise = C * Math.sqrt(X.rows) * magnitude(kernel, rows, diagonal) * 2 ** -24;
  return { kernel, centre, rows, precision: noise <= tol ? "float32" : "float64" };
}

/** How large the numbers are that a kernel value is made of: what float32 rounds is in proportion to it. */
function magnitude(kernel: Kernel, rows: Matrix<Float64Array>, diagonal: Float64Array): number {
  if (kernel.kind === "rbf") return 1 + 2 * kernel.gamma * largest(squaredNorms(rows));
  if (kernel.kind === "poly") return Math.max(1, kernel.degree) * largest(diagonal);
  if (kernel.kind === "sigmoid") return 1 + kernel.gamma * largest(squaredNorms(rows));
  return largest(diagonal);
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Kernel values are kept as float32; on the diagonal they are largest. */
function refuseOverflow(kernel: Kernel, diagonal: Float64Array): void {
  const row = diagonal.findIndex((value) => !Number.isFinite(value));
  if (row < 0) return;
  throw new HeadstartError(
    "data",
    `The ${kernel.kind} kernel overflows on row ${row}: its numbers are too large`,
    {
      facts: { row, kernel },
      hint: "Standardise the features (--scale standard), or lower gamma.",
    },
  );
}
