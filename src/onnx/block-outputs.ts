import { type GraphIndex, indexGraph } from "./graph-index.js";
import type { Model, Node } from "./model.js";
import { moduleOutput } from "./module-output.js";
import { modulePath } from "./module-path.js";
import { residualBlocks } from "./residual-blocks.js";

/** A repeated part of a network: a transformer's layer, a stage of a ResNet. */
export interface Block {
  /** Its module, `encoder.layer.3`. */
  readonly path: string;
  /** The tensor that it passes on. */
  readonly output: string;
}

/**
 * The blocks of a network, from its input on: the elements of the list of modules that holds most of its nodes (the
 * outermost where lists lie in lists), found by the names of the nodes; where these do not tell, by the shape of the
 * graph, as `residualBlocks` does.
 * @returns an empty list where neither tells.
 */
export function blockOutputs(model: Model): Block[] {
  const index = indexGraph(model);
  const paths = pathsOf(model, index);
  const lists = new Map<string, Map<string, Set<Node>>>();
  for (const [node, path] of paths) {
    const element = /^(?:(.*?)\.)?(\d+)(?=\.|$)/.exec(path);
    if (element === null) continue;
    // layer1.0 and layer2.0 are elements of one list.
    const list = (element[1] ?? "").replaceAll(/\d+/g, "#");
    const elements = lists.get(list) ?? new Map<string, Set<Node>>();
    lists.set(list, elements);
    const nodes = elements.get(element[0]) ?? new Set<Node>();
    elements.set(element[0], nodes);
    nodes.add(node);
  }
  const size = (elements: Map<string, Set<Node>>): number =>
    [...elements.values()].reduce((sum, nodes) => sum + nodes.size, 0);
  const longest = [...lists.values()]
    .filter((elements) => elements.size > 1)
    .sort((a, b) => size(b) - size(a))[0];
  const blocks = [...(longest ?? [])].map(([path, nodes]) => ({
    path,
    output: moduleOutput(model, index, nodes),
  }));
  if (blocks.length === 0) return unnamed(model);
  return blocks
    .filter((block): block is Block => block.output !== null)
    .sort((a, b) => placeOf(index, a) - placeOf(index, b));
}

/** Inputs that carry content; the first input of a graph that has none of them. */
const CONTENT = ["input_ids", "pixel_values", "input_values", "input_features"];

function unnamed(model: Model): Block[] {
  const names = model.graph.inputs.map(({ name }) => name);
  const content = CONTENT.find((name) => names.includes(name)) ?? names[0];
  if (content === undefined) return [];
  return residualBlocks(model, content).map((output) => ({ path: output, output }));
}

const placeOf = (index: GraphIndex, { output }: Block): number => index.place.get(index.maker.get(output)!)!;

/**
 * The module path of each node that computes. A node that has none goes with the latest of those whose values it
 * reads: a residual addition belongs to the block before it.
 */
export function pathsOf(model: Model, index: GraphIndex): Map<Node, string> {
  const paths = new Map<Node, string>();
  for (const node of model.graph.nodes) {
    if (node.opType === "Constant") continue;
    let path = modulePath(node);
    if (path === "" && !node.name.includes("/")) {
      const makers = node.inputs
        .map((input) => index.maker.get(input))
        .filter((maker) => maker !== undefined);
      const named = makers.filter((maker) => paths.has(maker));
      const latest = named.sort((a, b) => index.place.get(b)! - index.place.get(a)!)[0];
      path = latest === undefined ? "" : paths.get(latest)!;
    }
    if (path !== "") paths.set(node, path);
  }
  return paths;
}
