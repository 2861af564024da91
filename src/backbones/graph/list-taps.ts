import { blockOutputs, pathsOf } from "../../onnx/block-outputs.js";
import { indexGraph } from "../../onnx/graph-index.js";
import type { Model, Node } from "../../onnx/model.js";
import { moduleOutput } from "../../onnx/module-output.js";

/** A place that `--layer` can name. */
export interface TapPlace {
  /** A block's number; null for what is no block. */
  readonly block: number | null;
  /** What to write: a module, or an output of the graph. */
  readonly name: string;
  /** The tensor that is taken. */
  readonly tensor: string;
}

/** The blocks of a network, the modules listed inside of them (`stages.2.layers.1`), and the graph's outputs. */
export function listTaps(model: Model): TapPlace[] {
  const index = indexGraph(model);
  const blocks = blockOutputs(model);
  const inner = new Map<string, Set<Node>>();
  for (const [node, path] of pathsOf(model, index)) {
    const block = blocks.find((one) => path.startsWith(`${one.path}.`));
    const element = block && /^[A-Za-z_]\w*\.\d+(?=\.|$)/.exec(path.slice(block.path.length + 1));
    if (!block || !element) continue;
    const name = `${block.path}.${element[0]}`;
    inner.set(name, (inner.get(name) ?? new Set<Node>()).add(node));
  }
  const taps: TapPlace[] = [];
  blocks.forEach(({ path, output }, block) => {
    for (const [name, nodes] of inner) {
      const tensor = name.startsWith(`${path}.`) ? moduleOutput(model, index, nodes) : null;
      if (tensor !== null && tensor !== output) taps.push({ block: null, name, tensor });
    }
    taps.push({ block, name: path, tensor: output });
  });
  const outputs = model.graph.outputs.map(({ name }) => ({ block: null, name, tensor: name }));
  return [...taps, ...outputs.filter(({ tensor }) => index.maker.has(tensor))];
}
