import { HeadstartError } from "../../core/errors.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { Pooling } from "../backbone.js";
import type { Family } from "../families.js";
import { reduce } from "./reduce.js";

/**
 * Adds the nodes that turn what an image network makes in the middle into one vector an image.
 * @param values - a feature map `[n, c, h, w]` or `[n, h, w, c]`, states of patches `[n, patches, c]`, or a vector
 *   `[n, c]`; float32.
 * @param dims - its sizes in a run on square images: what tells the two kinds of maps apart.
 * @param wanted - `pooling` default: the mean of a map; of patches the habit of the family, else their mean.
 * @returns `[n, c]`, and the pooling that was used.
 * @throws {HeadstartError} `usage` for a pooling that does not fit.
 */
export function poolMap(
  graph: GraphBuilder,
  values: TensorName,
  dims: readonly number[],
  wanted: { readonly pooling?: Pooling | undefined; readonly family: Family | null },
  opset: number,
): { readonly vector: TensorName; readonly pooling: Pooling } {
  if (dims.length === 2) return { vector: values, pooling: "none" };
  const isMap = dims.length === 4;
  const habit = isMap ? "mean" : (wanted.family?.image?.pooling ?? "mean");
  const pooling = wanted.pooling ?? habit;
  if (pooling === "cls" && !isMap) {
    const first = graph.int64([0], [], "first");
    return { vector: graph.op("Gather", [values, first], { axis: { int: 1 } }), pooling };
  }
  if (pooling !== "mean" && pooling !== "max") {
    const choice = isMap ? "mean or max" : "cls, mean or max";
    throw new HeadstartError(
      "usage",
      `Pooling '${pooling}' does not fit ${isMap ? "a feature map" : "patches"}`,
      {
        hint: `Use --pooling ${choice}.`,
      },
    );
  }
  const channelsLast = isMap && dims[1] === dims[2] && dims[2] !== dims[3];
  const axes = isMap ? (channelsLast ? [1, 2] : [2, 3]) : [1];
  const type = pooling === "mean" ? "ReduceMean" : "ReduceMax";
  return { vector: reduce(graph, type, values, axes, { keepDims: false, opset }), pooling };
}
