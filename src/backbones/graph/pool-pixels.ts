import { HeadstartError } from "../../core/errors.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { Pooling } from "../backbone.js";
import type { Habit } from "../families.js";
import { reduce } from "./reduce.js";

export interface PoolPixels {
  /** 2: a vector, flattened; 3: states `[n, tokens, dim]`; 4: a feature map `[n, dim, height, width]`. */
  readonly rank: 2 | 3 | 4;
  /** Whether a feature map is `[n, height, width, dim]` instead. */
  readonly channelsLast: boolean;
  readonly wanted: Pooling | null;
  readonly habit: Habit | null;
  readonly opset: number;
}

/**
 * Adds the nodes that turn an image network's feature into one vector an image.
 * @param values - float32.
 * @returns `[n, dim]`, and the pooling that was used: `none` for what is a vector already.
 * @throws {HeadstartError} `usage` for a pooling that does not fit.
 */
export function poolPixels(
  graph: GraphBuilder,
  values: TensorName,
  { rank, channelsLast, wanted, habit, opset }: PoolPixels,
): { readonly vector: TensorName; readonly pooling: Pooling } {
  if (rank === 2) return { vector: graph.op("Flatten", [values], { axis: { int: 1 } }), pooling: "none" };
  const over = (pooling: Pooling, of: TensorName, axes: readonly number[]) => {
    const type = pooling === "mean" ? "ReduceMean" : "ReduceMax";
    return { vector: reduce(graph, type, of, axes, { keepDims: false, opset }), pooling };
  };
  if (rank === 4) {
    const pooling = wanted ?? "mean";
    if (pooling === "mean" || pooling === "max") return over(pooling, values, channelsLast ? [1, 2] : [2, 3]);
    throw unfit(pooling, "a feature map", "mean or max");
  }
  const pooling = wanted ?? habit?.pooling ?? "cls";
  if (pooling === "cls") {
    const first = graph.int64([0], [], "first");
    return { vector: graph.op("Gather", [values, first], { axis: { int: 1 } }), pooling };
  }
  if (pooling === "mean" || pooling === "max") {
    return over(pooling, patchesOf(graph, values, habit?.leadingTokens ?? 0), [1]);
  }
  throw unfit(pooling, "token states", "cls, mean or max");
}

/** The states of patches, without the tokens before them. */
function patchesOf(graph: GraphBuilder, states: TensorName, leading: number): TensorName {
  if (leading === 0) return states;
  const last = 2 ** 31 - 1;
  const [from, to, axis] = [[leading], [last], [1]].map((values) => graph.int64(values, [1], "slice"));
  return graph.op("Slice", [states, from!, to!, axis!]);
}

function unfit(pooling: Pooling, what: string, choice: string): HeadstartError {
  return new HeadstartError("usage", `Pooling '${pooling}' does not fit ${what}`, {
    hint: `Use --pooling ${choice}.`,
  });
}
