import { HeadstartError } from "../core/errors.js";
import type { DataType, Tensor } from "./model.js";

/** Bits that an element takes in `raw_data`; none for strings and the undefined type. */
const BITS: Partial<Record<DataType, number>> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
  float8e8m0: 8,
  uint2: 2,
  int2: 2,
};

/** More dimensions than any operator takes; a product of very many would take long. */
const MAX_RANK = 64;

/**
 * How many elements a tensor's dimensions declare; 1 for a scalar.
 * @throws {HeadstartError} `model` naming the tensor if that is more than 2^53 - 1, or there are more than 64 dimensions.
 */
export function elementCount(tensor: Pick<Tensor, "name" | "dims">): number {
  if (tensor.dims.length <= MAX_RANK) {
    const count = tensor.dims.reduce((product, size) => product * BigInt(size), 1n);
    if (count <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(count);
  }
  const shown = tensor.dims.slice(0, 8).join(", ") + (tensor.dims.length > 8 ? ", …" : "");
  throw new HeadstartError("model", `Tensor '${tensor.name}' declares [${shown}]: too many elements`, {
    facts: { tensor: tensor.name, rank: tensor.dims.length, dims: shown },
    hint: "The file is damaged or made to do harm: fetch or export it again.",
  });
}

/** Bytes that so many elements take, packed; null for types whose elements have no fixed size. */
export function storedBytes(dtype: DataType, elements: number): number | null {
  const bits = BITS[dtype];
  return bits === undefined ? null : Math.ceil((elements * bits) / 8);
}
