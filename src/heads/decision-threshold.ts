import { type Matrix, zeros } from "../linalg/matrix.js";
import type { GraphBuilder, TensorName } from "../onnx/graph-builder.js";

/** Where a head of two classes calls a row positive: from `value` on, of the positive's decision value less the other's. */
export interface DecisionThreshold {
  /** Code of the positive class: 0 or 1. */
  readonly positive: 0 | 1;
  readonly value: number;
}

/**
 * Decision values with the threshold taken off the positive class's column, so that the label is still the first
 * largest of them.
 * @param scores - `[n, 2]`.
 */
export function thresholdedScores(
  scores: Matrix,
  { positive, value }: DecisionThreshold,
): Matrix<Float64Array> {
  const out = zeros(scores.rows, scores.cols);
  for (let k = 0; k < out.data.length; k++) {
    out.data[k] = scores.data[k]! - (k % 2 === positive ? value : 0);
  }
  return out;
}

/** Adds the node of `thresholdedScores`. */
export function writeThreshold(
  graph: GraphBuilder,
  scores: TensorName,
  { positive, value }: DecisionThreshold,
): TensorName {
  return graph.op("Sub", [scores, graph.float32(positive === 0 ? [value, 0] : [0, value], [1, 2])]);
}
