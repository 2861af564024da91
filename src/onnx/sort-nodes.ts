import { graphsIn } from "./graphs-in.js";
import type { Graph, Node } from "./model.js";

/** The order in which nodes can run, or, where there is none, nodes that wait for each other. */
export type NodeOrder =
  | { readonly kind: "sorted"; readonly nodes: readonly Node[] }
  | { readonly kind: "cycle"; readonly nodes: readonly Node[] };

/**
 * Nodes in an order in which each comes after those that make its inputs, otherwise in the order that they had. What the
 * graphs inside a node read from around it counts as its inputs. Nodes in order already come back as the same array.
 */
export function sortNodes(nodes: readonly Node[]): NodeOrder {
  const makers = new Map<string, number>();
  nodes.forEach((node, i) => {
    for (const output of node.outputs) if (output !== "") makers.set(output, i);
  });
  const needs = nodes.map((node) => [
    ...new Set([...readsOf(node)].map((name) => makers.get(name)).filter((maker) => maker !== undefined)),
  ]);
  if (needs.every((makersOfNode, i) => makersOfNode.every((maker) => maker < i)))
    return { kind: "sorted", nodes };
  const users: number[][] = nodes.map(() => []);
  needs.forEach((makersOfNode, i) => {
    for (const maker of makersOfNode) users[maker]!.push(i);
  });
  const waiting = needs.map((makersOfNode) => makersOfNode.length);
  const ready = waiting.flatMap((count, i) => (count === 0 ? [i] : []));
  const sorted: Node[] = [];
  for (let next = 0; next < ready.length; next++) {
    const node = ready[next]!;
    sorted.push(nodes[node]!);
    for (const user of users[node]!) if (--waiting[user]! === 0) ready.push(user);
  }
  if (sorted.length === nodes.length) return { kind: "sorted", nodes: sorted };
  return { kind: "cycle", nodes: nodes.filter((_, i) => waiting[i]! > 0) };
}

/** Names of the tensors that a node reads: its inputs, and what the graphs inside it take from around them. */
export function readsOf(node: Node): Set<string> {
  const reads = new Set(node.inputs);
  for (const graph of graphsIn(node.attributes)) for (const name of freeNames(graph)) reads.add(name);
  reads.delete("");
  return reads;
}

/** Names that a graph reads and does not define. */
function freeNames(graph: Graph): Set<string> {
  const free = new Set(graph.outputs.map(({ name }) => name));
  for (const node of graph.nodes) for (const name of readsOf(node)) free.add(name);
  for (const node of graph.nodes) for (const name of node.outputs) free.delete(name);
  for (const { name } of [...graph.inputs, ...graph.initializers]) free.delete(name);
  return free;
}
