import type { CalibrationMap } from "../../heads/calibration-map.js";

/** Values closer than this are one. */
const SAME = 1e-15;

/**
 * The non-decreasing step function nearest to the truth in squares (pool adjacent violators), kept as the points that
 * straight lines between them need; beyond the ends it stays level, as scikit-learn's IsotonicRegression with
 * `out_of_bounds="clip"` does.
 * @param values - decision values of rows that did not train the head. @param positive - 1 where the row is of the
 *   class, else 0.
 * @see Zadrozny & Elkan 2002, "Transforming classifier scores into accurate multiclass probability estimates".
 */
export function fitIsotonic(
  values: Float64Array,
  positive: Uint8Array,
): Extract<CalibrationMap, { kind: "isotonic" }> {
  const { x, mean, weight } = meanByValue(values, positive);
  const fitted = poolViolators(mean, weight);
  const last = x.length - 1;
  const kept = x
    .map((_, i) => i)
    .filter((i) => i === 0 || i === last || fitted[i] !== fitted[i - 1] || fitted[i] !== fitted[i + 1]);
  const points = { x: kept.map((i) => x[i]!), y: kept.map((i) => fitted[i]!) };
  if (kept.length === 1) {
    // A line needs a second point: to the right, as far as float64 tells it apart.
    points.x.push(points.x[0]! + Math.max(1, Math.abs(points.x[0]!)));
    points.y.push(points.y[0]!);
  }
  return { kind: "isotonic", x: Float64Array.from(points.x), y: Float64Array.from(points.y) };
}

/** Distinct values in increasing order, with the share of positives and the rows of each. */
function meanByValue(
  values: Float64Array,
  positive: Uint8Array,
): { x: number[]; mean: number[]; weight: number[] } {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
  const x: number[] = [];
  const sum: number[] = [];
  const weight: number[] = [];
  for (const row of order) {
    if (x.length === 0 || values[row]! - x.at(-1)! >= SAME) {
      x.push(values[row]!);
      sum.push(0);
      weight.push(0);
    }
    sum[sum.length - 1]! += positive[row]!;
    weight[weight.length - 1]! += 1;
  }
  return { x, mean: sum.map((one, i) => one / weight[i]!), weight };
}

/** Pools neighbours until none falls; each keeps the weighted mean of its pool. */
function poolViolators(mean: readonly number[], weight: readonly number[]): Float64Array {
  const pools: { sum: number; weight: number; length: number }[] = [];
  mean.forEach((value, i) => {
    let pool = { sum: value * weight[i]!, weight: weight[i]!, length: 1 };
    for (let before = pools.at(-1); before !== undefined; before = pools.at(-1)) {
      if (before.sum / before.weight < pool.sum / pool.weight) break;
      pool = {
        sum: before.sum + pool.sum,
        weight: before.weight + pool.weight,
        length: before.length + pool.length,
      };
      pools.pop();
    }
    pools.push(pool);
  });
  const fitted = new Float64Array(mean.length);
  let at = 0;
  for (const pool of pools) {
    fitted.fill(pool.sum / pool.weight, at, at + pool.length);
    at += pool.length;
  }
  return fitted;
}
