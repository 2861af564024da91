import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";

/**
 * Hyperplanes in feature space, float64: one for two classes (positive means the second), else one a class.
 */
export interface LinearModel {
  /** `[planes, dim]`. */
  readonly weights: Matrix<Float64Array>;
  /** One a plane. */
  readonly intercepts: Float64Array;
}

/** Two planes, one a class, as the one plane that is positive for the second class. */
export function planeBetween({ weights, intercepts }: LinearModel): LinearModel {
  const { data, cols } = weights;
  const plane = Float64Array.from({ length: cols }, (_, j) => data[cols + j]! - data[j]!);
  return {
    weights: { data: plane, rows: 1, cols },
    intercepts: Float64Array.of(intercepts[1]! - intercepts[0]!),
  };
}

/** Decision values `[n, classes]`; for two classes `[-d, d]`. */
export function linearScores(model: LinearModel, X: Matrix): Matrix<Float64Array> {
  const { weights, intercepts } = model;
  checkShape("X", X, "*", weights.cols);
  const planes = weights.rows;
  const dim = weights.cols;
  const values = zeros(X.rows, planes);
  for (let i = 0; i < X.rows; i++) {
    for (let c = 0; c < planes; c++) {
      values.data[i * planes + c] = intercepts[c]! + dot(X.data, i * dim, weights.data, c * dim, dim);
    }
  }
  if (planes > 1) return values;
  const pairs = zeros(X.rows, 2);
  for (let i = 0; i < X.rows; i++) {
    pairs.data[2 * i] = -values.data[i]!;
    pairs.data[2 * i + 1] = values.data[i]!;
  }
  return pairs;
}

/**
 * Adds the decision values to a graph. They are computed in float64, so that features of any size give the scores
 * of the model in memory.
 * @param x - float32 `[n, dim]`.
 * @returns float64 `[n, classes]`.
 */
export function writeLinearScores(model: LinearModel, graph: GraphBuilder, x: TensorName): TensorName {
  const { weights, intercepts } = model;
  const planes = weights.rows;
  const transposed = new Float64Array(weights.data.length);
  for (let c = 0; c < planes; c++) {
    for (let j = 0; j < weights.cols; j++) transposed[j * planes + c] = weights.data[c * weights.cols + j]!;
  }
  const wide = graph.op("Cast", [x], { to: { int: 11 } });
  const product = graph.op("MatMul", [wide, graph.float64(transposed, [weights.cols, planes], "weights")]);
  const values = graph.op("Add", [product, graph.float64(intercepts, [planes], "intercepts")]);
  return planes > 1 ? values : graph.op("Concat", [graph.op("Neg", [values]), values], { axis: { int: 1 } });
}

/** Inner product of two stretches of arrays, in four independent sums. */
export function dot(
  a: Float32Array | Float64Array,
  aStart: number,
  b: Float32Array | Float64Array,
  bStart: number,
  length: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let j = 0;
  for (; j + 3 < length; j += 4) {
    s0 += a[aStart + j]! * b[bStart + j]!;
    s1 += a[aStart + j + 1]! * b[bStart + j + 1]!;
    s2 += a[aStart + j + 2]! * b[bStart + j + 2]!;
    s3 += a[aStart + j + 3]! * b[bStart + j + 3]!;
  }
  for (; j < length; j++) s0 += a[aStart + j]! * b[bStart + j]!;
  return s0 + s1 + (s2 + s3);
}
