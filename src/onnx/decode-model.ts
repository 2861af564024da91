import type { Attribute, DataType, Graph, Model, Node, Tensor, ValueInfo } from "./model.js";
import { DATA_TYPES } from "./model.js";
import { damaged, ProtobufReader, WIRE } from "./protobuf-reader.js";

const NAMES = new Map(Object.entries(DATA_TYPES).map(([name, id]) => [id as number, name as DataType]));

/** Graphs inside graphs (If, Loop) deeper than this are refused. */
const MAX_DEPTH = 32;

/**
 * Reads an ONNX `ModelProto`. Weights stay views on `bytes`: nothing large is copied.
 * @throws {HeadstartError} `format` if the bytes are no ONNX model.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function decodeModel(bytes: Uint8Array): Model {
  // A Buffer would make every weight a Buffer too.
  const reader = new ProtobufReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const unknown: Uint8Array[] = [];
  const opsets: Record<string, number> = {};
  const metadata: Record<string, string> = {};
  let irVersion = 0;
  let producerName = "";
  let graph: Graph | undefined;
  fields(reader, unknown, (field, wire) => {
    if (field === 1 && wire === WIRE.varint) irVersion = reader.unsigned();
    else if (field === 2 && wire === WIRE.bytes) producerName = reader.string();
    else if (field === 7 && wire === WIRE.bytes) graph = readGraph(reader.message(), 0);
    else if (field === 8 && wire === WIRE.bytes) {
      const { domain, version } = readOpset(reader.message());
      opsets[domain] = version;
    } else if (field === 14 && wire === WIRE.bytes) {
      const [key, value] = readEntry(reader.message());
      metadata[key] = value;
    } else return false;
    return true;
  });
  if (graph === undefined) throw damaged("no graph in the model", bytes.length);
  return { irVersion, producerName, opsets, graph, metadata, unknown };
}

/** Walks the fields; `read` returns false for one that it does not know, which is then kept in `unknown`. */
function fields(
  reader: ProtobufReader,
  unknown: Uint8Array[] | null,
  read: (field: number, wire: number) => boolean,
): void {
  while (!reader.done) {
    const { field, wire, start } = reader.tag();
    if (read(field, wire)) continue;
    reader.skip(wire);
    unknown?.push(reader.bytes.subarray(start, reader.position));
  }
}

function readOpset(reader: ProtobufReader): { domain: string; version: number } {
  let domain = "";
  let version = 0;
  fields(reader, null, (field, wire) => {
    if (field === 1 && wire === WIRE.bytes) domain = reader.string();
    else if (field === 2 && wire === WIRE.varint) version = reader.unsigned();
    else return false;
    return true;
  });
  return { domain: domain === "ai.onnx" ? "" : domain, version };
}

function readEntry(reader: ProtobufReader): [key: string, value: string] {
  let key = "";
  let value = "";
  fields(reader, null, (field, wire) => {
    if (field === 1 && wire === WIRE.bytes) key = reader.string();
    else if (field === 2 && wire === WIRE.bytes) value = reader.string();
    else return false;
    return true;
  });
  return [key, value];
}

function readGraph(reader: ProtobufReader, depth: number): Graph {
  if (depth > MAX_DEPTH) throw damaged(`graphs nested deeper than ${MAX_DEPTH}`, reader.position);
  const nodes: Node[] = [];
  const initializers: Tensor[] = [];
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  const valueInfos: ValueInfo[] = [];
  const unknown: Uint8Array[] = [];
  let name = "";
  fields(reader, unknown, (field, wire) => {
    if (wire !== WIRE.bytes) return false;
    if (field === 1) nodes.push(readNode(reader.message(), depth));
    else if (field === 2) name = reader.string();
    else if (field === 5) initializers.push(readTensor(reader.message()));
    else if (field === 11) inputs.push(readValueInfo(reader.message()));
    else if (field === 12) outputs.push(readValueInfo(reader.message()));
    else if (field === 13) valueInfos.push(readValueInfo(reader.message()));
    else return false;
    return true;
  });
  return { name, nodes, initializers, inputs, outputs, valueInfos, unknown };
}

function readNode(reader: ProtobufReader, depth: number): Node {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, Attribute> = {};
  const unknown: Uint8Array[] = [];
  let name = "";
  let opType = "";
  let domain = "";
  fields(reader, unknown, (field, wire) => {
    if (wire !== WIRE.bytes) return false;
    if (field === 1) inputs.push(reader.string());
    else if (field === 2) outputs.push(reader.string());
    else if (field === 3) name = reader.string();
    else if (field === 4) opType = reader.string();
    else if (field === 5) {
      const [key, attribute] = readAttribute(reader.message(), depth);
      attributes[key] = attribute;
    } else if (field === 7) domain = reader.string();
    else return false;
    return true;
  });
  return { name, opType, domain: domain === "ai.onnx" ? "" : domain, inputs, outputs, attributes, unknown };
}

