import type { Model, Node, ValueInfo } from "../../onnx/model.js";

/**
 * A graph that takes `[batch, 3, height, width]` where it took `[batch, height, width, 3]`, as exports from TensorFlow
 * do: the channels are moved inside it. Any other graph is returned as it is.
 */
export function channelsFirst(model: Model): Model {
  const { inputs } = model.graph;
  const [input] = inputs;
  const shape = input?.shape;
  if (input === undefined || shape?.length !== 4 || shape[3] !== 3 || shape[1] === 3) return model;
  const taken = new Set(model.graph.nodes.flatMap((node) => node.outputs));
  for (const { name } of [...inputs, ...model.graph.initializers]) taken.add(name);
  let name = `${input.name}_channels_first`;
  while (taken.has(name)) name += "_";
  const outer: ValueInfo = { name, dtype: input.dtype, shape: [shape[0]!, 3, shape[1]!, shape[2]!] };
  const move: Node = {
    name: `${name}_moved`,
    opType: "Transpose",
    domain: "",
    inputs: [name],
    outputs: [input.name],
    attributes: { perm: { type: "ints", value: [0, 2, 3, 1] } },
    unknown: [],
  };
  const rest = inputs.slice(1);
  return {
    ...model,
    graph: { ...model.graph, inputs: [outer, ...rest], nodes: [move, ...model.graph.nodes] },
  };
}
