import { random } from "../../core/random.js";
import type { Matrix } from "../../linalg/matrix.js";
import type { Convergence } from "../classifier.js";
import { dot } from "./linear-model.js";

export interface DualProblem {
  /** `[n, dim]`, float64. */
  readonly X: Matrix<Float64Array>;
  /** Squared length of each row, intercept's feature included. */
  readonly squaredNorms: Float64Array;
  /** +1 or -1 a row. */
  readonly signs: Int8Array;
  /** Penalty of each row: C times its weight. */
  readonly costs: Float64Array;
  readonly loss: "hinge" | "squared-hinge";
  readonly fitIntercept: boolean;
  readonly tol: number;
  readonly maxIter: number;
  readonly seed: number;
}

export interface DualSolution {
  readonly weights: Float64Array;
  readonly intercept: number;
  readonly convergence: Convergence;
}

/**
 * Solves min 1/2 |w|^2 + sum C_i loss(1 - y_i w.x_i) through its dual, one coordinate at a time in random
 * order, leaving out coordinates that sit at a bound (shrinking). The intercept is the weight of a feature
 * that is always 1, so it is penalised with the rest, as in LIBLINEAR.
 * It stops when the projected gradients of all coordinates lie within `tol` of each other.
 * @see Hsieh et al., "A dual coordinate descent method for large-scale linear SVM", ICML 2008, algorithm 3.
 */
export function dualCoordinateDescent(problem: DualProblem): DualSolution {
  const { X, squaredNorms, signs, costs, loss, fitIntercept, tol, maxIter, seed } = problem;
  const { data, rows, cols } = X;
  const hinge = loss === "hinge";
  const rng = random(seed);
  const alpha = new Float64Array(rows);
  const w = new Float64Array(cols);
  let intercept = 0;
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  let active = rows;
  let highest = Number.POSITIVE_INFINITY;
  let lowest = Number.NEGATIVE_INFINITY;
  let iterations = 0;
  let converged = false;

  while (iterations < maxIter) {
    let newHighest = Number.NEGATIVE_INFINITY;
    let newLowest = Number.POSITIVE_INFINITY;
    rng.shuffle(order.subarray(0, active));
    for (let s = 0; s < active; s++) {
      const i = order[s]!;
      const start = i * cols;
      const sign = signs[i]!;
      const a = alpha[i]!;
      const cost = costs[i]!;
      const upper = hinge ? cost : Number.POSITIVE_INFINITY;
      const diagonal = hinge ? 0 : 0.5 / cost;
      const gradient = sign * (dot(data, start, w, 0, cols) + intercept) - 1 + a * diagonal;

      let projected = gradient;
      if (a === 0) {
        if (gradient > highest) {
          swap(order, s--, --active);
          continue;
        }
        projected = Math.min(gradient, 0);
      } else if (a === upper) {
        if (gradient < lowest) {
          swap(order, s--, --active);
          continue;
        }
        projected = Math.max(gradient, 0);
      }
      if (projected > newHighest) newHighest = projected;
      if (projected < newLowest) newLowest = projected;
      if (Math.abs(projected) <= 1e-12) continue;

      const curvature = squaredNorms[i]! + diagonal;
      const moved = curvature > 0 ? a - gradient / curvature : gradient < 0 ? upper : 0;
      const next = Math.min(Math.max(moved, 0), upper);
      alpha[i] = next;
      const step = (next - a) * sign;
      for (let j = 0; j < cols; j++) w[j]! += step * data[start + j]!;
      if (fitIntercept) intercept += step;
    }
    iterations++;
    if (active === 0 || newHighest - newLowest <= tol) {
      if (active === rows) {
        converged = true;
        break;
      }
      active = rows;
      highest = Number.POSITIVE_INFINITY;
      lowest = Number.NEGATIVE_INFINITY;
      continue;
    }
    highest = newHighest <= 0 ? Number.POSITIVE_INFINITY : newHighest;
    lowest = newLowest >= 0 ? Number.NEGATIVE_INFINITY : newLowest;
  }
  return { weights: w, intercept, convergence: { converged, iterations } };
}

function swap(order: Int32Array, a: number, b: number): void {
  const held = order[a]!;
  order[a] = order[b]!;
  order[b] = held;
}
