import type { Attribute, Graph, Tensor } from "./model.js";

/** Where a tensor stands: among the weights of a graph (or of a graph inside a node), or as a node's attribute. */
export type TensorPlace = "weight" | "inner weight" | "attribute";

/** The graph with each of its tensors replaced by what `change` gives for it, graphs inside its nodes included. */
export function mapTensors(graph: Graph, change: (tensor: Tensor, place: TensorPlace) => Tensor): Graph {
  return mapGraph(graph, change, "weight");
}

function mapGraph(
  graph: Graph,
  change: (tensor: Tensor, place: TensorPlace) => Tensor,
  place: TensorPlace,
): Graph {
  const inAttribute = (attribute: Attribute): Attribute => {
    if (attribute.type === "tensor") return { type: "tensor", value: change(attribute.value, "attribute") };
    if (attribute.type === "graph")
      return { type: "graph", value: mapGraph(attribute.value, change, "inner weight") };
    return attribute;
  };
  return {
    ...graph,
    initializers: graph.initializers.map((tensor) => change(tensor, place)),
    nodes: graph.nodes.map((node) => {
      const entries = Object.entries(node.attributes);
      if (!entries.some(([, { type }]) => type === "tensor" || type === "graph")) return node;
      return {
        ...node,
        attributes: Object.fromEntries(entries.map(([key, value]) => [key, inAttribute(value)])),
      };
    }),
  };
}
