import { HeadstartError } from "../../core/errors.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { DataType } from "../../onnx/model.js";

/**
 * The tensor as float32, which all that follows it in a feature graph computes in: half precision is widened.
 * @throws {HeadstartError} `model` for a dtype that is no float16 or float32.
 */
export function asFloat32(graph: GraphBuilder, x: TensorName, dtype: DataType): TensorName {
  if (dtype === "float32") return x;
  if (dtype === "float16") return graph.op("Cast", [x], { to: { int: 1 } });
  throw new HeadstartError("model", `The graph's feature '${x}' is ${dtype}; needed is float32 or float16`, {
    facts: { tensor: x, dtype },
    hint: "Export the model in fp32.",
  });
}
