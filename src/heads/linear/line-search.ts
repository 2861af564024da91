import { dot } from "./linear-model.js";
import type { Objective } from "./objective.js";

/** Sufficient decrease and curvature of the Wolfe conditions. */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MAX_EVALUATIONS = 40;

/** A point, the function's value and gradient there, and a direction in which it falls. */
export interface SearchStart {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly direction: Float64Array;
  /** Gradient times direction; below 0. */
  readonly slope: number;
}

export interface SearchResult {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

/**
 * A step along `direction` that meets the strong Wolfe conditions: grown until it brackets one, then narrowed
 * by safeguarded cubic interpolation. Near the optimum, where the value no longer shows a decrease because of
 * rounding, the slope decides instead (Hager & Zhang's approximate condition).
 * @param first - the step to try first.
 * @returns the best acceptable point; null if no step lowers the function.
 * @see Nocedal & Wright, algorithms 3.5 and 3.6; Hager & Zhang, SIAM J. Optim. 16, 2005.
 */
export async function lineSearch(
  objective: Objective,
  start: SearchStart,
  first: number,
): Promise<SearchResult | null> {
  const { x, value, direction, slope } = start;
  const rounding = 1e-12 * Math.max(1, Math.abs(value));
  const n = x.length;
  let low = { step: 0, value, slope };
  let high: { step: number; value: number; slope: number } | null = null;
  let best: SearchResult | null = null;
  let step = first;
  for (let evaluations = 0; evaluations < MAX_EVALUATIONS; evaluations++) {
    const point = new Float64Array(n);
    for (let j = 0; j < n; j++) point[j] = x[j]! + step * direction[j]!;
    const gradient = new Float64Array(n);
    const reached = await objective(point, gradient);
    const here = { step, value: reached, slope: dot(gradient, 0, direction, 0, n) };
    const decreased =
      reached <= value + DECREASE * step * slope ||
      (reached <= value + rounding && here.slope <= (2 * DECREASE - 1) * slope);
    if (!decreased || (low.step > 0 && reached > low.value + rounding) || !Number.isFinite(here.slope)) {
      high = here;
    } else {
      best = { x: point, value: reached, gradient };
      if (Math.abs(here.slope) <= -CURVATURE * slope) return best;
      if (here.slope >= 0) high = here;
      else low = here;
    }
    step = high === null ? step * 2 : between(low, high);
    if (high !== null && Math.abs(high.step - low.step) <= 1e-16 * Math.max(1, high.step)) break;
  }
  return best;
}

interface Trial {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/** The minimum of the cubic through both ends, kept a tenth of the interval away from them. */
function between(low: Trial, high: Trial): number {
  const width = high.step - low.step;
  const middle = low.step + width / 2;
  if (!Number.isFinite(high.value) || !Number.isFinite(high.slope)) return low.step + width / 10;
  const d1 = low.slope + high.slope - (3 * (low.value - high.value)) / (low.step - high.step);
  const square = d1 * d1 - low.slope * high.slope;
  if (!(square >= 0)) return middle;
  const d2 = Math.sqrt(square);
  const step = high.step - (width * (high.slope + d2 - d1)) / (high.slope - low.slope + 2 * d2);
  if (!Number.isFinite(step)) return middle;
  return Math.min(Math.max(step, low.step + width / 10), high.step - width / 10);
}
