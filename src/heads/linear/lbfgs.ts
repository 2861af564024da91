import { throwIfInterrupted } from "../../core/interrupted.js";
import type { Convergence } from "../classifier.js";
import { lineSearch } from "./line-search.js";
import { dot } from "./linear-model.js";
import type { Objective } from "./objective.js";

export interface LbfgsOptions {
  /** Stops when no component of the gradient is larger. */
  readonly tol: number;
  readonly maxIter: number;
  /** Looked at before each step. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Gives up, not converged, after three steps that lower the value by less than this share of it; default 0: after six
   * that raise it.
   */
  readonly leastDecrease?: number;
  /** Pairs of steps and gradient changes that are kept; default 10. */
  readonly memory?: number;
  /**
   * A fixed guess of the inverse Hessian, applied to a vector; its scale does not matter after the first step. Default:
   * the identity.
   */
  readonly inverseHessian?: ((v: Float64Array) => Promise<Float64Array>) | null;
}

export interface LbfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  readonly convergence: Convergence;
}

/**
 * Minimises a smooth function with limited-memory BFGS and a line search for the strong Wolfe conditions.
 * @param start - where to begin; never changed.
 * @see Nocedal & Wright, "Numerical Optimization", 2nd ed., algorithms 7.4 and 7.5.
 */
export async function lbfgs(
  objective: Objective,
  start: Float64Array,
  options: LbfgsOptions,
): Promise<LbfgsResult> {
  const { tol, maxIter, memory = 10, leastDecrease = 0, signal, inverseHessian = null } = options;
  const n = start.length;
  let x: Float64Array = Float64Array.from(start);
  let gradient: Float64Array = new Float64Array(n);
  let value = await objective(x, gradient);
  const history: Pair[] = [];
  let iterations = 0;
  let converged = largest(gradient) <= tol;
  let idle = 0;
  // Where only rounding is left, the value rises three times running soon, and a step more may still converge.
  const patience = leastDecrease > 0 ? 3 : 6;
  const scaled = async (v: Float64Array) => (inverseHessian === null ? v : inverseHessian(v));
  let curved = converged ? gradient : await scaled(gradient);

  while (!converged && iterations < maxIter) {
    throwIfInterrupted(signal);
    const direction = descent(gradient, curved, history);
    let slope = dot(direction, 0, gradient, 0, n);
    if (!(slope < 0)) {
      history.length = 0;
      for (let j = 0; j < n; j++) direction[j] = -gradient[j]!;
      slope = -dot(gradient, 0, gradient, 0, n);
    }
    const first =
      history.length > 0 || (inverseHessian !== null && iterations === 0)
        ? 1
        : Math.min(1, 1 / Math.sqrt(-slope));
    const found = await lineSearch(objective, { x, value, direction, slope, gradient }, first);
    if (found === null) {
      if (history.length === 0) break;
      history.length = 0;
      continue;
    }
    iterations++;
    const s = new Float64Array(n);
    const y = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      s[j] = found.x[j]! - x[j]!;
      y[j] = found.gradient[j]! - gradient[j]!;
    }
    idle = value - found.value < leastDecrease * Math.max(1, Math.abs(value)) ? idle + 1 : 0;
    ({ x, value, gradient } = found);
    converged = largest(gradient) <= tol;
    if (converged || idle === patience) break;
    const before = curved;
    curved = await scaled(gradient);
    const curvature = dot(s, 0, y, 0, n);
    if (curvature > Number.EPSILON * dot(y, 0, y, 0, n)) {
      // The guess is linear: of a change of the gradient it gives the change of what it gave.
      const curvedY = inverseHessian === null ? y : curved.map((one, j) => one - before[j]!);
      history.push({ s, y, curvedY, rho: 1 / curvature });
      if (history.length > memory) history.shift();
    }
  }
  return { x, value, convergence: Object.freeze({ converged, iterations }) };
}

/** A step, the change of the gradient along it, the fixed guess of the inverse Hessian times that, and 1 / s·y. */
interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly curvedY: Float64Array;
  readonly rho: number;
}

/**
 * The two-loop recursion: minus the inverse Hessian's estimate times the gradient.
 * @param curved - the fixed guess of the inverse Hessian times the gradient.
 */
function descent(gradient: Float64Array, curved: Float64Array, history: readonly Pair[]): Float64Array {
  const n = gradient.length;
  const q = gradient.map((value) => -value);
  const r = curved.map((value) => -value);
  const alphas = new Float64Array(history.length);
  for (let k = history.length - 1; k >= 0; k--) {
    const { s, y, curvedY, rho } = history[k]!;
    const alpha = rho * dot(s, 0, q, 0, n);
    alphas[k] = alpha;
    for (let j = 0; j < n; j++) {
      q[j]! -= alpha * y[j]!;
      r[j]! -= alpha * curvedY[j]!;
    }
  }
  const last = history.at(-1);
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.y, 0, last.curvedY, 0, n));
    for (let j = 0; j < n; j++) r[j]! *= scale;
  }
  for (let k = 0; k < history.length; k++) {
    const { s, y, rho } = history[k]!;
    const change = alphas[k]! - rho * dot(y, 0, r, 0, n);
    for (let j = 0; j < n; j++) r[j]! += change * s[j]!;
  }
  return r;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
