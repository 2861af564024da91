import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { reduce } from "./reduce.js";

/** Scales each row of `[n, dim]` to length 1; a row of zeros stays zeros (the norm is at least 1e-12). */
export function l2Normalize(graph: GraphBuilder, x: TensorName, opset: number): TensorName {
  const norm = reduce(graph, "ReduceL2", x, [1], { keepDims: true, opset });
  return graph.op("Div", [x, graph.op("Max", [norm, graph.float32([1e-12], [1], "least")])]);
}
