import { describe, expect, it } from "vitest";
import { blockOutputs } from "../../src/onnx/block-outputs.js";
import type { Model } from "../../src/onnx/index.js";
import { layerGraph } from "../backbones/layers-fixtures.js";

/** The graph with all names replaced by numbers, as optimisers write it; and what each tensor is called now. */
function anonymous(model: Model): { model: Model; renamed: Map<string, string> } {
  const renamed = new Map<string, string>();
  const given = new Set(model.graph.inputs.map(({ name }) => name));
  const rename = (name: string): string => {
    if (name === "" || given.has(name)) return name;
    if (!renamed.has(name)) renamed.set(name, `t${renamed.size}`);
    return renamed.get(name)!;
  };
  const { graph } = model;
  const named = <T extends { readonly name: string }>(one: T): T => ({ ...one, name: rename(one.name) });
  const nodes = graph.nodes.map((node) => ({
    ...node,
    name: "",
    unknown: [],
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  const initializers = graph.initializers.map(named);
  return {
    model: {
      ...model,
      graph: { ...graph, nodes, initializers, outputs: graph.outputs.map(named), valueInfos: [] },
    },
    renamed,
  };
}

describe("the blocks of a network", () => {
  it.each([
    ["bert", 3],
    ["bert-dynamo", 3],
    ["bert-classifier", 3],
    ["gpt2-lm", 3],
    ["vit", 3],
  ])("of %s are the same without any names", (name, count) => {
    const model = layerGraph(name);
    const blocks = blockOutputs(model);
    expect(blocks.length).toBe(count);
    const { model: bare, renamed } = anonymous(model);
    expect(blockOutputs(bare).map(({ output }) => output)).toEqual(
      blocks.map(({ output }) => renamed.get(output)),
    );
  });

  it("of a ResNet without names are its residual layers, not its stages", () => {
    const model = layerGraph("resnet");
    expect(blockOutputs(model).map(({ path }) => path.replace(/^.*stages/, "stages"))).toEqual([
      "stages.0",
      "stages.1",
      "stages.2",
      "stages.3",
    ]);
    const { model: bare, renamed } = anonymous(model);
    const found = blockOutputs(bare).map(({ output }) => output);
    expect(found.length).toBe(5);
    for (const { output } of blockOutputs(model)) expect(found).toContain(renamed.get(output));
  });
});
