import type { Convergence } from "../classifier.js";
import type { KernelParts } from "./svm-kernel-parts.js";
import type { KernelRows } from "./svm-kernel-rows.js";
import { solveByParts } from "./svm-smo-parts.js";
import { solveByRows } from "./svm-smo-rows.js";
import { isOptimal, offsetOf, type SmoState, smoState } from "./svm-smo-state.js";

/**
 * Minimise ½ βᵀKβ + pᵀβ with low ≤ β ≤ high and the sum of β fixed: the form that C-SVC, one-class SVM and
 * epsilon-SVR share. Variable t stands for row `at[t]` of the kernel.
 */
export interface SmoProblem {
  readonly kernel: KernelRows | KernelParts;
  readonly at: Int32Array;
  readonly linear: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Where to start, inside the box; null: zeros. The sum of β stays what it is there. */
  readonly start: Float64Array | null;
  /** Largest violation of the optimality conditions that may be left. */
  readonly tol: number;
  /** Limit of iterations; null: a million, or 100 a variable where that is more. */
  readonly maxIter: number | null;
  readonly signal?: AbortSignal | undefined;
}

/** The decision of a row x is the sum of `beta[t]` · K(x, t), minus `rho`. */
export interface SmoSolution extends Convergence {
  /** 0 for what is no support vector. */
  readonly beta: Float64Array;
  readonly rho: number;
}

/** Iterations where the caller sets no limit: a million, or 100 a variable; a problem without a good end is left soon. */
function defaultLimit(variables: number): number {
  return Math.max(1_000_000, 100 * variables);
}

/**
 * Sequential minimal optimisation with second-order working pairs, block by block, and part by part where the kernel
 * is too large to be held.
 * @throws {HeadstartError} `interrupted` once the signal has been aborted.
 * @see Fan, Chen & Lin, "Working set selection using second order information for training SVM", JMLR 6, 2005;
 * for the blocks, Wen et al., "ThunderSVM: a fast SVM library on GPUs and CPUs", JMLR 19, 2018.
 */
export async function solveSmo(problem: SmoProblem): Promise<SmoSolution> {
  const { kernel, at, tol, signal } = problem;
  const limit = problem.maxIter ?? defaultLimit(at.length);
  const state = await startingState(problem);
  const iterations =
    kernel.kind === "rows"
      ? await solveByRows(state, { kernel, at, tol, limit, signal })
      : await solveByParts(state, { kernel, at, tol, limit, signal });
  return { beta: state.beta, rho: offsetOf(state), converged: isOptimal(state, tol), iterations };
}

async function startingState({ kernel, at, linear, low, high, start }: SmoProblem): Promise<SmoState> {
  const beta = start?.slice() ?? new Float64Array(at.length);
  const F = linear.slice();
  const support = Int32Array.from(at.keys()).filter((t) => beta[t] !== 0);
  if (kernel.kind === "rows") {
    for (let from = 0; from < support.length; from += kernel.atOnce) {
      const part = support.subarray(from, from + kernel.atOnce);
      const rows = await kernel.rows(part.map((t) => at[t]!));
      rows.addTo(
        F,
        Float64Array.from(part, (t) => beta[t]!),
        at,
      );
    }
  } else if (support.length > 0) {
    const all = Int32Array.from({ length: kernel.n }, (_, row) => row);
    const weights = Float64Array.from(support, (t) => beta[t]!);
    const sums = await kernel.sum(
      support.map((t) => at[t]!),
      weights,
      all,
    );
    for (let t = 0; t < F.length; t++) F[t]! += sums[at[t]!]!;
  }
  return smoState({ beta, F, low, high });
}
