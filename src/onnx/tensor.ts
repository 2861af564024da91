import { ShapeError } from "../core/errors.js";
import type { DataType, Tensor } from "./model.js";

const encoder = new TextEncoder();

function raw(
  name: string,
  dtype: DataType,
  array: ArrayBufferView,
  count: number,
  dims: readonly number[],
): Tensor {
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (size !== count) throw new ShapeError(name, dims, [count]);
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return { name, dtype, dims, content: { kind: "raw", bytes } };
}

/** A float32 tensor; a `Float32Array` is referenced, other numbers are converted. */
export function float32Tensor(name: string, values: ArrayLike<number>, dims: readonly number[]): Tensor {
  const array = values instanceof Float32Array ? values : Float32Array.from(values);
  return raw(name, "float32", array, array.length, dims);
}

/** A float64 tensor. */
export function float64Tensor(name: string, values: ArrayLike<number>, dims: readonly number[]): Tensor {
  const array = values instanceof Float64Array ? values : Float64Array.from(values);
  return raw(name, "float64", array, array.length, dims);
}

/** An int64 tensor from whole numbers. */
export function int64Tensor(name: string, values: ArrayLike<number>, dims: readonly number[]): Tensor {
  const array = BigInt64Array.from(Array.from(values, BigInt));
  return raw(name, "int64", array, array.length, dims);
}

/** An int8 tensor; the array is referenced. */
export function int8Tensor(name: string, values: Int8Array, dims: readonly number[]): Tensor {
  return raw(name, "int8", values, values.length, dims);
}

/** A uint8 tensor; the array is referenced. */
export function uint8Tensor(name: string, values: Uint8Array, dims: readonly number[]): Tensor {
  return raw(name, "uint8", values, values.length, dims);
}

/** A string tensor. */
export function stringTensor(name: string, values: readonly string[], dims: readonly number[]): Tensor {
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (size !== values.length) throw new ShapeError(name, dims, [values.length]);
  const content = { kind: "strings", values: values.map((value) => encoder.encode(value)) } as const;
  return { name, dtype: "string", dims, content };
}
