import type { Matrix } from "../../linalg/matrix.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";

/** What is done to features before a classifier sees them, fitted to the training rows; immutable. */
export interface FittedTransform {
  readonly kind: "standard" | "minmax" | "l2" | "pca";
  /** Columns that come out. */
  readonly dim: number;
  /**
   * Computed in float64 and rounded to float32, as the graph does.
   * @throws {ShapeError} for another number of columns than it was fitted to.
   */
  transform(X: Matrix): Matrix<Float32Array>;
  /** Adds the same to a graph: float32 `[n, columns]` to float32 `[n, dim]`. */
  writeGraph(graph: GraphBuilder, x: TensorName): TensorName;
}
