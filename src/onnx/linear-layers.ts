import { indexGraph, weightOf } from "./graph-index.js";
import type { Attribute, Model, Node, Tensor } from "./model.js";

/** A product of what flows through a graph with a constant float32 weight: MatMul, or Gemm with its bias. */
export interface LinearLayer {
  readonly node: Node;
  /** The tensor that is multiplied; its last axis has `inputs` elements. */
  readonly input: string;
  /** As it is stored: `[inputs, outputs]`, or the other way round where `transposed`. */
  readonly weight: Tensor;
  readonly transposed: boolean;
  readonly inputs: number;
  readonly outputs: number;
  /** The bias that is part of the node; null where there is none. */
  readonly bias: string | null;
}

/** The linear layers of a graph's top level, in its order. Products of two computed tensors are none. */
export function linearLayers(model: Model): LinearLayer[] {
  const index = indexGraph(model);
  return model.graph.nodes.flatMap((node) => {
    const { opType, domain, inputs, attributes } = node;
    const isGemm = opType === "Gemm";
    if (domain !== "" || !(isGemm || opType === "MatMul") || (isGemm && !isPlain(attributes))) return [];
    const weight = weightOf(index, inputs[1]!) ?? constantOf(index.maker.get(inputs[1]!));
    const isData = !index.weight.has(inputs[0]!) && constantOf(index.maker.get(inputs[0]!)) === null;
    if (weight?.dtype !== "float32" || weight.dims.length !== 2 || !isData) return [];
    const transposed = isGemm && intOf(attributes.transB, 0) === 1;
    const [first, second] = weight.dims as [number, number];
    const sizes = transposed ? { inputs: second, outputs: first } : { inputs: first, outputs: second };
    const bias = isGemm ? inputs[2] || null : null;
    return [{ node, input: inputs[0]!, weight, transposed, ...sizes, bias }];
  });
}

/** Whether a Gemm is `x · W + b` and nothing else. */
function isPlain({ alpha, beta, transA }: Node["attributes"]): boolean {
  const one = (factor: Attribute | undefined): boolean => factor?.type !== "float" || factor.value === 1;
  return one(alpha) && one(beta) && intOf(transA, 0) === 0;
}

function intOf(attribute: Attribute | undefined, otherwise: number): number {
  return attribute?.type === "int" ? Number(attribute.value) : otherwise;
}

function constantOf(node: Node | undefined): Tensor | null {
  const value = node?.opType === "Constant" ? node.attributes.value : undefined;
  return value?.type === "tensor" ? value.value : null;
}
