import { describe, expect, it } from "vitest";
import { cutGraph, encodeModel, graphBuilder, openSession } from "../../src/onnx/index.js";

function twoLayers() {
  const g = graphBuilder({ name: "two" });
  const x = g.input("x", "float32", ["n", 2]);
  const unused = g.input("unused", "float32", ["n"]);
  const hidden = g.op(
    "Relu",
    [g.op("MatMul", [x, g.float32([1, -1, 0, 2], [2, 2], "first")])],
    {},
    { name: "hidden" },
  );
  g.output(g.op("MatMul", [hidden, g.float32([1, 1], [2, 1], "second")]), "logits", "float32", ["n", 1]);
  g.output(g.op("Neg", [unused]), "other", "float32", ["n"]);
  return { model: g.build(), hidden };
}

describe("cutting a graph", () => {
  it("keeps only what the chosen tensor needs", async () => {
    const { model, hidden } = twoLayers();
    const cut = cutGraph(model, [hidden]);
    expect(cut.graph.nodes.map((node) => node.opType)).toEqual(["MatMul", "Relu"]);
    expect(cut.graph.inputs.map((input) => input.name)).toEqual(["x"]);
    expect(cut.graph.initializers.map((tensor) => tensor.name)).toEqual(["first"]);
    const session = await openSession(encodeModel(cut));
    const out = await session.run({ x: { dtype: "float32", data: Float32Array.of(3, 5), dims: [1, 2] } });
    await session.release();
    expect([...(out[hidden]!.data as Float32Array)]).toEqual([3, 7]);
  });

  it("names a tensor that is not there", () => {
    expect(() => cutGraph(twoLayers().model, ["nowhere"])).toThrow(/no tensor 'nowhere'/);
  });

  it("gives new tensors other names than those inside a branch", async () => {
    const branch = (name: string, factor: number) => {
      const g = graphBuilder({ name });
      const scaled = g.op("Mul", [g.input("x", "float32", ["n"]), g.float32([factor], [1], "factor")]);
      g.output(scaled, `${name}_y`, "float32", ["n"]);
      return { type: "graph", value: { ...g.build().graph, inputs: [] } } as const;
    };
    const g = graphBuilder({ name: "outer" });
    const x = g.input("x", "float32", ["n"]);
    const positive = g.op("Greater", [g.op("ReduceMax", [x], { keepdims: { int: 0 } }), g.float32([0], [])]);
    g.output(g.op("If", [positive]), "y", "float32", ["n"]);
    const { graph, ...rest } = g.build();
    const branches = { then_branch: branch("then", 2), else_branch: branch("else", 3) };
    const nodes = graph.nodes.map((node) =>
      node.opType === "If" ? { ...node, attributes: branches } : node,
    );
    const base = cutGraph({ ...rest, graph: { ...graph, nodes } }, ["y"]);
    const more = graphBuilder({ name: "more", base });
    const factor = more.float32([10], [1], "factor");
    expect(factor).not.toBe("factor");
    more.output(more.op("Mul", ["y", factor]), "tenfold", "float32", ["n"]);
    const session = await openSession(encodeModel(more.build()));
    const out = await session.run({ x: { dtype: "float32", data: Float32Array.of(1, 2), dims: [2] } });
    await session.release();
    expect([...(out.tenfold!.data as Float32Array)]).toEqual([20, 40]);
  });

  it("builds on a cut graph", async () => {
    const { model, hidden } = twoLayers();
    const g = graphBuilder({ name: "more", base: cutGraph(model, [hidden]) });
    g.output(g.op("Mul", [hidden, g.float32([10], [1])]), "tenfold", "float32", ["n", 2]);
    const session = await openSession(encodeModel(g.build()));
    expect(session.outputs).toEqual(["tenfold"]);
    const out = await session.run({ x: { dtype: "float32", data: Float32Array.of(3, 5), dims: [1, 2] } });
    await session.release();
    expect([...(out.tenfold!.data as Float32Array)]).toEqual([30, 70]);
  });
});
