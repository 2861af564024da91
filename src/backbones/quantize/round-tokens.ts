import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { reduce } from "../graph/reduce.js";

/** A tensor of tokens in whole numbers: `(codes - 128) * scale`. */
export interface RoundedTokens {
  /** uint8, of the tensor's shape. */
  readonly codes: TensorName;
  /** float32, the last axis of length 1. */
  readonly scale: TensorName;
}

/** The name of a part of what stands for a node. */
export type NameOfPart = (part: string) => { readonly name: string };

/** Adds the rounding of tokens to a graph; what all of them share is added once. */
export interface TokenRounding {
  /**
   * @param factors - what the channels are divided by first; null for nothing.
   * @param name - of the nodes.
   */
  tokens(input: TensorName, factors: Float32Array | null, name: NameOfPart): RoundedTokens;
  /** 1, float32. */
  readonly one: TensorName;
  /** 128, uint8: the code that stands for zero. */
  readonly middle: TensorName;
  /** 0, int8. */
  readonly zero: TensorName;
}

/**
 * Rounds each token's vector on the scale of its own largest value, while the graph runs, by plain operators: nothing
 * of another token, of the same text or of another, has a part in it. uint8 around 128, as processors multiply unsigned
 * by signed bytes several times faster than signed by signed.
 */
export function tokenRounding(graph: GraphBuilder, opset: number): TokenRounding {
  const one = graph.float32([1], [], "int8_one");
  const middle = graph.uint8(Uint8Array.of(128), [], "int8_middle");
  const zero = graph.int8(Int8Array.of(0), [], "int8_zero");
  const most = graph.float32([127], [], "int8_most");
  const step = graph.float32([1 / 127], [], "int8_step");
  // A token of zeros stays one.
  const least = graph.float32([1e-30], [], "int8_least");
  return {
    one,
    middle,
    zero,
    tokens(input, factors, name) {
      const op = (type: string, inputs: TensorName[], part: string) => graph.op(type, inputs, {}, name(part));
      const inverse = factors?.map((factor) => 1 / factor);
      const x = inverse
        ? op("Mul", [input, graph.float32(inverse, [inverse.length], "int8_migration")], "migrated")
        : input;
      const peak = reduce(graph, "ReduceMax", op("Abs", [x], "abs"), [-1], { keepDims: true, opset });
      const range = op("Max", [peak, least], "range");
      const scaled = op("Mul", [x, op("Div", [most, range], "inverse")], "unit");
      return {
        codes: op("QuantizeLinear", [scaled, one, middle], "codes"),
        scale: op("Mul", [range, step], "scale"),
      };
    },
  };
}
