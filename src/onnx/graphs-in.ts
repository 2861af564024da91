import type { Graph, Node } from "./model.js";

/** The graphs among a node's attributes: branches of an If, the body of a Loop. */
export function graphsIn(attributes: Node["attributes"]): Graph[] {
  return Object.values(attributes).flatMap((attribute) =>
    attribute.type === "graph" ? [attribute.value] : [],
  );
}
