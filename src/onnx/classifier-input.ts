import { type GraphIndex, indexGraph, weightOf } from "./graph-index.js";
import type { Model, Node } from "./model.js";

/** What the last layer of a classifier reads. */
export interface ClassifierInput {
  readonly name: string;
  /** 4 for a feature map `[n, c, h, w]`; 2 for a vector; null where the layer takes either vectors or states. */
  readonly rank: 2 | 4 | null;
  /** Length of the vector, or channels of the map. */
  readonly dim: number;
}

/** Between the last layer and the logits: values are rearranged or squashed, not mixed. */
const AFTER = [
  "Softmax",
  "LogSoftmax",
  "Sigmoid",
  "Identity",
  "Dropout",
  "Cast",
  "Flatten",
  "Reshape",
  "Squeeze",
  "Unsqueeze",
  "QuantizeLinear",
  "DequantizeLinear",
];
/** Only between a 1 x 1 convolution and the logits. */
const AFTER_CONVOLUTION = ["Relu", "GlobalAveragePool", "AveragePool", "ReduceMean"];
/** More steps than any export has between its last layer and its logits. */
const MOST_STEPS = 32;

/**
 * Finds the tensor that the last linear layer before `logits` reads: of Gemm, of MatMul with or without a bias
 * (quantised ones included), or of a 1 x 1 convolution (MobileNet, SqueezeNet).
 * @returns null where no such layer is found.
 */
export function classifierInput(model: Model, logits: string): ClassifierInput | null {
  const index = indexGraph(model);
  let at = logits;
  let pooled = false;
  for (let step = 0; step < MOST_STEPS; step++) {
    const node = index.maker.get(at);
    if (node === undefined) return null;
    const found = linearInput(index, node, pooled);
    if (found !== undefined) return found;
    const next = before(index, node);
    if (next === null) return null;
    pooled ||= AFTER_CONVOLUTION.includes(node.opType);
    at = next;
  }
  return null;
}

/** Undefined where the node is no last layer; null where it is one that is not understood. */
function linearInput(index: GraphIndex, node: Node, pooled: boolean): ClassifierInput | null | undefined {
  const { opType, inputs } = node;
  if (opType === "Conv") {
    const dims = weightDims(index, inputs[1]!);
    if (dims?.length !== 4 || dims[2] !== 1 || dims[3] !== 1) return null;
    return { name: inputs[0]!, rank: 4, dim: dims[1]! };
  }
  if (pooled) return ["Gemm", "MatMul", "MatMulInteger"].includes(opType) ? null : undefined;
  if (opType !== "Gemm" && opType !== "MatMul" && opType !== "MatMulInteger") return undefined;
  const dims = weightDims(index, inputs[1]!);
  if (dims?.length !== 2) return null;
  const transposed = opType === "Gemm" && intOf(node, "transB") === 1;
  const rank = opType === "Gemm" ? 2 : null;
  const quantiser = opType === "MatMulInteger" ? index.maker.get(inputs[0]!) : undefined;
  const name = quantiser?.opType === "DynamicQuantizeLinear" ? quantiser.inputs[0]! : inputs[0]!;
  return { name, rank, dim: dims[transposed ? 1 : 0]! };
}

/** The one data input of a node that only rearranges or shifts its values; null for any other. */
function before(index: GraphIndex, node: Node): string | null {
  if (AFTER.includes(node.opType) || AFTER_CONVOLUTION.includes(node.opType)) return node.inputs[0]!;
  if (node.opType !== "Add" && node.opType !== "Mul") return null;
  // A bias, or the scale of a quantised product: one side is computed from the product, the other is not.
  const data = node.inputs.filter((input) => leadsToProduct(index, input));
  return data.length === 1 ? data[0]! : null;
}

function leadsToProduct(index: GraphIndex, name: string): boolean {
  let at = name;
  for (let step = 0; step < MOST_STEPS; step++) {
    const node = index.maker.get(at);
    if (node === undefined) return false;
    if (["MatMul", "MatMulInteger", "Gemm", "Conv"].includes(node.opType)) return true;
    if (!AFTER.includes(node.opType) && !["Add", "Mul"].includes(node.opType)) return false;
    at = node.inputs.find((input) => index.maker.has(input) && !index.weight.has(input)) ?? "";
  }
  return false;
}

/** Dimensions of a weight, also where it is dequantised, transposed or cast first. */
function weightDims(index: GraphIndex, name: string): readonly number[] | null {
  const weight = weightOf(index, name);
  if (weight !== null) return weight.dims;
  const node = index.maker.get(name);
  if (node === undefined) return null;
  if (node.opType === "Constant") {
    const { value } = node.attributes;
    return value?.type === "tensor" ? value.value.dims : null;
  }
  if (["DequantizeLinear", "Cast", "Identity"].includes(node.opType))
    return weightDims(index, node.inputs[0]!);
  if (node.opType !== "Transpose") return null;
  const dims = weightDims(index, node.inputs[0]!);
  return dims?.length === 2 ? [dims[1]!, dims[0]!] : null;
}

function intOf(node: Node, name: string): number {
  const attribute = node.attributes[name];
  return attribute?.type === "int" ? Number(attribute.value) : 0;
}
