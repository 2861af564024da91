import { type Matrix, selectRows } from "../../linalg/matrix.js";
import type { Convergence, FitControl, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { kernelBasis } from "./svm-basis.js";
import { pairTable, type SupportVectors } from "./svm-decisions.js";
import { fitsWhole, trainingKernel } from "./svm-kernel-rows.js";
import type { KernelSvmOptions } from "./svm-options.js";
import { kernelProblem } from "./svm-problem.js";
import { rowSpaces } from "./svm-row-space.js";
import { solveSmo } from "./svm-smo.js";
import { classPairs } from "./svm-votes.js";

/**
 * Solves one two-class problem a pair of classes (one-vs-one, as LIBSVM) over shared kernel values.
 * @param X - `[n, dim]`, float32-exact.
 */
export async function trainPairs(
  options: KernelSvmOptions,
  X: Matrix,
  y: Labels,
  { threads, signal, onProgress }: FitControl,
): Promise<{ vectors: SupportVectors; convergence: Convergence }> {
  const classes = y.classes.length;
  const costs = classMultipliers(y, options.classWeight).map((multiplier) => options.C * multiplier);
  const { tol, maxIter } = options;
  const { kernel, centre, precision } = kernelProblem(options, X, { C: Math.max(...costs), tol });
  const members = rowsByClass(y);
  const bytes = options.cacheMegabytes * 2 ** 20;
  const control = { threads, signal, precision, bytes, spaces: rowSpaces() };
  const isWhole = kernel.kind === "precomputed" || fitsWhole(X.rows, control.bytes);
  // Sorted by class, what a pair reads of a kernel row are two runs of it; a precomputed kernel stays as it is.
  const sorted = Int32Array.from(members.flatMap((rows) => Array.from(rows)));
  const place = kernel.kind === "precomputed" ? sorted : Int32Array.from(sorted.keys());
  const runs = members.map(
    ((from) => (rows: Int32Array) => {
      from += rows.length;
      return place.subarray(from - rows.length, from);
    })(0),
  );
  const shared = isWhole ? trainingKernel(kernel, { X, centre, order: sorted }, control) : null;

  const slots = classes - 1;
  const pairOf = pairTable(classes);
  const weights = new Float64Array(X.rows * slots);
  const intercepts = new Float64Array(pairOf.length / 2);
  let converged = true;
  let iterations = 0;
  const pairs = classPairs(classes);
  for (const [pair, [a, b]] of pairs.entries()) {
    const of = joined(members[a]!, members[b]!);
    const bound = Float64Array.from(of, (row) => costs[y.codes[row]!]!);
    const solution = await solveSmo({
      kernel: shared ?? trainingKernel(kernel, { X, centre, order: of }, control),
      at: shared ? joined(runs[a]!, runs[b]!) : Int32Array.from(of.keys()),
      // A row of the first class has a multiplier from 0 to C, one of the second from -C to 0.
      linear: Float64Array.from(of, (row) => (y.codes[row] === a ? -1 : 1)),
      low: bound.map((C, t) => (y.codes[of[t]!] === a ? 0 : -C)),
      high: bound.map((C, t) => (y.codes[of[t]!] === a ? C : 0)),
      start: null,
      tol,
      maxIter,
      signal,
    });
    of.forEach((row, t) => {
      weights[row * slots + (y.codes[row] === a ? b - 1 : a)] = solution.beta[t]!;
    });
    intercepts[pair] = -solution.rho;
    converged &&= solution.converged;
    iterations += solution.iterations;
    onProgress?.({ stage: "fit", done: pair + 1, total: pairs.length, unit: "pairs" });
  }

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
    vectors: { basis: kernelBasis(kernel, X, kept, centre), classes, starts, coefficients, intercepts },
    convergence: { converged, iterations },
  };
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
