import { HeadstartError } from "../../core/errors.js";
import { checkShape, type Matrix } from "../../linalg/matrix.js";
import type { FittedTransform } from "./transform.js";

/** Maps the range of each feature of the training rows to 0 to 1; immutable. */
export interface FittedMinMaxScaler extends FittedTransform {
  readonly kind: "minmax";
  readonly min: Float64Array;
  /** Largest minus smallest; 1 where a feature does not vary. */
  readonly range: Float64Array;
}

/**
 * Scales each feature to the range 0 to 1; rows that are seen later may lie outside.
 * @param X - `[n, dim]`; n at least 1.
 * @throws {HeadstartError} `data` if there is no row.
 * @see scikit-learn's MinMaxScaler, whose rule for features without range this is.
 */
export function fitMinMaxScaler(X: Matrix): FittedMinMaxScaler {
  const { data, rows, cols } = X;
  if (rows === 0) throw new HeadstartError("data", "A scaler needs at least one row");
  const min = Float64Array.from(data.subarray(0, cols));
  const max = min.slice();
  for (let i = 1, k = cols; i < rows; i++) {
    for (let j = 0; j < cols; j++, k++) {
      if (data[k]! < min[j]!) min[j] = data[k]!;
      if (data[k]! > max[j]!) max[j] = data[k]!;
    }
  }
  const range = max.map((most, j) => {
    const width = most - min[j]!;
    return width < 10 * Number.EPSILON ? 1 : width;
  });
  return Object.freeze({
    kind: "minmax",
    dim: cols,
    min,
    range,
    transform(Q) {
      checkShape("X", Q, "*", cols);
      const out = new Float32Array(Q.data.length);
      for (let i = 0, k = 0; i < Q.rows; i++) {
        for (let j = 0; j < cols; j++, k++) out[k] = (Q.data[k]! - min[j]!) / range[j]!;
      }
      return { data: out, rows: Q.rows, cols };
    },
    writeGraph(graph, x) {
      const wide = graph.op("Cast", [x], { to: { int: 11 } });
      const above = graph.op("Sub", [wide, graph.float64(min, [cols], "scaler_min")]);
      const scaled = graph.op("Div", [above, graph.float64(range, [cols], "scaler_range")]);
      return graph.op("Cast", [scaled], { to: { int: 1 } });
    },
  } satisfies FittedMinMaxScaler);
}
