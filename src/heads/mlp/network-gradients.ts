import type { Random } from "../../core/random.js";
import { gemm } from "../../linalg/gemm.js";
import type { FloatArray, Matrix } from "../../linalg/matrix.js";
import { normalizeBackward, normalizeBatch } from "./batch-norm.js";
import type { DenseLayer, Network } from "./network.js";
import { type LossRows, outputLoss } from "./output-loss.js";

/** Products of the training run on one thread: the model then depends on no number of threads. */
export const ONE_THREAD = 1;

/** A trained array and where its gradient is written. */
export interface Parameter<Data extends FloatArray> {
  readonly values: Data;
  readonly gradient: Data;
  /** Whether weight decay applies: to weights, not to biases and gains. */
  readonly decays: boolean;
}

/** The loss of a batch and its gradient. */
export interface NetworkGradients<Data extends FloatArray> {
  readonly parameters: readonly Parameter<Data>[];
  /**
   * Mean weighted loss of the first `rows` rows of `batch`; writes the gradients and updates batch norm's running
   * statistics.
   * @param rows - up to the rows that there is room for.
   */
  run(rows: number, batch: LossRows & { readonly X: Data }): Promise<number>;
}

interface LayerRoom<Data extends FloatArray> {
  readonly layer: DenseLayer<Data>;
  readonly weights: Parameter<Data>;
  readonly bias: Parameter<Data>;
  readonly gain: Parameter<Data> | null;
  /** Values after the ReLU, `[rows, units]`; of the last layer logits, then their derivatives. */
  readonly values: Data;
  /** Normalised values; null without batch norm. */
  readonly normal: Data | null;
  readonly inverse: Float64Array;
  /** Derivatives by the values before the ReLU; the last layer has them in `values`. */
  readonly delta: Data;
}

/**
 * Makes room for the passes through a network, forwards and backwards, over batches of up to `mostRows` rows.
 * Steps allocate no buffers of a batch's or the weights' size. The dtype of the network is that of all products.
 * @param dropout - share of the hidden values that are zeroed, drawn from `draw`; the others grow to make up for it.
 */
export function networkGradients<Data extends FloatArray>(
  network: Network<Data>,
  mostRows: number,
  dropout: number,
  draw: Random,
): NetworkGradients<Data> {
  const rooms = network.map((layer, l) => makeRoom(layer, mostRows, l === network.length - 1));
  const last = rooms.at(-1)!;
  const keep = 1 - dropout;

  const forward = async (X: Data, rows: number): Promise<void> => {
    let from: Matrix<Data> = head(X, rows, network[0]!.weights.rows);
    for (const room of rooms) {
      const { weights, bias, norm } = room.layer;
      const units = weights.cols;
      const target = head(room.normal ?? room.values, rows, units);
      await gemm(from, weights, { out: target.data, threads: ONE_THREAD });
      if (norm !== null) normalizeBatch(norm, target.data, rows, room.inverse);
      if (room === last) addBias(target.data, bias);
      else activate(target.data, room.values, rows, room.layer, keep, draw);
      from = head(room.values, rows, units);
    }
  };

  const backward = async (X: Data, rows: number): Promise<void> => {
    for (let l = rooms.length - 1; l >= 0; l--) {
      const room = rooms[l]!;
      const { layer, normal } = room;
      const units = layer.weights.cols;
      const delta = head(room.delta, rows, units);
      sumRows(delta, room.bias.gradient);
      if (layer.norm !== null && normal !== null && room.gain !== null) {
        const { inverse, bias, gain } = room;
        normalizeBackward(layer.norm, delta.data, normal, rows, inverse, bias.gradient, gain.gradient);
      }
      const before = rooms[l - 1];
      const inputs = head(before?.values ?? X, rows, layer.weights.rows);
      await gemm(inputs, delta, { transposeA: true, out: room.weights.gradient, threads: ONE_THREAD });
      if (before === undefined) continue;
      const out = head(before.delta, rows, layer.weights.rows).data;
      await gemm(delta, layer.weights, { transposeB: true, out, threads: ONE_THREAD });
      passBack(out, before.values, 1 / keep);
    }
  };

  return Object.freeze({
    parameters: rooms.flatMap(({ weights, bias, gain }) =>
      gain === null ? [weights, bias] : [weights, bias, gain],
    ),
    async run(rows, batch) {
      await forward(batch.X, rows);
      const outputs = last.layer.weights.cols;
      const loss = outputLoss(last.values, rows, outputs, batch, 0) / rows;
      for (let k = 0; k < rows * outputs; k++) last.values[k]! /= rows;
      await backward(batch.X, rows);
      return loss;
    },
  } satisfies NetworkGradients<Data>);
}

function makeRoom<Data extends FloatArray>(
  layer: DenseLayer<Data>,
  rows: number,
  last: boolean,
): LayerRoom<Data> {
  const { weights, bias, norm } = layer;
  const Type = bias.constructor as new (length: number) => Data;
  const parameter = (values: Data, decays: boolean): Parameter<Data> =>
    Object.freeze({ values, gradient: new Type(values.length), decays });
  const values = new Type(rows * weights.cols);
  return {
    layer,
    weights: parameter(weights.data, true),
    bias: parameter(bias, false),
    gain: norm && parameter(norm.gain, false),
    values,
    normal: norm && new Type(values.length),
    inverse: new Float64Array(norm === null ? 0 : weights.cols),
    delta: last ? values : new Type(values.length),
  };
}

/** The first rows of a buffer as a matrix; nothing is copied. */
function head<Data extends FloatArray>(data: Data, rows: number, cols: number): Matrix<Data> {
  return { data: data.subarray(0, rows * cols) as Data, rows, cols };
}

function addBias(values: FloatArray, bias: FloatArray): void {
  const units = bias.length;
  for (let at = 0; at < values.length; ) for (let j = 0; j < units; j++, at++) values[at]! += bias[j]!;
}

/** Gain, bias, ReLU and dropout, from `values` into `out` (which may be the same). */
function activate<Data extends FloatArray>(
  values: Data,
  out: Data,
  rows: number,
  { bias, norm }: DenseLayer<Data>,
  keep: number,
  draw: Random,
): void {
  const units = bias.length;
  if (norm !== null) {
    const { gain } = norm;
    for (let at = 0; at < rows * units; ) {
      for (let j = 0; j < units; j++, at++) out[at] = gain[j]! * values[at]!;
    }
  }
  for (let at = 0; at < rows * units; ) {
    for (let j = 0; j < units; j++, at++) {
      const value = out[at]! + bias[j]!;
      // A ReLU without a branch, which would be guessed wrong half the time; NaN passes, so that the loss shows it.
      out[at] = 0.5 * (value + Math.abs(value));
    }
  }
  if (keep === 1) return;
  const scale = 1 / keep;
  for (let at = 0; at < rows * units; at++) out[at] = draw.next() < keep ? out[at]! * scale : 0;
}

/** Back through dropout and ReLU: a value is above zero where its unit was active and kept. */
function passBack(delta: FloatArray, values: FloatArray, scale: number): void {
  for (let k = 0; k < delta.length; k++) delta[k] = Number(values[k]! > 0) * scale * delta[k]!;
}

function sumRows<Data extends FloatArray>({ data, cols }: Matrix<Data>, sums: Data): void {
  sums.fill(0);
  for (let at = 0; at < data.length; ) for (let j = 0; j < cols; j++, at++) sums[j]! += data[at]!;
}
