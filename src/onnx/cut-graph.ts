import { HeadstartError } from "../core/errors.js";
import type { Graph, Model, Node, ValueInfo } from "./model.js";

/**
 * The part of a model that computes `outputs`: every node, weight and input that they do not need is gone.
 * A tensor in the middle of the graph may be named; its type is taken from the graph's own annotations,
 * else assumed float32 of unknown rank.
 * @throws {HeadstartError} `model` if nothing in the graph makes an output that was asked for.
 */
export function cutGraph(model: Model, outputs: readonly string[]): Model {
  const { graph } = model;
  const makers = new Map<string, Node>();
  for (const node of graph.nodes)
    for (const output of node.outputs) if (output !== "") makers.set(output, node);
  const given = new Set([...graph.inputs, ...graph.initializers].map((tensor) => tensor.name));
  const needed = new Set<Node>();
  const used = new Set<string>();
  const pending = [...outputs];
  while (pending.length > 0) {
    const name = pending.pop()!;
    if (name === "" || used.has(name)) continue;
    used.add(name);
    const node = makers.get(name);
    if (node === undefined) {
      if (given.has(name) || !outputs.includes(name)) continue;
      throw new HeadstartError("model", `The graph has no tensor '${name}' to cut at`, {
        facts: { tensor: name },
      });
    }
    if (needed.has(node)) continue;
    needed.add(node);
    pending.push(...node.inputs, ...capturedBy(node));
  }
  const infos = new Map([...graph.valueInfos, ...graph.outputs].map((info) => [info.name, info]));
  const typed = (name: string): ValueInfo => infos.get(name) ?? { name, dtype: "float32", shape: null };
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.filter((node) => needed.has(node)),
      initializers: graph.initializers.filter((tensor) => used.has(tensor.name)),
      inputs: graph.inputs.filter((input) => used.has(input.name)),
      outputs: outputs.map(typed),
      valueInfos: graph.valueInfos.filter((info) => used.has(info.name) && !outputs.includes(info.name)),
    },
  };
}

/** Outer tensors that the graphs inside a node (If, Loop) read by name. */
function capturedBy(node: Node): string[] {
  const names: string[] = [];
  const visit = (graph: Graph): void => {
    for (const inner of graph.nodes) {
      names.push(...inner.inputs);
      for (const attribute of Object.values(inner.attributes)) {
        if (attribute.type === "graph") visit(attribute.value);
      }
    }
    names.push(...graph.outputs.map((output) => output.name));
  };
  for (const attribute of Object.values(node.attributes))
    if (attribute.type === "graph") visit(attribute.value);
  return names;
}
