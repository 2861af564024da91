import { HeadstartError } from "../../core/errors.js";
import { type Matrix, selectRows } from "../../linalg/matrix.js";
import { squaredNorms } from "../../linalg/row-dots.js";
import type { Convergence, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { pairTable, type SupportVectors } from "./svm-decisions.js";
import { type Kernel, kernelValue, resolveKernel } from "./svm-kernel.js";
import { cachedKernelRows, kernelMatrix } from "./svm-kernel-rows.js";
import type { KernelSvmOptions } from "./svm-options.js";
import { solveSmo } from "./svm-smo.js";
import { classPairs } from "./svm-votes.js";

/**
 * Solves one two-class problem a pair of classes (one-vs-one, as LIBSVM) over shared kernel values.
 * @param X - `[n, dim]`, float32-exact.
 */
export function trainPairs(
  options: KernelSvmOptions,
  X: Matrix<Float64Array>,
  y: Labels,
): { vectors: SupportVectors; convergence: Convergence } {
  const classes = y.classes.length;
  const kernel = resolveKernel(options, X);
  refuseOverflow(kernel, X);
  const multipliers = classMultipliers(y, options.classWeight);
  const members = rowsByClass(y);
  const cacheBytes = options.cacheMegabytes * 2 ** 20;
  const whole = 4 * X.rows * X.rows <= cacheBytes ? kernelMatrix(kernel, X) : null;

  const slots = classes - 1;
  const pairOf = pairTable(classes);
  const weights = new Float64Array(X.rows * slots);
  const intercepts = new Float64Array(pairOf.length / 2);
  let converged = true;
  let iterations = 0;
  classPairs(classes).forEach(([a, b], pair) => {
    const of = joined(members[a]!, members[b]!);
    const solution = solveSmo({
      kernel: whole ?? cachedKernelRows(kernel, selectRows(X, of), cacheBytes),
      at: whole ? of : Int32Array.from(of.keys()),
      y: Int8Array.from(of, (row) => (y.codes[row] === a ? 1 : -1)),
      C: Float64Array.from(of, (row) => options.C * multipliers[y.codes[row]!]!),
      tol: options.tol,
      maxIter: options.maxIter,
    });
    of.forEach((row, t) => {
      weights[row * slots + (y.codes[row] === a ? b - 1 : a)] = solution.beta[t]!;
    });
    intercepts[pair] = -solution.rho;
    converged &&= solution.converged;
    iterations += solution.iterations;
  });

  const starts = new Int32Array(classes + 1);
  const kept: number[] = [];
  members.forEach((rows, c) => {
    const used = Array.from(rows).filter((row) =>
      weights.subarray(row * slots, (row + 1) * slots).some(Boolean),
    );
    for (const row of used.length > 0 ? used : [rows[0]!]) kept.push(row);
    starts[c + 1] = kept.length;
  });
  const coefficients = selectRows({ data: weights, rows: X.rows, cols: slots }, kept).data;
  return {
    vectors: { kernel, classes, rows: selectRows(X, kept), starts, coefficients, intercepts },
    convergence: { converged, iterations },
  };
}

/** Kernel values are kept as float32; on the diagonal they are largest. */
function refuseOverflow(kernel: Kernel, X: Matrix<Float64Array>): void {
  const norms = squaredNorms(X);
  const row = norms.findIndex((norm) => !Number.isFinite(Math.fround(kernelValue(kernel, norm, norm, norm))));
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

function rowsByClass(y: Labels): Int32Array[] {
  const members: number[][] = y.classes.map(() => []);
  for (let row = 0; row < y.codes.length; row++) members[y.codes[row]!]!.push(row);
  return members.map((rows) => Int32Array.from(rows));
}

function joined(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
