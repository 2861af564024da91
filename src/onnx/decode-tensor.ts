import type { DataType, Tensor } from "./model.js";
import { DATA_TYPES } from "./model.js";
import { fields, readEntry, repeated } from "./protobuf-fields.js";
import { damaged, type ProtobufReader, WIRE } from "./protobuf-reader.js";

const NAMES = new Map(Object.entries(DATA_TYPES).map(([name, id]) => [id as number, name as DataType]));

/** The element type of that number; undefined where there is none. */
export function dataType(id: number): DataType | undefined {
  return NAMES.get(id);
}

/** Reads a `TensorProto`; its elements stay a view on the file, or become one array. */
export function readTensor(reader: ProtobufReader): Tensor {
  const start = reader.position;
  const dims: (number | bigint)[] = [];
  const floats: number[] = [];
  const ints: (number | bigint)[] = [];
  const doubles: number[] = [];
  const strings: Uint8Array[] = [];
  const external = new Map<string, string>();
  let typeId = 0;
  let name = "";
  let raw: Uint8Array | undefined;
  let location = 0;
  fields(reader, null, (field, wire) => {
    if (field === 1) repeated(reader, wire, WIRE.varint, (r) => dims.push(r.int64()));
    else if (field === 2 && wire === WIRE.varint) typeId = reader.enumeration();
    else if (field === 4) repeated(reader, wire, WIRE.fixed32, (r) => floats.push(r.float32()));
    else if (field === 5 || field === 7 || field === 11) {
      repeated(reader, wire, WIRE.varint, (r) => ints.push(r.int64()));
    } else if (field === 6 && wire === WIRE.bytes) strings.push(reader.element());
    else if (field === 8 && wire === WIRE.bytes) name = reader.string();
    else if (field === 9 && wire === WIRE.bytes) raw = reader.chunk();
    else if (field === 10) repeated(reader, wire, WIRE.fixed64, (r) => doubles.push(r.float64()));
    else if (field === 13 && wire === WIRE.bytes) {
      const [key, value] = readEntry(reader.message());
      external.set(key, value);
    } else if (field === 14 && wire === WIRE.varint) location = reader.enumeration();
    else return false;
    return true;
  });
  const sizes = dims.map((size) => {
    if (typeof size === "number" && size >= 0) return size;
    throw damaged(`tensor '${name}' with a dimension of ${size}`, start);
  });
  const dtype = NAMES.get(typeId);
  if (dtype === undefined) throw damaged(`tensor '${name}' of unknown type ${typeId}`, start);
  if (location > 1) throw damaged(`tensor '${name}' in an unknown place ${location}`, start);
  const elements = (): Tensor["content"] => {
    if (location === 1) return { kind: "external", entries: Object.fromEntries(external) };
    if (dtype === "string") return { kind: "strings", values: strings };
    return { kind: "raw", bytes: raw ?? pack(dtype, floats, ints, doubles) };
  };
  return { name, dtype, dims: sizes, content: elements() };
}

/** Elements that came in typed fields, as the little-endian bytes that `raw_data` would hold. */
function pack(
  dtype: DataType,
  floats: readonly number[],
  ints: readonly (number | bigint)[],
  doubles: readonly number[],
): Uint8Array {
  const bytes = (array: { buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(array.buffer);
  if (dtype === "float32" || dtype === "complex64") return bytes(Float32Array.from(floats));
  if (dtype === "float64" || dtype === "complex128") return bytes(Float64Array.from(doubles));
  if (dtype === "int64" || dtype === "uint64") return bytes(BigInt64Array.from(ints, BigInt));
  const numbers = ints.map(Number);
  if (dtype === "int32" || dtype === "uint32") return bytes(Int32Array.from(numbers));
  if (["int16", "uint16", "float16", "bfloat16"].includes(dtype)) return bytes(Int16Array.from(numbers));
  return bytes(Int8Array.from(numbers));
}
