import { decodeFunctions } from "./decode-function.js";
import { fieldsNumbered } from "./decode-hidden.js";
import { readGraph } from "./decode-model.js";
import { readTensor } from "./decode-tensor.js";
import type { Attribute, Graph, Model, Node, Tensor } from "./model.js";
import type { ProtobufReader } from "./protobuf-reader.js";

/**
 * The name of a tensor whose elements lie in another file, wherever in the model it stands: graphs inside graphs,
 * functions, sparse tensors; null where there is none.
 * A model that is run from memory would look for that file in the working directory, whatever it finds there.
 * @throws {HeadstartError} `format` if a part that is kept as bytes is damaged.
 */
export function externalTensor(model: Model): string | null {
  const functions = decodeFunctions(model).flatMap(({ nodes }) => nodes);
  return inGraph(model.graph) ?? inNodes(functions) ?? inTraining(model);
}

function inGraph(graph: Graph): string | null {
  return (
    inTensors(graph.initializers) ??
    first(fieldsNumbered(graph.unknown, 15), inSparse) ??
    inNodes(graph.nodes)
  );
}

function inNodes(nodes: readonly Node[]): string | null {
  return first(nodes, (node) => first(Object.values(node.attributes), inAttribute));
}

function inAttribute(attribute: Attribute): string | null {
  if (attribute.type === "tensor") return inTensors([attribute.value]);
  if (attribute.type === "graph") return inGraph(attribute.value);
  if (attribute.type !== "other") return null;
  const within = (field: number): ProtobufReader[] => fieldsNumbered([attribute.bytes], field);
  return (
    first([...within(5), ...within(10)], (reader) => inTensors([readTensor(reader)])) ??
    first([...within(6), ...within(11)], (reader) => inGraph(readGraph(reader, 0))) ??
    first([...within(22), ...within(23)], inSparse)
  );
}

/** A `SparseTensorProto`: its values and its indices are tensors. */
function inSparse(reader: ProtobufReader): string | null {
  const bytes = [reader.bytes.subarray(reader.position, reader.end)];
  const tensors = [...fieldsNumbered(bytes, 1), ...fieldsNumbered(bytes, 2)];
  return first(tensors, (tensor) => inTensors([readTensor(tensor)]));
}

/** `TrainingInfoProto`: two graphs. */
function inTraining(model: Model): string | null {
  return first(fieldsNumbered(model.unknown, 20), (reader) => {
    const bytes = [reader.bytes.subarray(reader.position, reader.end)];
    const graphs = [...fieldsNumbered(bytes, 1), ...fieldsNumbered(bytes, 2)];
    return first(graphs, (graph) => inGraph(readGraph(graph, 0)));
  });
}

function inTensors(tensors: readonly Tensor[]): string | null {
  return tensors.find(({ content }) => content.kind === "external")?.name ?? null;
}

function first<T>(items: readonly T[], find: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
