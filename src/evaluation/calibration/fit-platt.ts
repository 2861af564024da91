import type { CalibrationMap } from "../../heads/calibration-map.js";

const MAX_STEPS = 100;
const MIN_STEP = 1e-10;
/** Added to the Hessian's diagonal, so that it can be inverted. */
const RIDGE = 1e-12;
/** Of the gradient, for values scaled to at most 1. */
const TOLERANCE = 1e-9;

/**
 * Platt's sigmoid, fitted by maximum likelihood with targets a little inside 0 and 1, by Newton steps with
 * backtracking; values are scaled by the largest first, so that their unit does not matter.
 * @param values - decision values of rows that did not train the head. @param positive - 1 where the row is of the
 *   class, else 0.
 * @see Platt 2000, "Probabilistic outputs for support vector machines"; Lin, Lin & Weng 2007, "A note on Platt's
 *   probabilistic outputs for support vector machines".
 */
export function fitPlatt(
  values: Float64Array,
  positive: Uint8Array,
): Extract<CalibrationMap, { kind: "platt" }> {
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const f = values.map((value) => value / scale);
  const positives = positive.reduce((sum, one) => sum + one, 0);
  const negatives = positive.length - positives;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (negatives + 2);
  const target = Float64Array.from(positive, (one) => (one === 1 ? high : low));
  let slope = 0;
  let intercept = Math.log((positives + 1) / (negatives + 1));
  let loss = lossAt(f, target, slope, intercept);
  for (let step = 0; step < MAX_STEPS; step++) {
    const { g, h } = derivatives(f, target, slope, intercept);
    if (Math.abs(g[0]) < TOLERANCE && Math.abs(g[1]) < TOLERANCE) break;
    const determinant = h[0] * h[2] - h[1] * h[1];
    const bySlope = -(h[2] * g[0] - h[1] * g[1]) / determinant;
    const byIntercept = -(h[0] * g[1] - h[1] * g[0]) / determinant;
    const descent = g[0] * bySlope + g[1] * byIntercept;
    let size = 1;
    for (; size >= MIN_STEP; size /= 2) {
      const tried = lossAt(f, target, slope + size * bySlope, intercept + size * byIntercept);
      if (tried >= loss + 1e-4 * size * descent) continue;
      slope += size * bySlope;
      intercept += size * byIntercept;
      loss = tried;
      break;
    }
    if (size < MIN_STEP) break;
  }
  return { kind: "platt", slope: slope / scale, intercept };
}

/** Cross-entropy, in the form that neither overflows nor cancels. */
function lossAt(f: Float64Array, target: Float64Array, slope: number, intercept: number): number {
  let loss = 0;
  for (let i = 0; i < f.length; i++) {
    const z = slope * f[i]! + intercept;
    loss += Math.max(z, 0) - target[i]! * z + Math.log1p(Math.exp(-Math.abs(z)));
  }
  return loss;
}

/** Gradient and Hessian (its upper triangle, by rows) of the loss, both divided by the rows. */
function derivatives(
  f: Float64Array,
  target: Float64Array,
  slope: number,
  intercept: number,
): { g: [number, number]; h: [number, number, number] } {
  const n = f.length;
  const g: [number, number] = [0, 0];
  const h: [number, number, number] = [RIDGE, 0, RIDGE];
  for (let i = 0; i < n; i++) {
    const p = 1 / (1 + Math.exp(-(slope * f[i]! + intercept)));
    const error = (p - target[i]!) / n;
    const weight = (p * (1 - p)) / n;
    g[0] += error * f[i]!;
    g[1] += error;
    h[0] += weight * f[i]! * f[i]!;
    h[1] += weight * f[i]!;
    h[2] += weight;
  }
  return { g, h };
}
