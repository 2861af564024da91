import type { Model, Node } from "../../onnx/model.js";

const FLOAT16 = 10;

/** A graph that takes float32 where it took float16: the values are narrowed inside it. */
export function widenInputs(model: Model): Model {
  const { graph } = model;
  const halves = graph.inputs.filter(({ dtype }) => dtype === "float16");
  if (halves.length === 0) return model;
  const names = new Set([...graph.inputs, ...graph.initializers].map(({ name }) => name));
  for (const node of graph.nodes) for (const output of node.outputs) names.add(output);
  const outer = new Map<string, string>();
  for (const { name } of halves) {
    let wide = `${name}_float32`;
    while (names.has(wide)) wide += "_";
    outer.set(name, wide);
  }
  // The new input gets the new name: everything inside the graph goes on reading the old one.
  const casts = halves.map(
    ({ name }): Node => ({
      name: `${outer.get(name)}_cast`,
      opType: "Cast",
      domain: "",
      inputs: [outer.get(name)!],
      outputs: [name],
      attributes: { to: { type: "int", value: FLOAT16 } },
      unknown: [],
    }),
  );
  const inputs = graph.inputs.map((input) =>
    outer.has(input.name) ? { ...input, name: outer.get(input.name)!, dtype: "float32" as const } : input,
  );
  return { ...model, graph: { ...graph, inputs, nodes: [...casts, ...graph.nodes] } };
}
