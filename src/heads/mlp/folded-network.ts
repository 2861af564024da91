import { gemm } from "../../linalg/gemm.js";
import type { FloatArray, Matrix } from "../../linalg/matrix.js";
import { NORM_EPSILON } from "./batch-norm.js";
import type { Network } from "./network.js";
import { ONE_THREAD } from "./network-gradients.js";
import { type LossRows, outputLoss } from "./output-loss.js";

/** A dense layer as it predicts: x W + b. */
export interface FoldedLayer<Data extends FloatArray> {
  /** `[inputs, units]`. */
  readonly weights: Matrix<Data>;
  readonly bias: Data;
}

/** A network as it predicts: batch norm's running statistics are part of weights and biases. */
export function foldNetwork<Data extends FloatArray>(network: Network<Data>): FoldedLayer<Data>[] {
  return network.map(({ weights, bias, norm }) => {
    if (norm === null) return { weights, bias };
    const units = weights.cols;
    const factors = Float64Array.from(
      norm.gain,
      (gain, j) => gain / Math.sqrt(norm.variance[j]! + NORM_EPSILON),
    );
    const data = weights.data.map((weight, k) => weight * factors[k % units]!) as Data;
    const offsets = bias.map((offset, j) => offset - norm.mean[j]! * factors[j]!) as Data;
    return { weights: { data, rows: weights.rows, cols: units }, bias: offsets };
  });
}

/** Rows that are predicted at a time. */
const CHUNK = 1024;

/** Mean weighted loss of a network, as it predicts, on rows. */
export async function meanLoss<Data extends FloatArray>(
  network: Network<Data>,
  X: Matrix<Data>,
  rows: LossRows,
): Promise<number> {
  const layers = foldNetwork(network);
  let loss = 0;
  for (let start = 0; start < X.rows; start += CHUNK) {
    const count = Math.min(CHUNK, X.rows - start);
    const part = X.data.subarray(start * X.cols, (start + count) * X.cols) as Data;
    let values: Matrix<Data> = { data: part, rows: count, cols: X.cols };
    for (const [l, { weights, bias }] of layers.entries()) {
      values = await gemm(values, weights, { threads: ONE_THREAD });
      const { data, cols } = values;
      const last = l === layers.length - 1;
      for (let k = 0; k < data.length; k++) {
        const value = data[k]! + bias[k % cols]!;
        data[k] = value <= 0 && !last ? 0 : value;
      }
    }
    loss += outputLoss(values.data, count, values.cols, rows, start);
  }
  return loss / X.rows;
}
