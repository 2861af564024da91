import { HeadstartError, ShapeError } from "../../src/core/errors.js";

/** One tensor as TensorFlow.js's `weightsManifest` describes it. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Where the bytes are `(value - min) / scale` as unsigned integers. */
  readonly quantization?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

/** The tensors of a TensorFlow.js model, read by name. */
export interface Weights {
  readonly names: readonly string[];
  /**
   * A float32 tensor's elements, row-major; quantised ones are expanded.
   * @param shape - what the reader expects; a size of 1 may be left out or added (`[1, 1, 4, 8]` is `[4, 8]`).
   * @throws {HeadstartError} `format` if there is none of that name; `ShapeError` if it has another shape.
   */
  float32(name: string, shape?: readonly number[]): Float32Array;
  /** A tensor's shape. */
  shape(name: string): readonly number[];
}

const SIZES: Readonly<Record<string, number>> = { float32: 4, int32: 4, uint8: 1, uint16: 2, bool: 1 };

/**
 * Reads the tensors that lie one after another in a TensorFlow.js model's shards.
 * @param entries - `weightsManifest[…].weights`, in order.
 * @param bytes - all shards of the group joined; little-endian.
 * @throws {HeadstartError} `format` for an element type that is not understood, or bytes too few or too many.
 * @see https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts
 */
export function readWeights(entries: readonly WeightEntry[], bytes: Uint8Array): Weights {
  const placed = new Map<string, { entry: WeightEntry; at: number; count: number }>();
  let at = 0;
  for (const entry of entries) {
    const stored = entry.quantization?.dtype ?? entry.dtype;
    const size = SIZES[stored];
    if (size === undefined)
      throw new HeadstartError("format", `Weight '${entry.name}' is ${stored}, which is not read here`);
    const count = entry.shape.reduce((product, dim) => product * dim, 1);
    placed.set(entry.name, { entry, at, count });
    at += count * size;
  }
  if (at !== bytes.length) {
    throw new HeadstartError("format", `The shards hold ${bytes.length} bytes, the manifest says ${at}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const find = (name: string): { entry: WeightEntry; at: number; count: number } => {
    const found = placed.get(name);
    if (found === undefined) throw new HeadstartError("format", `The model has no weight '${name}'`);
    return found;
  };
  return {
    names: [...placed.keys()],
    shape: (name) => find(name).entry.shape,
    float32(name, shape) {
      const { entry, at: start, count } = find(name);
      if (shape !== undefined && !sameShape(shape, entry.shape))
        throw new ShapeError(name, shape, entry.shape);
      if (entry.dtype !== "float32")
        throw new HeadstartError("format", `Weight '${name}' is ${entry.dtype}, not float32`);
      const values = new Float32Array(count);
      if (entry.quantization === undefined) {
        for (let i = 0; i < count; i++) values[i] = view.getFloat32(start + 4 * i, true);
        return values;
      }
      const { dtype, scale, min } = entry.quantization;
      for (let i = 0; i < count; i++) {
        const stored = dtype === "uint16" ? view.getUint16(start + 2 * i, true) : view.getUint8(start + i);
        values[i] = stored * scale + min;
      }
      return values;
    },
  };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  const squeeze = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join();
  return squeeze(a) === squeeze(b);
}
