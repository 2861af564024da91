import type { Model, Node, Tensor } from "./model.js";

/** Who makes and who reads each tensor of a graph's top level. */
export interface GraphIndex {
  readonly maker: ReadonlyMap<string, Node>;
  readonly readers: ReadonlyMap<string, readonly Node[]>;
  readonly weight: ReadonlyMap<string, Tensor>;
  /** A node's place in the order of execution. */
  readonly place: ReadonlyMap<Node, number>;
}

export function indexGraph({ graph }: Model): GraphIndex {
  const maker = new Map<string, Node>();
  const readers = new Map<string, Node[]>();
  const place = new Map<Node, number>();
  graph.nodes.forEach((node, i) => {
    place.set(node, i);
    for (const output of node.outputs) if (output !== "") maker.set(output, node);
    for (const input of new Set(node.inputs)) {
      const known = readers.get(input);
      if (known) known.push(node);
      else readers.set(input, [node]);
    }
  });
  return {
    maker,
    readers,
    place,
    weight: new Map(graph.initializers.map((tensor) => [tensor.name, tensor])),
  };
}

/** The weight of a name, also where an exporter gives one weight several names. */
export function weightOf(index: GraphIndex, name: string): Tensor | null {
  const weight = index.weight.get(name);
  if (weight !== undefined) return weight;
  const node = index.maker.get(name);
  return node?.opType === "Identity" ? weightOf(index, node.inputs[0]!) : null;
}
