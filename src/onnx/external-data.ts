import type { Attribute, Graph, Model, Tensor } from "./model.js";

/** How the key of a `location` entry begins on the wire, in parts of a model that are kept as bytes. */
const LOCATION = Buffer.from("\n\blocation", "latin1");

/**
 * The name of a tensor whose elements lie in another file, graphs inside graphs included; null where there is none.
 * A model that is run from memory would look for that file in the working directory, whatever it finds there.
 */
export function externalTensor(model: Model): string | null {
  return inGraph(model.graph) ?? inBytes(model.unknown);
}

function inGraph(graph: Graph): string | null {
  const attributes = graph.nodes.flatMap((node) => Object.values(node.attributes));
  return (
    inTensors(graph.initializers) ??
    inBytes(graph.unknown) ??
    attributes.reduce<string | null>((found, attribute) => found ?? inAttribute(attribute), null)
  );
}

function inAttribute(attribute: Attribute): string | null {
  if (attribute.type === "tensor") return inTensors([attribute.value]);
  if (attribute.type === "graph") return inGraph(attribute.value);
  return attribute.type === "other" ? inBytes([attribute.bytes]) : null;
}

function inTensors(tensors: readonly Tensor[]): string | null {
  return tensors.find(({ content }) => content.kind === "external")?.name ?? null;
}

/** Functions and sparse tensors are not decoded: an entry that names a location is enough. */
function inBytes(chunks: readonly Uint8Array[]): string | null {
  const found = chunks.some((chunk) =>
    Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).includes(LOCATION),
  );
  return found ? "(in a function or sparse tensor)" : null;
}
