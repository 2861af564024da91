import { describeNode } from "./describe-node.js";
import { graphsIn } from "./graphs-in.js";
import type { Graph, Node } from "./model.js";
import { FETCH_AGAIN, listNames, type Refuse } from "./refusal.js";
import { sortNodes } from "./sort-nodes.js";

/**
 * The graph with its nodes in an order in which they can run, graphs inside its nodes included: ONNX demands that order,
 * yet some exporters do not keep it. Refuses tensors that are made twice or by nobody, and nodes in a cycle.
 * @param around - names that the graph may read from the graphs around it.
 */
export function checkedNames(graph: Graph, around: ReadonlySet<string>, refuse: Refuse): Graph {
  const made = new Set<string>();
  const make = (name: string, by: string): void => {
    if (made.has(name))
      throw refuse(`the tensor '${name}' is made twice, also by ${by}`, FETCH_AGAIN, { tensor: name });
    made.add(name);
  };
  for (const { name } of graph.inputs) make(name, "an input");
  const weights = new Set<string>();
  for (const { name } of graph.initializers) {
    // An input may have a weight of its name for its default.
    if (weights.has(name)) throw refuse(`there are two weights '${name}'`, FETCH_AGAIN, { tensor: name });
    weights.add(name);
  }
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      if (name === "") continue;
      if (weights.has(name))
        throw refuse(`the weight '${name}' is made by ${describeNode(node)} too`, FETCH_AGAIN);
      make(name, describeNode(node));
    }
  }
  const within = (name: string): boolean =>
    name === "" || made.has(name) || weights.has(name) || around.has(name);
  for (const node of graph.nodes) {
    const missing = node.inputs.filter((name) => !within(name));
    if (missing.length === 0) continue;
    throw refuse(`${describeNode(node)} reads ${listNames(missing)}, which nothing makes`, FETCH_AGAIN, {
      missing,
    });
  }
  checkOutputs(graph, within, refuse);
  const order = sortNodes(graph.nodes);
  if (order.kind === "cycle") {
    const names = order.nodes.map(describeNode);
    throw refuse(`nodes wait for each other in a cycle: ${listNames(names)}`, FETCH_AGAIN, {
      nodes: names.slice(0, 50),
    });
  }
  return withInner({ ...graph, nodes: order.nodes }, new Set([...around, ...made, ...weights]), refuse);
}

function checkOutputs(graph: Graph, within: (name: string) => boolean, refuse: Refuse): void {
  const outputs = graph.outputs.map(({ name }) => name);
  if (outputs.length === 0) throw refuse(`the graph '${graph.name}' has no outputs`, FETCH_AGAIN);
  const distinct = new Set<string>();
  const twice = outputs.filter((name) => distinct.size === distinct.add(name).size);
  if (twice.length > 0)
    throw refuse(`outputs are named twice: ${listNames(twice)}`, FETCH_AGAIN, { outputs: twice });
  const missing = outputs.filter((name) => name === "" || !within(name));
  if (missing.length > 0)
    throw refuse(`nothing makes the outputs ${listNames(missing)}`, FETCH_AGAIN, { missing });
}

/** Checks the graphs inside nodes; the names around are only gathered where there are any. */
function withInner(graph: Graph, around: ReadonlySet<string>, refuse: Refuse): Graph {
  if (!graph.nodes.some((node) => graphsIn(node.attributes).length > 0)) return graph;
  return { ...graph, nodes: graph.nodes.map((node) => innerChecked(node, around, refuse)) };
}

function innerChecked(node: Node, around: ReadonlySet<string>, refuse: Refuse): Node {
  if (graphsIn(node.attributes).length === 0) return node;
  const entries = Object.entries(node.attributes).map(([name, attribute]) => [
    name,
    attribute.type === "graph"
      ? { ...attribute, value: checkedNames(attribute.value, around, refuse) }
      : attribute,
  ]);
  return { ...node, attributes: Object.fromEntries(entries) };
}