function readAttribute(reader: ProtobufReader, depth: number): [name: string, attribute: Attribute] {
  const whole = reader.bytes.subarray(reader.position, reader.end);
  let name = "";
  let type = 0;
  let float = 0;
  let int: number | bigint = 0;
  let string: Uint8Array = new Uint8Array(0);
  let tensor: Tensor | undefined;
  let graph: Graph | undefined;
  const floats: number[] = [];
  const ints: (number | bigint)[] = [];
  const strings: Uint8Array[] = [];
  fields(reader, null, (field, wire) => {
    if (field === 1 && wire === WIRE.bytes) name = reader.string();
    else if (field === 2 && wire === WIRE.fixed32) float = reader.float32();
    else if (field === 3 && wire === WIRE.varint) int = reader.int64();
    else if (field === 4 && wire === WIRE.bytes) string = reader.chunk();
    else if (field === 5 && wire === WIRE.bytes) tensor = readTensor(reader.message());
    else if (field === 6 && wire === WIRE.bytes) graph = readGraph(reader.message(), depth + 1);
    else if (field === 7) repeated(reader, wire, WIRE.fixed32, (r) => floats.push(r.float32()));
    else if (field === 8) repeated(reader, wire, WIRE.varint, (r) => ints.push(r.int64()));
    else if (field === 9 && wire === WIRE.bytes) strings.push(reader.chunk());
    else if (field === 20 && wire === WIRE.varint) type = reader.unsigned();
    else return false;
    return true;
  });
  const known: Record<number, Attribute | undefined> = {
    1: { type: "float", value: float },
    2: { type: "int", value: int },
    3: { type: "string", value: string },
    4: tensor && { type: "tensor", value: tensor },
    5: graph && { type: "graph", value: graph },
    6: { type: "floats", value: Float32Array.from(floats) },
    7: { type: "ints", value: ints },
    8: { type: "strings", value: strings },
  };
  return [name, known[type] ?? { type: "other", bytes: whole }];
}

/** A repeated scalar field: one element, or a packed run of them. */
function repeated(
  reader: ProtobufReader,
  wire: number,
  single: number,
  read: (reader: ProtobufReader) => void,
): void {
  if (wire === single) read(reader);
  else if (wire === WIRE.bytes) {
    const inner = reader.message();
    while (!inner.done) read(inner);
  } else throw damaged(`wire type ${wire} in a repeated field`, reader.position);
}

function readTensor(reader: ProtobufReader): Tensor {
  const start = reader.position;
  const dims: number[] = [];
  const floats: number[] = [];
  const ints: (number | bigint)[] = [];
  const doubles: number[] = [];
  const strings: Uint8Array[] = [];
  const external: Record<string, string> = {};
  let typeId = 0;
  let name = "";
  let raw: Uint8Array | undefined;
  let location = 0;
  fields(reader, null, (field, wire) => {
    if (field === 1) repeated(reader, wire, WIRE.varint, (r) => dims.push(r.unsigned()));
    else if (field === 2 && wire === WIRE.varint) typeId = reader.unsigned();
    else if (field === 4) repeated(reader, wire, WIRE.fixed32, (r) => floats.push(r.float32()));
    else if (field === 5 || field === 7 || field === 11) {
      repeated(reader, wire, WIRE.varint, (r) => ints.push(r.int64()));
    } else if (field === 6 && wire === WIRE.bytes) strings.push(reader.chunk());
    else if (field === 8 && wire === WIRE.bytes) name = reader.string();
    else if (field === 9 && wire === WIRE.bytes) raw = reader.chunk();
    else if (field === 10) repeated(reader, wire, WIRE.fixed64, (r) => doubles.push(r.float64()));
    else if (field === 13 && wire === WIRE.bytes) {
      const [key, value] = readEntry(reader.message());
      external[key] = value;
    } else if (field === 14 && wire === WIRE.varint) location = reader.unsigned();
    else return false;
    return true;
  });
  const dtype = NAMES.get(typeId);
  if (dtype === undefined) throw damaged(`tensor '${name}' of unknown type ${typeId}`, start);
  if (location === 1) return { name, dtype, dims, content: { kind: "external", entries: external } };
  if (dtype === "string") return { name, dtype, dims, content: { kind: "strings", values: strings } };
  return { name, dtype, dims, content: { kind: "raw", bytes: raw ?? pack(dtype, floats, ints, doubles) } };
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

function readValueInfo(reader: ProtobufReader): ValueInfo {
  let name = "";
  let info: Omit<ValueInfo, "name"> = { dtype: "undefined", shape: null };
  fields(reader, null, (field, wire) => {
    if (field === 1 && wire === WIRE.bytes) name = reader.string();
    else if (field === 2 && wire === WIRE.bytes) info = readType(reader.message());
    else return false;
    return true;
  });
  return { name, ...info };
}

function readType(reader: ProtobufReader): Omit<ValueInfo, "name"> {
  const whole = reader.bytes.subarray(reader.position, reader.end);
  let tensor: Omit<ValueInfo, "name"> | undefined;
  fields(reader, null, (field, wire) => {
    if (field !== 1 || wire !== WIRE.bytes) return false;
    const inner = reader.message();
    let dtype: DataType = "undefined";
    let shape: (number | string)[] | null = null;
    fields(inner, null, (innerField, innerWire) => {
      if (innerField === 1 && innerWire === WIRE.varint) dtype = NAMES.get(inner.unsigned()) ?? "undefined";
      else if (innerField === 2 && innerWire === WIRE.bytes) shape = readShape(inner.message());
      else return false;
      return true;
    });
    tensor = { dtype, shape };
    return true;
  });
  return tensor ?? { dtype: "undefined", shape: null, otherType: whole };
}

function readShape(reader: ProtobufReader): (number | string)[] {
  const shape: (number | string)[] = [];
  fields(reader, null, (field, wire) => {
    if (field !== 1 || wire !== WIRE.bytes) return false;
    const inner = reader.message();
    let dimension: number | string = "?";
    fields(inner, null, (innerField, innerWire) => {
      if (innerField === 1 && innerWire === WIRE.varint) dimension = sizeOrUnknown(inner.int64());
      else if (innerField === 2 && innerWire === WIRE.bytes) dimension = inner.string();
      else return false;
      return true;
    });
    shape.push(dimension);
    return true;
  });
  return shape;
}

/** Some exporters write -1 for a size that they do not know. */
function sizeOrUnknown(size: number | bigint): number | string {
  return size < 0 ? "?" : Number(size);
}
