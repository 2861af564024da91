import { describe, expect, it } from "vitest";
import { classifierInput } from "../../src/onnx/classifier-input.js";
import { type GraphBuilder, graphBuilder, type TensorName } from "../../src/onnx/index.js";

type Head = (g: GraphBuilder, feature: TensorName) => TensorName;

function read(head: Head, logits = "logits"): ReturnType<typeof classifierInput> {
  const g = graphBuilder({ name: "classifier" });
  const x = g.input("x", "float32", ["n", 6]);
  g.output(head(g, g.op("Relu", [x], {}, { name: "feature" })), logits, "float32", ["n", 3]);
  return classifierInput(g.build(), logits);
}

const w = (g: GraphBuilder, ...dims: number[]): TensorName =>
  g.float32(new Float32Array(dims.reduce((product, size) => product * size, 1)), dims);

describe("what a classifier reads", () => {
  it.each<[string, Head, object | null]>([
    ["Gemm", (g, x) => g.op("Gemm", [x, w(g, 6, 3), w(g, 3)]), { rank: 2, dim: 6 }],
    [
      "Gemm, transposed",
      (g, x) => g.op("Gemm", [x, w(g, 3, 6)], { transB: { int: 1 } }),
      { rank: 2, dim: 6 },
    ],
    [
      "MatMul and a bias",
      (g, x) => g.op("Add", [w(g, 3), g.op("MatMul", [x, w(g, 6, 3)])]),
      { rank: null, dim: 6 },
    ],
    [
      "a softmax behind it",
      (g, x) => g.op("Identity", [g.op("Softmax", [g.op("Gemm", [x, w(g, 6, 3)])])]),
      { rank: 2, dim: 6 },
    ],
    [
      "a weight that is transposed in the graph",
      (g, x) => g.op("MatMul", [x, g.op("Transpose", [w(g, 3, 6)], { perm: { ints: [1, 0] } })]),
      { rank: null, dim: 6 },
    ],
    [
      "a quantised product",
      (g, x) => {
        const [values, scale, zero] = g.ops("DynamicQuantizeLinear", [x], 3);
        const product = g.op("Cast", [g.op("MatMulInteger", [values!, w(g, 6, 3), zero!])], {
          to: { int: 1 },
        });
        const scales = g.op("Mul", [scale!, g.float32([1], [1])]);
        return g.op("Add", [g.op("Mul", [product, scales]), w(g, 3)]);
      },
      { rank: null, dim: 6 },
    ],
    [
      "a 1 x 1 convolution before the pooling (SqueezeNet)",
      (g, x) =>
        g.op("Flatten", [g.op("GlobalAveragePool", [g.op("Relu", [g.op("Conv", [x, w(g, 3, 6, 1, 1)])])])]),
      { rank: 4, dim: 6 },
    ],
    [
      "a 1 x 1 convolution after the pooling (MobileNet)",
      (g, x) => g.op("Squeeze", [g.op("Conv", [x, w(g, 3, 6, 1, 1), w(g, 3)])]),
      { rank: 4, dim: 6 },
    ],
    [
      "a 3 x 3 convolution, which is no classifier",
      (g, x) => g.op("Flatten", [g.op("Conv", [x, w(g, 3, 6, 3, 3)])]),
      null,
    ],
    ["no linear layer", (g, x) => g.op("Tanh", [x]), null],
    [
      "the sum of two products",
      (g, x) => g.op("Add", [g.op("MatMul", [x, w(g, 6, 3)]), g.op("MatMul", [x, w(g, 6, 3)])]),
      null,
    ],
  ])("of %s", (_, head, expected) => {
    const found = read(head);
    expect(found).toEqual(expected && { name: "feature", ...expected });
  });

  it("is null for a tensor that nothing makes", () => {
    expect(classifierInput(graphBuilder({ name: "empty" }).build(), "logits")).toBeNull();
  });
});
