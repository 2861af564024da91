/** An increasing map of a decision value to a probability. */
export type CalibrationMap =
  /** Platt's sigmoid: 1 / (1 + exp(-(slope · value + intercept))). */
  | { readonly kind: "platt"; readonly slope: number; readonly intercept: number }
  /** Straight lines between points of increasing x, at least two; beyond the ends the y there. */
  | { readonly kind: "isotonic"; readonly x: Float64Array; readonly y: Float64Array };

/** How the maps were fitted. */
export type CalibrationMethod = "platt" | "isotonic";

/** How a head's decision values become probabilities. */
export interface Calibration {
  readonly method: CalibrationMethod;
  /** Of two classes one, of the second's decision value less the first's; of more one a class, of its own. */
  readonly maps: readonly CalibrationMap[];
}

/** The probability of a decision value, in [0, 1]. */
export function applyMap(map: CalibrationMap, value: number): number {
  if (map.kind === "platt") return 1 / (1 + Math.exp(-(map.slope * value + map.intercept)));
  const { x, y } = map;
  const at = segmentOf(x, value);
  const inside = Math.min(x.at(-1)!, Math.max(x[0]!, value));
  const probability = y[at]! + ((y[at + 1]! - y[at]!) / (x[at + 1]! - x[at]!)) * (inside - x[at]!);
  return Math.min(1, Math.max(0, probability));
}

/** The number of inner points at or below the value: the line that it lies on. */
function segmentOf(x: Float64Array, value: number): number {
  let low = 0;
  let high = x.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (x[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
