import { HeadstartError } from "../core/errors.js";
import type { Attribute, Graph, Node } from "./model.js";

/** Every name of a tensor in a graph, those of the graphs inside its nodes included. */
export function tensorNames(graph: Graph): Set<string> {
  const names = new Set<string>();
  const visit = (one: Graph): void => {
    for (const { name } of [...one.inputs, ...one.initializers, ...one.outputs]) names.add(name);
    for (const node of one.nodes) {
      for (const name of [...node.inputs, ...node.outputs]) names.add(name);
      for (const inner of Object.values(node.attributes)) if (inner.type === "graph") visit(inner.value);
    }
  };
  visit(graph);
  names.delete("");
  return names;
}

/**
 * The graph with its tensors called otherwise, also where graphs inside its nodes read or make them.
 * @param rename - a tensor's new name; the same for what keeps its own.
 * @param renameNode - of the nodes; default: they keep theirs.
 * @throws {HeadstartError} `model` for graphs that are kept as bytes, which cannot be renamed.
 */
export function renameGraph(
  graph: Graph,
  rename: (name: string) => string,
  renameNode: (name: string) => string = (name) => name,
): Graph {
  const tensor = (name: string): string => (name === "" ? "" : rename(name));
  const inAttribute = (attribute: Attribute): Attribute => {
    if (attribute.type === "graph") return { type: "graph", value: inGraph(attribute.value) };
    // Lists of graphs (11): no operator of ONNX has one.
    if (attribute.type === "other" && attribute.id === 10) {
      throw new HeadstartError("model", "The graph has a node with a list of graphs, which cannot be joined");
    }
    return attribute;
  };
  const inNode = (node: Node): Node => ({
    ...node,
    name: renameNode(node.name),
    inputs: node.inputs.map(tensor),
    outputs: node.outputs.map(tensor),
    attributes: Object.fromEntries(
      Object.entries(node.attributes).map(([key, value]) => [key, inAttribute(value)]),
    ),
  });
  const named = <T extends { readonly name: string }>(one: T): T => ({ ...one, name: tensor(one.name) });
  const inGraph = (one: Graph): Graph => ({
    ...one,
    nodes: one.nodes.map(inNode),
    initializers: one.initializers.map(named),
    inputs: one.inputs.map(named),
    outputs: one.outputs.map(named),
    valueInfos: one.valueInfos.map(named),
  });
  return inGraph(graph);
}
