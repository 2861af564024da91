import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import type { Random } from "../../core/random.js";
import type { FloatArray, Matrix } from "../../linalg/matrix.js";
import type { Convergence, FitControl } from "../classifier.js";
import { meanLoss } from "./folded-network.js";
import { learningRateSchedule } from "./learning-rate.js";
import type { MlpOptions } from "./mlp-options.js";
import { type Network, networkArrays } from "./network.js";
import { networkGradients } from "./network-gradients.js";
import { optimizerOf } from "./optimizer.js";
import type { LossRows } from "./output-loss.js";

/** Rows to learn from or to be measured on; `codes` and `rowWeights` have one element a row. */
export interface NetworkRows<Data extends FloatArray> extends LossRows {
  /** In the network's dtype. */
  readonly X: Matrix<Data>;
}

/** How a training run went. */
export interface TrainingRun {
  /** Whether the loss gained nothing over the last `patience` epochs; iterations are epochs. */
  readonly convergence: Convergence;
  /** Mean loss of each epoch's batches, taken before their steps. */
  readonly losses: Float64Array;
  /** Loss on the rows held out after each epoch; empty where none are. */
  readonly validationLosses: Float64Array;
}

/**
 * Trains a network in place, on mini-batches.
 * @param held - rows that decide when to stop, and whose best epoch's weights are kept; null: the training loss
 *   decides, and the last weights are kept.
 * @throws {HeadstartError} `usage` where the loss or a weight is no finite number any more; `interrupted`.
 */
export async function trainNetwork<Data extends FloatArray>(
  network: Network<Data>,
  train: NetworkRows<Data>,
  held: NetworkRows<Data> | null,
  options: MlpOptions,
  draw: Random,
  { signal, onProgress }: FitControl = {},
): Promise<TrainingRun> {
  const { epochs, patience, tol } = options;
  const n = train.X.rows;
  const batches = Math.ceil(n / options.batchSize);
  const mostRows = Math.ceil(n / batches);
  const gradients = networkGradients(network, mostRows, options.dropout, draw);
  const step = optimizerOf(gradients.parameters, options);
  const rateOf = learningRateSchedule(options);
  const fill = batchFiller(train, mostRows);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const arrays = networkArrays(network);
  const best =
    held === null ? null : { loss: Number.POSITIVE_INFINITY, arrays: arrays.map((one) => one.slice()) };
  const losses: number[] = [];
  const validationLosses: number[] = [];
  let watched = Number.NaN;
  let reference = Number.POSITIVE_INFINITY;
  let idle = 0;

  while (losses.length < epochs && !(options.earlyStopping && idle >= patience)) {
    const epoch = losses.length;
    const rate = rateOf(epoch, watched);
    if (options.shuffle) draw.shuffle(order);
    let sum = 0;
    for (let b = 0; b < batches; b++) {
      throwIfInterrupted(signal);
      const from = Math.floor((b * n) / batches);
      const to = Math.floor(((b + 1) * n) / batches);
      const loss = await gradients.run(to - from, fill(order, from, to));
      if (!Number.isFinite(loss)) throw diverged(`The loss is ${loss}`, epoch, rate, options);
      step(rate);
      sum += loss * (to - from);
    }
    losses.push(sum / n);
    watched = losses.at(-1)!;
    if (held !== null && best !== null) {
      watched = await meanLoss(network, held.X, held);
      if (!Number.isFinite(watched)) throw diverged(`The held-out loss is ${watched}`, epoch, rate, options);
      validationLosses.push(watched);
      if (watched < best.loss) {
        best.loss = watched;
        arrays.forEach((one, a) => void best.arrays[a]!.set(one));
      }
    }
    idle = watched < reference - tol ? 0 : idle + 1;
    if (idle === 0) reference = watched;
    onProgress?.({ stage: "fit", done: epoch + 1, total: epochs, unit: "epochs" });
  }
  if (best !== null) arrays.forEach((one, a) => void one.set(best.arrays[a]!));
  if (!arrays.every((one) => one.every(Number.isFinite))) {
    throw diverged("A weight is not finite", losses.length - 1, options.learningRate, options);
  }
  return Object.freeze({
    convergence: Object.freeze({ converged: idle >= patience, iterations: losses.length }),
    losses: Float64Array.from(losses),
    validationLosses: Float64Array.from(validationLosses),
  });
}

/** Copies rows into one batch buffer, which is used again and again. */
function batchFiller<Data extends FloatArray>(
  { X, codes, rowWeights }: NetworkRows<Data>,
  mostRows: number,
): (order: Int32Array, from: number, to: number) => LossRows & { readonly X: Data } {
  const dim = X.cols;
  const Type = X.data.constructor as new (length: number) => Data;
  const batch = {
    X: new Type(mostRows * dim),
    codes: new Int32Array(mostRows),
    rowWeights: new Float64Array(mostRows),
  };
  return (order, from, to) => {
    for (let k = from; k < to; k++) {
      const row = order[k]!;
      copyRow(X.data, row * dim, batch.X, (k - from) * dim, dim);
      batch.codes[k - from] = codes[row]!;
      batch.rowWeights[k - from] = rowWeights[row]!;
    }
    return batch;
  };
}

/** Without a view a row, which is collected more slowly than it is copied. */
function copyRow(from: FloatArray, start: number, to: FloatArray, at: number, length: number): void {
  for (let j = 0; j < length; j++) to[at + j] = from[start + j]!;
}

function diverged(what: string, epoch: number, rate: number, options: MlpOptions): HeadstartError {
  return new HeadstartError("usage", `mlp diverged: ${what} in epoch ${epoch + 1}`, {
    facts: { epoch: epoch + 1, learningRate: rate, optimizer: options.optimizer },
    hint: `Lower learningRate (it is ${options.learningRate}), or standardise the features (--scale standard).`,
  });
}
