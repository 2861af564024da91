import { HeadstartError } from "../../core/errors.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { Pooling } from "../backbone.js";
import { reduce } from "./reduce.js";

/**
 * Adds the nodes that turn token states into one vector a row; padding never counts.
 * @param states - `[batch, tokens, dim]` float32.
 * @param mask - `[batch, tokens]` int64; 1 for a token, 0 for padding on the right.
 * @param promptTokens - how many tokens at the beginning of each row are left out.
 * @returns `[batch, dim]`; zeros where no token of a row counts.
 * @throws {HeadstartError} `usage` for `none`, which token states cannot satisfy.
 * @see sentence-transformers, Pooling, for the six kinds; weights of `weighted-mean` are the positions, from 1.
 */
export function poolTokens(
  graph: GraphBuilder,
  states: TensorName,
  mask: TensorName,
  pooling: Pooling,
  opset: number,
  promptTokens = 0,
): TensorName {
  const counted = promptTokens === 0 ? mask : withoutPrompt(graph, mask, promptTokens);
  const pooled = pool(graph, states, { mask, counted, promptTokens }, pooling, opset);
  const count = reduce(graph, "ReduceSum", counted, [1], { keepDims: true, opset });
  // What stands at a padded place depends on the length of the batch.
  const some = graph.op("Greater", [count, graph.int64([0], [1], "none")]);
  return graph.op("Where", [some, pooled, graph.float32([0], [1], "empty")]);
}

interface Masks {
  readonly mask: TensorName;
  /** The mask without the tokens of the prompt. */
  readonly counted: TensorName;
  readonly promptTokens: number;
}

function pool(
  graph: GraphBuilder,
  states: TensorName,
  { mask, counted, promptTokens }: Masks,
  pooling: Pooling,
  opset: number,
): TensorName {
  const asFloat = (x: TensorName): TensorName => graph.op("Cast", [x], { to: { int: 1 } });
  const sumOf = (x: TensorName): TensorName => reduce(graph, "ReduceSum", x, [1], { keepDims: true, opset });
  const divided = (weights: TensorName, by: (total: TensorName) => TensorName): TensorName => {
    const asRow = graph.op("Reshape", [weights, graph.int64([0, 1, -1], [3], "shape")]);
    const sums = graph.op("MatMul", [asRow, states]);
    const flat = graph.op("Reshape", [sums, graph.int64([0, -1], [2], "shape")]);
    const total = graph.op("Max", [sumOf(weights), graph.float32([1e-9], [1], "least")]);
    return graph.op("Div", [flat, by(total)]);
  };
  switch (pooling) {
    case "cls": {
      const last = graph.op("Sub", [tokensOf(graph, mask), graph.int64([1], [], "one")]);
      const first = promptTokens === 0 ? graph.int64([0], [], "first") : least(graph, last, promptTokens);
      return graph.op("Gather", [states, first], { axis: { int: 1 } });
    }
    case "mean":
      return divided(asFloat(counted), (total) => total);
    case "mean-sqrt-length":
      return divided(asFloat(counted), (total) => graph.op("Sqrt", [total]));
    case "weighted-mean":
      return divided(asFloat(graph.op("Mul", [counted, placesOf(graph, mask, 1)])), (total) => total);
    case "max": {
      const asColumn = graph.op("Reshape", [counted, graph.int64([0, -1, 1], [3], "shape")]);
      const kept = graph.op("Cast", [asColumn], { to: { int: 9 } });
      const lowest = graph.float32([-3.4e38], [1], "lowest");
      return reduce(graph, "ReduceMax", graph.op("Where", [kept, states, lowest]), [1], {
        keepDims: false,
        opset,
      });
    }
    case "last": {
      const last = graph.op("Sub", [sumOf(mask), graph.int64([1], [1], "one")]);
      return graph.op("GatherND", [states, last], { batch_dims: { int: 1 } });
    }
    case "none":
      throw new HeadstartError("usage", "This backbone gives one state a token; they must be pooled", {
        hint: "Use --pooling mean, cls, max, last, weighted-mean or mean-sqrt-length.",
      });
  }
}

/** The mask with zeros at the first `promptTokens` places. */
function withoutPrompt(graph: GraphBuilder, mask: TensorName, promptTokens: number): TensorName {
  const after = graph.op("Greater", [placesOf(graph, mask, 1), graph.int64([promptTokens], [], "prompt")]);
  return graph.op("Mul", [mask, graph.op("Cast", [after], { to: { int: 7 } })]);
}

/** `[tokens]` int64: `first`, `first + 1`, ... */
function placesOf(graph: GraphBuilder, mask: TensorName, first: number): TensorName {
  const start = graph.int64([first], [], "first");
  const end = graph.op("Add", [tokensOf(graph, mask), start]);
  return graph.op("Range", [start, end, graph.int64([1], [], "step")]);
}

/** How many tokens the batch is long, a scalar. */
function tokensOf(graph: GraphBuilder, mask: TensorName): TensorName {
  return graph.op("Gather", [graph.op("Shape", [mask]), graph.int64([1], [], "axis")]);
}

/** The smaller of an int64 scalar and a number. */
function least(graph: GraphBuilder, x: TensorName, limit: number): TensorName {
  const most = graph.int64([limit], [], "limit");
  return graph.op("Where", [graph.op("Greater", [x, most]), most, x]);
}
