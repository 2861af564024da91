import { readTensor } from "./decode-tensor.js";
import { readValueInfo } from "./decode-value-info.js";
import type { Attribute, Graph, Model, Node, Tensor, ValueInfo } from "./model.js";
import { fields, readEntry, repeated } from "./protobuf-fields.js";
import { damaged, ProtobufReader, WIRE } from "./protobuf-reader.js";

/** Graphs inside graphs (If, Loop) deeper than this are refused. */
const MAX_DEPTH = 32;

const NO_ATTRIBUTES: Node["attributes"] = Object.freeze({});
const NOTHING_UNKNOWN: readonly Uint8Array[] = Object.freeze([]);

/**
 * Reads an ONNX `ModelProto`. Weights stay views on `bytes`: nothing large is copied.
 * @throws {HeadstartError} `format` if the bytes are no ONNX model.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function decodeModel(bytes: Uint8Array): Model {
  // A Buffer would make every weight a Buffer too.
  const reader = new ProtobufReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const unknown: Uint8Array[] = [];
  // Maps, as names may be those of Object's own properties.
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  let irVersion = 0;
  let producerName = "";
  let graph: Graph | undefined;
  fields(reader, unknown, (field, wire) => {
    if (field === 1 && wire === WIRE.varint) irVersion = reader.unsigned();
    else if (field === 2 && wire === WIRE.bytes) producerName = reader.string();
    else if (field === 7 && wire === WIRE.bytes) {
      // Other readers would join the two: what is checked here would not be what runs.
      if (graph !== undefined) throw damaged("a second graph", reader.position);
      graph = readGraph(reader.message(), 0);
    } else if (field === 8 && wire === WIRE.bytes) {
      const { domain, version } = readOpset(reader.message());
      opsets.set(domain, version);
    } else if (field === 14 && wire === WIRE.bytes) {
      const [key, value] = readEntry(reader.message());
      metadata.set(key, value);
    } else return false;
    return true;
  });
  if (graph === undefined) throw damaged("no graph in the model", bytes.length);
  return {
    irVersion,
    producerName,
    opsets: Object.fromEntries(opsets),
    graph,
    metadata: Object.fromEntries(metadata),
    unknown,
  };
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

/** Reads a `GraphProto` that lies `depth` graphs deep. */
export function readGraph(reader: ProtobufReader, depth: number): Graph {
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

/** Reads a `NodeProto`; `depth` is that of the graph around it. */
export function readNode(reader: ProtobufReader, depth: number): Node {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
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
      if (attributes.has(key)) throw damaged(`a second attribute '${key}'`, reader.position);
      attributes.set(key, attribute);
    } else if (field === 7) domain = reader.string();
    else return false;
    return true;
  });
  return {
    name,
    opType,
    domain: domain === "ai.onnx" ? "" : domain,
    inputs,
    outputs,
    attributes: attributes.size === 0 ? NO_ATTRIBUTES : Object.fromEntries(attributes),
    unknown: unknown.length === 0 ? NOTHING_UNKNOWN : unknown,
  };
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
    else if (field === 5 && wire === WIRE.bytes) tensor = once(tensor, readTensor(reader.message()), reader);
    else if (field === 6 && wire === WIRE.bytes)
      graph = once(graph, readGraph(reader.message(), depth + 1), reader);
    else if (field === 7) repeated(reader, wire, WIRE.fixed32, (r) => floats.push(r.float32()));
    else if (field === 8) repeated(reader, wire, WIRE.varint, (r) => ints.push(r.int64()));
    else if (field === 9 && wire === WIRE.bytes) strings.push(reader.element());
    else if (field === 20 && wire === WIRE.varint) type = reader.enumeration();
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
  return [name, known[type] ?? { type: "other", id: type, bytes: whole }];
}

/** Refuses a second message where there is one place: other readers would join the two. */
function once<T>(before: T | undefined, value: T, reader: ProtobufReader): T {
  if (before !== undefined) throw damaged("a second value of an attribute", reader.position);
  return value;
}
