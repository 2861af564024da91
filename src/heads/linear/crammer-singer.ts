import { setImmediate } from "node:timers/promises";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { random } from "../../core/random.js";
import { type Matrix, zeros } from "../../linalg/matrix.js";
import { squaredNorms } from "../../linalg/row-dots.js";
import type { Convergence } from "../classifier.js";
import { dot, type LinearModel } from "./linear-model.js";

export interface CrammerSingerProblem {
  /** `[n, dim]`, float64. */
  readonly X: Matrix<Float64Array>;
  /** The class of each row. */
  readonly codes: Int32Array;
  readonly classCount: number;
  /** Penalty of each row: C times its weight. */
  readonly costs: Float64Array;
  readonly fitIntercept: boolean;
  readonly tol: number;
  readonly maxIter: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

/** Milliseconds of solving between two turns of the event loop are about this many multiplications. */
const STRETCH = 50_000_000;

/**
 * Solves min 1/2 sum |w_m|^2 + sum C_i max_m (1 - [m = y_i] + w_m.x_i - w_{y_i}.x_i) through its dual, all classes of
 * one row at a time, rows in random order, leaving out what sits at a bound (shrinking). The intercepts are weights of a feature that is always 1.
 * It stops when no row's gradients differ by more than `tol` where they could still move.
 * @returns one plane a class, for two classes as well.
 * @see Keerthi et al., "A sequential dual method for large scale multi-class linear SVMs", KDD 2008; Crammer & Singer,
 *   JMLR 2, 2001.
 */
export async function crammerSinger(
  problem: CrammerSingerProblem,
): Promise<{ readonly model: LinearModel; readonly convergence: Convergence }> {
  const { X, codes, classCount, costs, fitIntercept, tol, maxIter, signal } = problem;
  const { data, rows, cols } = X;
  const rng = random(problem.seed);
  const norms = squaredNorms(X);
  const bias = fitIntercept ? 1 : 0;
  const weights = zeros(classCount, cols);
  const intercepts = new Float64Array(classCount);
  const alpha = zeros(rows, classCount);
  const gradients = new Float64Array(classCount);
  const next = new Float64Array(classCount);
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  // The classes of a row that may still move come first; those that sit at their bound are left out after them.
  const members = Int32Array.from(alpha.data, (_, k) => k % classCount);
  const active = new Int32Array(rows).fill(classCount);
  let activeRows = rows;
  let shrinkAt = Math.max(10 * tol, 1);
  let fromAll = true;
  const stretch = Math.max(1, Math.floor(STRETCH / (classCount * cols)));
  let iterations = 0;
  let converged = false;
  while (!converged && iterations < maxIter) {
    rng.shuffle(order.subarray(0, activeRows));
    let worst = 0;
    for (let s = 0; s < activeRows; s++) {
      if (s % stretch === stretch - 1) {
        await setImmediate();
        throwIfInterrupted(signal);
      }
      const i = order[s]!;
      const code = codes[i]!;
      const square = norms[i]! + bias;
      if (square === 0) continue;
      const at = i * classCount;
      const bound = (m: number): number => (m === code ? costs[i]! : 0);
      let highest = Number.NEGATIVE_INFINITY;
      let lowest = Number.POSITIVE_INFINITY;
      for (let k = 0; k < active[i]!; k++) {
        const m = members[at + k]!;
        const gradient =
          dot(data, i * cols, weights.data, m * cols, cols) + intercepts[m]! * bias + (m === code ? 0 : 1);
        gradients[m] = gradient;
        if (gradient > highest) highest = gradient;
        if (alpha.data[at + m]! < bound(m) && gradient < lowest) lowest = gradient;
      }
      for (let k = active[i]! - 1; k >= 0; k--) {
        const m = members[at + k]!;
        if (alpha.data[at + m] !== bound(m) || gradients[m]! >= lowest) continue;
        active[i]!--;
        members[at + k] = members[at + active[i]!]!;
        members[at + active[i]!] = m;
      }
      if (active[i]! <= 1) {
        activeRows--;
        order[s--] = order[activeRows]!;
        order[activeRows] = i;
        continue;
      }
      if (highest - lowest <= 1e-12) continue;
      worst = Math.max(worst, highest - lowest);
      const moving = members.subarray(at, at + active[i]!);
      for (const m of moving) gradients[m]! -= square * alpha.data[at + m]!;
      solveRow(gradients, moving, square, code, costs[i]!, next);
      for (const m of moving) {
        const step = next[m]! - alpha.data[at + m]!;
        if (Math.abs(step) < 1e-14) continue;
        alpha.data[at + m] = next[m]!;
        for (let j = 0, w = m * cols, x = i * cols; j < cols; j++) weights.data[w++]! += step * data[x++]!;
        intercepts[m]! += step * bias;
      }
    }
    iterations++;
    if (worst < shrinkAt) {
      converged = worst <= tol && fromAll;
      active.fill(classCount);
      activeRows = rows;
      shrinkAt = Math.max(shrinkAt / 2, tol);
      fromAll = true;
    } else {
      fromAll = false;
    }
    await setImmediate();
    throwIfInterrupted(signal);
  }
  return { model: { weights, intercepts }, convergence: { converged, iterations } };
}

/**
 * The multipliers of one row: min 1/2 a |alpha|^2 + b.alpha with sum 0, alpha_m at most 0, and at most C for the
 * row's own class. They are min(C_m, (bound - b_m) / a), where b_m + a C_m surpass the bound by a C in all; it is
 * found by leaving out, again and again, those below the bound of the ones that are left.
 * @see Michelot, "A finite algorithm for finding the projection of a point onto the canonical simplex", 1986.
 */
function solveRow(
  b: Float64Array,
  classes: Int32Array,
  a: number,
  code: number,
  cost: number,
  alpha: Float64Array,
): void {
  const own = b[code]! + a * cost;
  let bound = Number.NEGATIVE_INFINITY;
  for (const m of classes) bound = Math.max(bound, m === code ? own : b[m]!);
  bound -= a * cost;
  for (let before = -1; ; ) {
    let sum = -a * cost;
    let count = 0;
    for (const m of classes) {
      const lifted = m === code ? own : b[m]!;
      if (lifted <= bound) continue;
      sum += lifted;
      count++;
    }
    if (count === 0 || count === before) break;
    before = count;
    bound = sum / count;
  }
  for (const m of classes) alpha[m] = Math.min(m === code ? cost : 0, (bound - b[m]!) / a);
}
