import { describe, expect, it } from "vitest";
import { decodeModel, encodeModel, externalTensor, graphBuilder, type Model } from "../../src/onnx/index.js";
import { ProtobufWriter } from "../../src/onnx/protobuf-writer.js";

function doubling(name: string): Model {
  const g = graphBuilder({ name });
  const x = g.input("x", "float32", ["n"]);
  g.output(g.op("Mul", [x, g.float32([2], [1], "two")]), "y", "float32", ["n"]);
  return g.build();
}

function moved(model: Model): Model {
  const content = { kind: "external", entries: { location: "elsewhere.bin" } } as const;
  const initializers = model.graph.initializers.map((tensor) => ({ ...tensor, content }));
  return { ...model, graph: { ...model.graph, initializers } };
}

/** The model with a graph inside its first node. */
function around(outer: Model, inner: Model): Model {
  const [first, ...others] = outer.graph.nodes;
  const attributes = { ...first!.attributes, body: { type: "graph", value: inner.graph } as const };
  return { ...outer, graph: { ...outer.graph, nodes: [{ ...first!, attributes }, ...others] } };
}

describe("a tensor in another file", () => {
  const again = (model: Model): Model => decodeModel(encodeModel(model));

  it("is found among the weights and in graphs inside nodes, and only there", () => {
    expect(externalTensor(again(doubling("a")))).toBeNull();
    expect(externalTensor(again(moved(doubling("a"))))).toBe("two");
    expect(externalTensor(again(around(doubling("a"), doubling("b"))))).toBeNull();
    expect(externalTensor(again(around(doubling("a"), moved(doubling("b")))))).toBe("two");
  });

  it("is found in the functions of a model, which are not decoded", () => {
    const functions = new ProtobufWriter();
    functions.message(25, (one) =>
      one.message(7, (node) => node.bytes(5, encodeModel(moved(doubling("f"))))),
    );
    const model = { ...doubling("a"), unknown: [functions.finish()] };
    expect(externalTensor(again(model))).toMatch(/function/);
  });
});
