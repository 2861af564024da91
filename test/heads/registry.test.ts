import { describe, expect, it } from "vitest";
import { encodeLabels } from "../../src/heads/labels.js";
import { linearSvm } from "../../src/heads/linear/linear-svm.js";
import { majority } from "../../src/heads/majority.js";
import { createHead } from "../../src/heads/registry.js";
import { matrix } from "../../src/linalg/matrix.js";
import { encodeModel } from "../../src/onnx/encode-model.js";
import { graphBuilder } from "../../src/onnx/graph-builder.js";
import { openSession } from "../../src/onnx/session.js";

describe("the registry of heads", () => {
  it("names the heads that exist when asked for another", () => {
    expect(() => createHead("svn")).toThrow(
      expect.objectContaining({ code: "usage", hint: expect.stringContaining("linear-svm, svm") }),
    );
    expect(() => createHead("toString")).toThrow(expect.objectContaining({ code: "usage" }));
  });

  it("says which heads another engine has", () => {
    expect(() => createHead("logistic-regression", { engine: "mljs" })).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringContaining("'mljs'") }),
    );
  });

  it("hands the seed on, unless the options have one", () => {
    expect(createHead("linear-svm", { seed: 9 }).options).toMatchObject({ seed: 9 });
    expect(createHead("linear-svm", { seed: 9, set: { seed: 2 } }).options).toMatchObject({ seed: 2 });
  });

  it("names an option whose value makes no sense, for the programmatic API too", () => {
    const wrong = expect.objectContaining({
      code: "usage",
      message: expect.stringContaining("'C'"),
      facts: expect.objectContaining({ option: "C", value: -1 }),
    });
    expect(() => createHead("linear-svm", { set: { C: -1 } })).toThrow(wrong);
    expect(() => linearSvm({ C: -1 })).toThrow(wrong);
  });
});

describe("the majority floor", () => {
  it("always gives the most frequent class, with the shares as probabilities, in its graph too", async () => {
    const X = matrix(new Float32Array(8), 4, 2);
    const model = await majority().fit(X, encodeLabels(["b", "a", "b", "c"]));
    const shares = [0.25, 0.5, 0.25, 0.25, 0.5, 0.25];
    expect(Array.from(model.scores(matrix(new Float32Array(4), 2, 2)).data)).toEqual(shares);
    const graph = graphBuilder({ name: "floor" });
    const { scores } = model.writeGraph(graph, graph.input("x", "float32", ["n", 2]));
    graph.output(scores, "scores", "float32", ["n", 3]);
    const session = await openSession(encodeModel(graph.build()));
    const out = await session.run({ x: { dtype: "float32", data: new Float32Array(4), dims: [2, 2] } });
    expect(Array.from(out.scores!.data as Float32Array)).toEqual(shares);
    await session.release();
  });
});
