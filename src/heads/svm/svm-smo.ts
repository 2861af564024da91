import type { Convergence } from "../classifier.js";
import type { KernelRows } from "./svm-kernel-rows.js";

/** A two-class C-SVC problem: row t of it is row `at[t]` of the kernel. */
export interface SmoProblem {
  readonly kernel: KernelRows;
  readonly at: Int32Array;
  /** +1 or -1. */
  readonly y: Int8Array;
  /** Upper bound of each row's multiplier: C times its class's weight. */
  readonly C: Float64Array;
  readonly tol: number;
  readonly maxIter: number | null;
}

/** The decision is the sum of `beta[t]` · K(x, t), minus `rho`. */
export interface SmoSolution extends Convergence {
  /** y · alpha of each row; 0 for what is no support vector. */
  readonly beta: Float64Array;
  readonly rho: number;
}

/** Stands in for a curvature that is not positive (kernels that are not positive definite, duplicate rows). */
const TINY = 1e-12;

/**
 * Sequential minimal optimisation of the C-SVC dual with second-order working sets.
 * Works on beta = y · alpha, whose box is [0, C] for y = 1 and [-C, 0] for y = -1: a step raises one and lowers
 * another by the same amount. `F` is the gradient times y: the output without its offset, minus y.
 * @see Fan, Chen & Lin, "Working set selection using second order information for training SVM", JMLR 6, 2005.
 */
export function solveSmo(problem: SmoProblem): SmoSolution {
  const { kernel, at, y, C, tol } = problem;
  const n = y.length;
  const limit = problem.maxIter ?? Math.max(10_000_000, 100 * n);
  const beta = new Float64Array(n);
  const low = C.map((bound, t) => (y[t] === 1 ? 0 : -bound));
  const high = C.map((bound, t) => (y[t] === 1 ? bound : 0));
  const F = Float64Array.from(y, (sign) => -sign);
  const diagonal = Float64Array.from(at, (row) => kernel.diagonal[row]!);

  let iterations = 0;
  let converged = false;
  for (;;) {
    let i = -1;
    let smallest = Infinity;
    let largest = -Infinity;
    for (let t = 0; t < n; t++) {
      const f = F[t]!;
      if (f < smallest && beta[t]! < high[t]!) {
        smallest = f;
        i = t;
      }
      if (f > largest && beta[t]! > low[t]!) largest = f;
    }
    converged = i < 0 || largest - smallest < tol;
    if (converged || iterations >= limit) break;

    const Ki = kernel.row(at[i]!);
    const Kii = diagonal[i]!;
    let j = -1;
    let bestGain = 0;
    let bestCurvature = 1;
    for (let t = 0; t < n; t++) {
      const slope = F[t]! - smallest;
      if (slope > 0 && beta[t]! > low[t]!) {
        let curvature = Kii + diagonal[t]! - 2 * Ki[at[t]!]!;
        if (curvature <= 0) curvature = TINY;
        const gain = (slope * slope) / curvature;
        if (gain > bestGain) {
          bestGain = gain;
          bestCurvature = curvature;
          j = t;
        }
      }
    }
    if (j < 0) break;

    const Kj = kernel.row(at[j]!);
    const roomUp = high[i]! - beta[i]!;
    const roomDown = beta[j]! - low[j]!;
    const step = Math.min((F[j]! - smallest) / bestCurvature, roomUp, roomDown);
    const risen = step === roomUp ? high[i]! : beta[i]! + step;
    const fallen = step === roomDown ? low[j]! : beta[j]! - step;
    // A step too small for the numbers it is added to would be tried again for ever.
    if (risen === beta[i] && fallen === beta[j]) break;
    beta[i] = risen;
    beta[j] = fallen;
    for (let t = 0; t < n; t++) {
      const row = at[t]!;
      F[t]! += step * (Ki[row]! - Kj[row]!);
    }
    iterations++;
  }
  return { beta, rho: offsetOf(beta, F, low, high), converged, iterations };
}

/** Mean of F over the rows inside their box; without any, the middle of what the conditions allow. */
function offsetOf(beta: Float64Array, F: Float64Array, low: Float64Array, high: Float64Array): number {
  let free = 0;
  let sum = 0;
  let upper = Infinity;
  let lower = -Infinity;
  for (let t = 0; t < beta.length; t++) {
    const mayRise = beta[t]! < high[t]!;
    const mayFall = beta[t]! > low[t]!;
    if (mayRise && mayFall) {
      free++;
      sum += F[t]!;
    } else if (mayRise) upper = Math.min(upper, F[t]!);
    else if (mayFall) lower = Math.max(lower, F[t]!);
  }
  if (free > 0) return sum / free;
  if (upper === Infinity) return lower === -Infinity ? 0 : lower;
  return lower === -Infinity ? upper : (upper + lower) / 2;
}
