import type { Random } from "../../core/random.js";
import type { FloatArray, Matrix } from "../../linalg/matrix.js";

/** Batch norm of a layer's units. */
export interface BatchNorm<Data extends FloatArray> {
  /** Learnt factor of each unit; its offset is the layer's bias. */
  readonly gain: Data;
  /** Running mean over the training batches. */
  readonly mean: Data;
  /** Running unbiased variance over the training batches. */
  readonly variance: Data;
}

/** A dense layer: x W + b, or with batch norm gain · norm(x W) + b; training changes it in place. */
export interface DenseLayer<Data extends FloatArray> {
  /** `[inputs, units]`. */
  readonly weights: Matrix<Data>;
  /** One a unit. */
  readonly bias: Data;
  /** Null without, and always in the last layer. */
  readonly norm: BatchNorm<Data> | null;
}

/** Dense layers with a ReLU between them; the last one's values are logits. */
export type Network<Data extends FloatArray> = readonly DenseLayer<Data>[];

/**
 * A float32 network with drawn weights: He's uniform distribution for hidden layers, Glorot's for the last; biases 0.
 * @param sizes - features, units of each hidden layer, outputs.
 * @see He, Zhang, Ren & Sun, "Delving deep into rectifiers", 2015; Glorot & Bengio, 2010.
 */
export function drawNetwork(
  sizes: readonly number[],
  batchNorm: boolean,
  draw: Random,
): Network<Float32Array> {
  return sizes.slice(1).map((units, l) => {
    const inputs = sizes[l]!;
    const last = l === sizes.length - 2;
    const limit = Math.sqrt(6 / (last ? inputs + units : inputs));
    const data = Float32Array.from({ length: inputs * units }, () => (2 * draw.next() - 1) * limit);
    return Object.freeze({
      weights: Object.freeze({ data, rows: inputs, cols: units }),
      bias: new Float32Array(units),
      norm:
        batchNorm && !last
          ? Object.freeze({
              gain: new Float32Array(units).fill(1),
              mean: new Float32Array(units),
              variance: new Float32Array(units).fill(1),
            })
          : null,
    });
  });
}

/** All arrays of a network that training changes, running statistics included, in a fixed order. */
export function networkArrays<Data extends FloatArray>(network: Network<Data>): Data[] {
  return network.flatMap(({ weights, bias, norm }) =>
    norm === null ? [weights.data, bias] : [weights.data, bias, norm.gain, norm.mean, norm.variance],
  );
}
