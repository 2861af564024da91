import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { SafeTensor } from "../safetensors.js";
import type { Activation, Dense } from "../sentence-modules-dense.js";

/** Adds a Dense module of sentence-transformers: `[batch, inputs]` to `[batch, outputs]`, float32. */
export function addDense(
  graph: GraphBuilder,
  x: TensorName,
  { weight, bias, activation, residual }: Dense,
): TensorName {
  const times = (tensor: SafeTensor, added: readonly TensorName[]): TensorName => {
    const factor = graph.float32(tensor.data, tensor.dims, "dense_weight");
    return graph.op("Gemm", [x, factor, ...added], { transB: { int: 1 } });
  };
  const linear = times(weight, bias === null ? [] : [graph.float32(bias.data, bias.dims, "dense_bias")]);
  const active = activate(graph, linear, activation);
  if (residual === null) return active;
  return graph.op("Add", [active, residual === "identity" ? x : times(residual, [])]);
}

function activate(graph: GraphBuilder, x: TensorName, activation: Activation): TensorName {
  switch (activation) {
    case "Identity":
      return x;
    case "ReLU":
      return graph.op("Relu", [x]);
    case "Tanh":
    case "Sigmoid":
      return graph.op(activation, [x]);
    case "SiLU":
      return graph.op("Mul", [x, graph.op("Sigmoid", [x])]);
    case "GELU": {
      const scaled = graph.op("Div", [x, graph.float32([Math.SQRT2], [], "sqrt2")]);
      const share = graph.op("Add", [graph.op("Erf", [scaled]), graph.float32([1], [], "one")]);
      return graph.op("Mul", [graph.op("Mul", [x, share]), graph.float32([0.5], [], "half")]);
    }
  }
}
