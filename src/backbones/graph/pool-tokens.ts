import { HeadstartError } from "../../core/errors.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { Pooling } from "../backbone.js";
import { reduce } from "./reduce.js";

/**
 * Adds the nodes that turn token states into one vector a row; padding never counts.
 * @param states - `[batch, tokens, dim]` float32.
 * @param mask - `[batch, tokens]` int64; 1 for a token, 0 for padding on the right.
 * @returns `[batch, dim]`; zeros where a row is all padding.
 * @throws {HeadstartError} `usage` for `none`, which token states cannot satisfy.
 */
export function poolTokens(
  graph: GraphBuilder,
  states: TensorName,
  mask: TensorName,
  pooling: Pooling,
  opset: number,
): TensorName {
  const pooled = pool(graph, states, mask, pooling, opset);
  const count = reduce(graph, "ReduceSum", mask, [1], { keepDims: true, opset });
  // What stands at a padded place depends on the length of the batch.
  const some = graph.op("Greater", [count, graph.int64([0], [1], "none")]);
  return graph.op("Where", [some, pooled, graph.float32([0], [1], "empty")]);
}

function pool(
  graph: GraphBuilder,
  states: TensorName,
  mask: TensorName,
  pooling: Pooling,
  opset: number,
): TensorName {
  switch (pooling) {
    case "cls":
      return graph.op("Gather", [states, graph.int64([0], [], "first")], { axis: { int: 1 } });
    case "mean": {
      const weights = graph.op("Cast", [mask], { to: { int: 1 } });
      const asRow = graph.op("Reshape", [weights, graph.int64([0, 1, -1], [3], "shape")]);
      const sums = graph.op("Reshape", [
        graph.op("MatMul", [asRow, states]),
        graph.int64([0, -1], [2], "shape"),
      ]);
      const count = reduce(graph, "ReduceSum", weights, [1], { keepDims: true, opset });
      return graph.op("Div", [sums, graph.op("Max", [count, graph.float32([1e-9], [1], "least")])]);
    }
    case "max": {
      const asColumn = graph.op("Reshape", [mask, graph.int64([0, -1, 1], [3], "shape")]);
      const kept = graph.op("Cast", [asColumn], { to: { int: 9 } });
      const lowest = graph.float32([-3.4e38], [1], "lowest");
      return reduce(graph, "ReduceMax", graph.op("Where", [kept, states, lowest]), [1], {
        keepDims: false,
        opset,
      });
    }
    case "last": {
      const count = reduce(graph, "ReduceSum", mask, [1], { keepDims: true, opset });
      const last = graph.op("Sub", [count, graph.int64([1], [1], "one")]);
      return graph.op("GatherND", [states, last], { batch_dims: { int: 1 } });
    }
    case "weighted-mean":
    case "mean-sqrt-length":
    case "none":
      throw new HeadstartError("usage", "This backbone gives one state a token; they must be pooled", {
        hint: "Use --pooling mean, cls, max or last.",
      });
  }
}
