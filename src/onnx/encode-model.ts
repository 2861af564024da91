import {
  type Attribute,
  DATA_TYPES,
  type Graph,
  type Model,
  type Node,
  type Tensor,
  type ValueInfo,
} from "./model.js";
import { ProtobufWriter } from "./protobuf-writer.js";

/**
 * Writes an ONNX `ModelProto`; the same model gives the same bytes.
 * @returns the whole file. A model over 2 GiB does not fit one (protobuf's limit).
 */
export function encodeModel(model: Model): Uint8Array {
  const writer = new ProtobufWriter();
  writer.int64(1, model.irVersion);
  if (model.producerName !== "") writer.string(2, model.producerName);
  writer.message(7, (inner) => writeGraph(inner, model.graph));
  for (const [domain, version] of Object.entries(model.opsets)) {
    writer.message(8, (inner) => {
      if (domain !== "") inner.string(1, domain);
      inner.int64(2, version);
    });
  }
  for (const [key, value] of Object.entries(model.metadata)) writeEntry(writer, 14, key, value);
  for (const field of model.unknown) writer.raw(field);
  return writer.finish();
}

function writeEntry(writer: ProtobufWriter, field: number, key: string, value: string): void {
  writer.message(field, (inner) => {
    inner.string(1, key);
    inner.string(2, value);
  });
}

function writeGraph(writer: ProtobufWriter, graph: Graph): void {
  for (const node of graph.nodes) writer.message(1, (inner) => writeNode(inner, node));
  writer.string(2, graph.name);
  for (const tensor of graph.initializers) writer.message(5, (inner) => writeTensor(inner, tensor));
  for (const info of graph.inputs) writer.message(11, (inner) => writeValueInfo(inner, info));
  for (const info of graph.outputs) writer.message(12, (inner) => writeValueInfo(inner, info));
  for (const info of graph.valueInfos) writer.message(13, (inner) => writeValueInfo(inner, info));
  for (const field of graph.unknown) writer.raw(field);
}

function writeNode(writer: ProtobufWriter, node: Node): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  if (node.name !== "") writer.string(3, node.name);
  writer.string(4, node.opType);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    writer.message(5, (inner) => writeAttribute(inner, name, attribute));
  }
  if (node.domain !== "") writer.string(7, node.domain);
  for (const field of node.unknown) writer.raw(field);
}

function writeAttribute(writer: ProtobufWriter, name: string, attribute: Attribute): void {
  if (attribute.type === "other") {
    writer.raw(attribute.bytes);
    return;
  }
  writer.string(1, name);
  switch (attribute.type) {
    case "float":
      writer.float32(2, attribute.value);
      writer.int64(20, 1);
      break;
    case "int":
      writer.int64(3, attribute.value);
      writer.int64(20, 2);
      break;
    case "string":
      writer.bytes(4, attribute.value);
      writer.int64(20, 3);
      break;
    case "tensor":
      writer.message(5, (inner) => writeTensor(inner, attribute.value));
      writer.int64(20, 4);
      break;
    case "graph":
      writer.message(6, (inner) => writeGraph(inner, attribute.value));
      writer.int64(20, 5);
      break;
    case "floats":
      writer.packedFloat32(7, attribute.value);
      writer.int64(20, 6);
      break;
    case "ints":
      writer.packedInt64(8, attribute.value);
      writer.int64(20, 7);
      break;
    case "strings":
      for (const value of attribute.value) writer.bytes(9, value);
      writer.int64(20, 8);
      break;
  }
}

function writeTensor(writer: ProtobufWriter, tensor: Tensor): void {
  writer.packedInt64(1, tensor.dims);
  writer.int64(2, DATA_TYPES[tensor.dtype]);
  if (tensor.content.kind === "strings") for (const value of tensor.content.values) writer.bytes(6, value);
  if (tensor.name !== "") writer.string(8, tensor.name);
  if (tensor.content.kind === "raw") writer.bytes(9, tensor.content.bytes);
  if (tensor.content.kind === "external") {
    for (const [key, value] of Object.entries(tensor.content.entries)) writeEntry(writer, 13, key, value);
    writer.int64(14, 1);
  }
}

function writeValueInfo(writer: ProtobufWriter, info: ValueInfo): void {
  writer.string(1, info.name);
  const { otherType, dtype, shape } = info;
  if (otherType !== undefined) {
    writer.bytes(2, otherType);
    return;
  }
  writer.message(2, (type) => {
    type.message(1, (tensor) => {
      tensor.int64(1, DATA_TYPES[dtype]);
      if (shape === null) return;
      tensor.message(2, (inner) => {
        for (const dimension of shape) {
          inner.message(1, (one) => {
            if (typeof dimension === "number") one.int64(1, dimension);
            else if (dimension !== "?") one.string(2, dimension);
          });
        }
      });
    });
  });
}
