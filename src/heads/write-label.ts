import type { GraphBuilder, TensorName } from "../onnx/graph-builder.js";

/** Adds the nodes that name the class of the first largest score. @param scores - `[n, classes]`. @returns string `[n]`. */
export function writeLabel(graph: GraphBuilder, scores: TensorName, classes: readonly string[]): TensorName {
  const best = graph.op("ArgMax", [scores], {
    axis: { int: 1 },
    keepdims: { int: 0 },
    select_last_index: { int: 0 },
  });
  return graph.op(
    "LabelEncoder",
    [best],
    { keys_int64s: { ints: classes.map((_, code) => code) }, values_strings: { strings: classes } },
    { domain: "ai.onnx.ml" },
  );
}
