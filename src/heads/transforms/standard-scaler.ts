import { HeadstartError } from "../../core/errors.js";
import { checkShape, type Matrix } from "../../linalg/matrix.js";
import type { FittedTransform } from "./transform.js";

/** Subtracts the mean and divides by the deviation of each feature of the training rows; immutable. */
export interface FittedStandardScaler extends FittedTransform {
  readonly kind: "standard";
  readonly mean: Float64Array;
  /** Population deviation; 1 where a feature does not vary. */
  readonly scale: Float64Array;
}

/**
 * Standardises features to zero mean and unit variance.
 * @param X - `[n, dim]`; n at least 1.
 * @throws {HeadstartError} `data` if there is no row.
 * @see scikit-learn's StandardScaler, whose rule for features without variance this is.
 */
export function fitStandardScaler(X: Matrix): FittedStandardScaler {
  const { data, rows, cols } = X;
  if (rows === 0) throw new HeadstartError("data", "A scaler needs at least one row");
  const mean = new Float64Array(cols);
  for (let i = 0, k = 0; i < rows; i++) for (let j = 0; j < cols; j++) mean[j]! += data[k++]!;
  for (let j = 0; j < cols; j++) mean[j]! /= rows;
  const squares = new Float64Array(cols);
  const drift = new Float64Array(cols);
  for (let i = 0, k = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const d = data[k++]! - mean[j]!;
      drift[j]! += d;
      squares[j]! += d * d;
    }
  }
  const scale = squares.map((sum, j) => {
    const variance = (sum - (drift[j]! * drift[j]!) / rows) / rows;
    return isConstant(variance, mean[j]!, rows) ? 1 : Math.sqrt(variance);
  });
  return Object.freeze({
    kind: "standard",
    dim: cols,
    mean,
    scale,
    transform(Q) {
      checkShape("X", Q, "*", cols);
      const out = new Float32Array(Q.data.length);
      for (let i = 0, k = 0; i < Q.rows; i++) {
        for (let j = 0; j < cols; j++, k++) out[k] = (Q.data[k]! - mean[j]!) / scale[j]!;
      }
      return { data: out, rows: Q.rows, cols };
    },
    writeGraph(graph, x) {
      const wide = graph.op("Cast", [x], { to: { int: 11 } });
      const centred = graph.op("Sub", [wide, graph.float64(mean, [cols], "scaler_mean")]);
      const scaled = graph.op("Div", [centred, graph.float64(scale, [cols], "scaler_scale")]);
      return graph.op("Cast", [scaled], { to: { int: 1 } });
    },
  } satisfies FittedStandardScaler);
}

/** Whether a variance is no more than what rounding leaves of a constant feature. */
function isConstant(variance: number, mean: number, rows: number): boolean {
  const bound = rows * Number.EPSILON * variance + (rows * mean * Number.EPSILON) ** 2;
  return variance <= bound;
}
