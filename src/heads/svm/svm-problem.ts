import { HeadstartError } from "../../core/errors.js";
import type { Matrix } from "../../linalg/matrix.js";
import { centreOf } from "./svm-basis.js";
import { type Kernel, kernelDiagonal, resolveKernel } from "./svm-kernel.js";
import type { BlockPrecision } from "./svm-kernel-blocks.js";
import type { KernelOptions } from "./svm-options.js";

/** A kernel on its training rows. */
export interface KernelProblem {
  readonly kernel: Kernel;
  /** Taken from every row before distances are computed; null: none. */
  readonly centre: Float64Array | null;
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
  X: Matrix,
  { C, tol }: { C: number; tol: number },
): KernelProblem {
  const resolved = resolveKernel(options, X);
  const centre = centreOf(resolved, X);
  const norms = squaredNormsFrom(X, centre);
  const kernel = settled(resolved, norms);
  const diagonal = kernelDiagonal(kernel, X, norms);
  refuseOverflow(kernel, diagonal);
  const noise = C * Math.sqrt(X.rows) * magnitude(kernel, norms, diagonal) * 2 ** -24;
  return { kernel, centre, precision: noise <= tol ? "float32" : "float64" };
}

/** Squared length of each row from the centre. */
function squaredNormsFrom({ data, rows, cols }: Matrix, centre: Float64Array | null): Float64Array {
  const middle = centre ?? new Float64Array(cols);
  const norms = new Float64Array(rows);
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = 0;
    for (let k = 0; k < cols; k++, at++) {
      const d = data[at]! - middle[k]!;
      sum += d * d;
    }
    norms[i] = sum;
  }
  return norms;
}

/** Where gamma makes this much of the squared lengths, what a distance has lost to rounding shows. */
const SHARP = 1e6;

/** And here equal rows are no longer equal. */
const TOO_SHARP = 1e13;

/** Float32 rows that differ at all differ by more, in most of what is met. */
const SAME = 1e-14;

/**
 * Where gamma is large for the rows, distances that are no more than rounding count as zero, in memory and in the
 * graph alike: a row is then as near to itself in both.
 */
function settled(kernel: Kernel, norms: Float64Array): Kernel {
  if (kernel.kind !== "rbf") return kernel;
  const most = largest(norms);
  const sharpness = kernel.gamma * most;
  if (sharpness <= SHARP) return kernel;
  if (sharpness <= TOO_SHARP) return { ...kernel, same: SAME };
  const row = norms.indexOf(most);
  throw new HeadstartError(
    "data",
    `gamma ${kernel.gamma} is too large for row ${row}: its distances are lost to rounding`,
    {
      facts: { row, kernel, squaredLength: most },
      hint: "Standardise the features (--scale standard), or lower gamma.",
    },
  );
}

/** How large the numbers are that a kernel value is made of: what float32 rounds is in proportion to it. */
function magnitude(kernel: Kernel, norms: Float64Array, diagonal: Float64Array): number {
  if (kernel.kind === "rbf") return 1 + 2 * kernel.gamma * largest(norms);
  if (kernel.kind === "poly") return Math.max(1, kernel.degree) * largest(diagonal);
  if (kernel.kind === "sigmoid") return 1 + kernel.gamma * largest(norms);
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
