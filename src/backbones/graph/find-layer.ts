import { HeadstartError } from "../../core/errors.js";
import { blockOutputs, pathsOf } from "../../onnx/block-outputs.js";
import { indexGraph } from "../../onnx/graph-index.js";
import type { Model, Node } from "../../onnx/model.js";
import { moduleOutput } from "../../onnx/module-output.js";

/**
 * The tensor that a layer stands for.
 * @param layer - a block's number, from 0, negative from the last; else the name of a tensor, of a node (its first
 *   output), or of a module (what it passes on): `encoder.layer.3`, or the end of it where that is unique.
 * @throws {HeadstartError} `usage` telling what there is.
 */
export function findLayer(model: Model, layer: number | string): string {
  return typeof layer === "number" ? blockOf(model, layer) : namedLayer(model, layer);
}

function blockOf(model: Model, layer: number): string {
  const blocks = blockOutputs(model);
  const block = Number.isInteger(layer) ? blocks.at(layer) : undefined;
  if (block !== undefined) return block.output;
  const range = blocks.length === 0 ? "no blocks are found in it" : `it has ${blocks.length}, from 0`;
  throw new HeadstartError("usage", `The graph has no block ${layer}: ${range}`, {
    facts: { layer, blocks: blocks.length },
    hint: "headstart backbones show <id> lists what can be taken.",
  });
}

function namedLayer(model: Model, name: string): string {
  const index = indexGraph(model);
  if (index.maker.has(name)) return name;
  const node = model.graph.nodes.find((one) => one.name === name);
  if (node !== undefined) return node.outputs[0]!;
  const wanted = name.replaceAll("/", ".").replace(/^\.+|\.+$/g, "");
  const modules = new Map<string, Set<Node>>();
  for (const [one, path] of pathsOf(model, index)) {
    const at = `.${path}.`.indexOf(`.${wanted}.`);
    if (at < 0) continue;
    const module = path.slice(0, at + wanted.length);
    modules.set(module, (modules.get(module) ?? new Set<Node>()).add(one));
  }
  // Modules inside the one that was meant do not count: `layer.1` is not also `layer.1.output`.
  const paths = [...modules.keys()];
  const output = paths.length === 1 ? moduleOutput(model, index, modules.get(paths[0]!)!) : null;
  if (output !== null) return output;
  throw new HeadstartError(
    "usage",
    paths.length > 1
      ? `The layer '${name}' is not the only one of that name: ${paths.slice(0, 6).join(", ")}`
      : `The graph has no tensor, node or module '${name}'`,
    { facts: { layer: name, found: paths }, hint: "headstart backbones show <id> lists what can be taken." },
  );
}
