import { storedBytes } from "../../onnx/element-count.js";
import type { Model, Tensor } from "../../onnx/model.js";
import type { Precision } from "../backbone.js";

/** Operators that only quantised graphs have. */
const QUANTISED = [
  "MatMulInteger",
  "MatMulIntegerToFloat",
  "ConvInteger",
  "QLinearMatMul",
  "QLinearConv",
  "MatMulNBits",
  "DynamicQuantizeMatMul",
];

/** The precision of a graph's weights: of the type that most of their bytes have. */
export function precisionOf(model: Model): Precision {
  const bytes = { fp32: 0, fp16: 0, int8: 0 };
  for (const tensor of model.graph.initializers) {
    const precision = OF_TYPE[tensor.dtype];
    if (precision !== undefined) bytes[precision] += sizeOf(tensor);
  }
  const integers = model.graph.nodes.some(({ opType }) => QUANTISED.includes(opType));
  // An embedding table or the biases may stay wide where everything else is quantised.
  if (bytes.int8 > 0 && (integers || bytes.int8 > bytes.fp32 + bytes.fp16)) return "int8";
  if (bytes.fp16 + bytes.fp32 > 0) return bytes.fp16 > bytes.fp32 ? "fp16" : "fp32";
  return model.graph.inputs.some(({ dtype }) => dtype === "float16") ? "fp16" : "fp32";
}

const OF_TYPE: Partial<Record<Tensor["dtype"], Precision>> = {
  float32: "fp32",
  float64: "fp32",
  float16: "fp16",
  bfloat16: "fp16",
  int8: "int8",
  uint8: "int8",
};

function sizeOf({ dtype, dims }: Tensor): number {
  return (
    storedBytes(
      dtype,
      dims.reduce((product, size) => product * size, 1),
    ) ?? 0
  );
}
