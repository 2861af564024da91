import type { ModelFunction } from "./decode-function.js";
import { operatorName } from "./describe-node.js";
import { graphsIn } from "./graphs-in.js";
import type { Model, Node } from "./model.js";
import { FETCH_AGAIN, type Refuse } from "./refusal.js";

/** The runtime puts a function's nodes in the place of each call; more nodes than this in the end are refused. */
const MAX_NODES = 1_000_000;

/** Refuses functions that call themselves, or calls that unfold into very many nodes. */
export function checkFunctions(model: Model, functions: readonly ModelFunction[], refuse: Refuse): void {
  if (functions.length === 0) return;
  const bodies = new Map<string, Node[]>();
  for (const { domain, name, nodes } of functions) {
    const key = operatorName(domain, name);
    const body = bodies.get(key);
    if (body === undefined) bodies.set(key, [...nodes]);
    else for (const node of nodes) body.push(node);
  }
  const sizes = new Map<string, number>();
  const open = new Set<string>();
  const sizeOf = (key: string): number => {
    const known = sizes.get(key);
    if (known !== undefined) return known;
    if (open.has(key)) throw refuse(`the function '${key}' calls itself`, FETCH_AGAIN, { function: key });
    if (open.size > 100)
      throw refuse(`functions call each other more than 100 deep`, FETCH_AGAIN, { function: key });
    open.add(key);
    const size = unfolded(bodies.get(key)!);
    open.delete(key);
    sizes.set(key, size);
    return size;
  };
  const unfolded = (nodes: readonly Node[]): number => {
    let size = 0;
    for (const { domain, opType, attributes } of nodes) {
      const key = operatorName(domain, opType);
      size += bodies.has(key) ? sizeOf(key) : 1;
      for (const graph of graphsIn(attributes)) size += unfolded(graph.nodes);
    }
    return size;
  };
  for (const key of bodies.keys()) sizeOf(key);
  const total = unfolded(model.graph.nodes);
  if (total <= MAX_NODES) return;
  throw refuse(`its functions unfold into ${total} nodes; the limit is ${MAX_NODES}`, FETCH_AGAIN, {
    nodes: total,
    limit: MAX_NODES,
  });
}
