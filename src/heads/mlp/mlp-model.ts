import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import { rowDots } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { FoldedLayer } from "./folded-network.js";

/** A trained network for predictions, float32 weights computed with in float64. */
export interface MlpModel {
  /** Features that it expects. */
  readonly dim: number;
  /** Decision values `[n, classes]`; for two classes `[-d, d]`. */
  scores(X: Matrix): Matrix<Float64Array>;
  /**
   * Adds the decision values to a graph, in float64: sums of large values that cancel then agree with memory.
   * @param x - float32 `[n, dim]`. @returns float64 `[n, classes]`.
   */
  write(graph: GraphBuilder, x: TensorName): TensorName;
}

/** Rows that go through the layers at a time. */
const CHUNK = 256;

/** The model of layers whose last has one unit a class, or one for two classes. */
export function mlpModel(layers: readonly FoldedLayer<Float32Array>[]): MlpModel {
  const dim = layers[0]!.weights.rows;
  const wide = layers.map(({ weights, bias }) => ({
    turned: transposed(weights),
    bias: Float64Array.from(bias),
  }));
  const outputs = wide.at(-1)!.bias.length;
  return Object.freeze({
    dim,
    scores(X) {
      checkShape("X", X, "*", dim);
      const scores = zeros(X.rows, Math.max(2, outputs));
      for (let start = 0; start < X.rows; start += CHUNK) {
        const rows = Math.min(CHUNK, X.rows - start);
        const part = X.data.subarray(start * dim, (start + rows) * dim);
        const { data } = forward(wide, { data: Float64Array.from(part), rows, cols: dim });
        const { cols } = scores;
        if (outputs > 1) scores.data.set(data, start * cols);
        else for (let i = 0; i < rows; i++) scores.data.set([-data[i]!, data[i]!], (start + i) * cols);
      }
      return scores;
    },
    write(graph, x) {
      const float64 = (tensor: TensorName): TensorName => graph.op("Cast", [tensor], { to: { int: 11 } });
      let values = float64(x);
      for (const [l, { weights, bias }] of layers.entries()) {
        const matrix = float64(graph.float32(weights.data, [weights.rows, weights.cols], `weights_${l}`));
        const offset = float64(graph.float32(bias, [bias.length], `bias_${l}`));
        values = graph.op("Add", [graph.op("MatMul", [values, matrix]), offset]);
        if (l < layers.length - 1) values = graph.op("Relu", [values]);
      }
      return outputs > 1
        ? values
        : graph.op("Concat", [graph.op("Neg", [values]), values], { axis: { int: 1 } });
    },
  } satisfies MlpModel);
}

function forward(
  layers: readonly { readonly turned: Matrix<Float64Array>; readonly bias: Float64Array }[],
  X: Matrix<Float64Array>,
): Matrix<Float64Array> {
  return layers.reduce((from, { turned, bias }, l) => {
    const units = bias.length;
    const values = zeros(from.rows, units);
    rowDots(from, { from: 0, to: from.rows }, turned, { from: 0, to: units }, values.data, units);
    for (let k = 0; k < values.data.length; k++) {
      const value = values.data[k]! + bias[k % units]!;
      values.data[k] = value < 0 && l < layers.length - 1 ? 0 : value;
    }
    return values;
  }, X);
}

function transposed({ data, rows, cols }: Matrix): Matrix<Float64Array> {
  const turned = zeros(cols, rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) turned.data[j * rows + i] = data[i * cols + j]!;
  return turned;
}
