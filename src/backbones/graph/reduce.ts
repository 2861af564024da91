import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";

/** A reduction over `axes`; the axes are an attribute or an input, as the graph's operator set wants it. */
export function reduce(
  graph: GraphBuilder,
  type: "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceL2",
  x: TensorName,
  axes: readonly number[],
  options: { keepDims: boolean; opset: number },
): TensorName {
  const axesAreInput = options.opset >= (type === "ReduceSum" ? 13 : 18);
  const keepdims = { int: options.keepDims ? 1 : 0 };
  return axesAreInput
    ? graph.op(type, [x, graph.int64(axes, [axes.length], "axes")], { keepdims })
    : graph.op(type, [x], { keepdims, axes: { ints: axes } });
}
