import { expect, it } from "vitest";
import { planPipeline } from "../../src/pipeline/yaml/plan-pipeline.js";
import type { Pipeline } from "../../src/pipeline/yaml/schema.js";

const pipeline: Pipeline = {
  version: 1,
  name: "demo",
  data: { input: "a.csv", text: "t", label: "l" },
  backbone: { id: "use-lite", normalize: false, threads: 1 },
  heads: [
    { name: "svm", set: { C: 2 } },
    { name: "svm", engine: "mljs", out: "b.onnx" },
  ],
  evaluate: {},
  evaluateOn: [{ name: "other", data: { input: "b.csv" }, split: "test" }],
};

it("names every file, and says for each step what its function takes", () => {
  const embedded = { backbone: "use-lite", normalize: false, threads: 1 };
  expect(planPipeline(pipeline)).toEqual({
    name: "demo",
    training: {
      name: "demo",
      embed: { input: "a.csv", text: "t", label: "l", out: "out/demo/embeddings.arrow", ...embedded },
      evaluate: {},
    },
    heads: [
      { embeddings: "out/demo/embeddings.arrow", head: "svm", set: { C: 2 }, out: "out/demo/svm.onnx" },
      { embeddings: "out/demo/embeddings.arrow", head: "svm", engine: "mljs", out: "b.onnx" },
    ],
    further: [
      {
        name: "other",
        embed: { input: "b.csv", out: "out/demo/other.arrow", ...embedded },
        evaluate: { split: "test" },
      },
    ],
  });
});

it("refuses two steps that would write one file", () => {
  const twice: Pipeline = { ...pipeline, heads: [{ name: "svm" }, { name: "svm", set: { C: 2 } }] };
  expect(() => planPipeline(twice)).toThrow(/out\/demo\/svm\.onnx twice/);
});

it("measures heads on their own data only where the pipeline says so", () => {
  const { evaluate, ...without } = pipeline;
  expect(evaluate).toEqual({});
  expect(planPipeline(without).training.evaluate).toBeNull();
});
