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
    search: null,
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

it("says what a search will compare, beside heads or instead of them", () => {
  const grid = { C: [1, 10], alpha: [1, 2, 3] };
  const searched = { heads: ["ridge", "svm"], grid, pcas: [null, 2], cv: 3, nested: 2 } as const;
  const { heads: _, ...alone } = pipeline;
  const asWritten = { ...searched, heads: [...searched.heads], pcas: [...searched.pcas] };
  const plan = planPipeline({ ...alone, search: asWritten });
  expect(plan.heads).toEqual([]);
  expect(plan.search).toEqual({
    ...asWritten,
    embeddings: "out/demo/embeddings.arrow",
    out: "out/demo/best.onnx",
    candidates: (2 + 3) * 2,
  });
  const both = planPipeline({ ...pipeline, search: {} });
  expect(both.heads).toHaveLength(2);
  expect(both.search).toMatchObject({ candidates: 9 });
  expect(() => planPipeline({ ...pipeline, search: { out: "b.onnx" } })).toThrow(/b\.onnx twice/);
});

it.each([
  [{ search: { heads: ["ridge" as const], grid: { C: [1] } } }, "ridge has no option 'C'"],
  [{ search: { grid: { C: [-1] } } }, "Option 'C' of linear-svm"],
  [{ search: { nested: 3, threshold: { metric: "recall" as const, value: 0.9 } } }, "without a threshold"],
  [{ search: { positive: "x" } }, "with a threshold only"],
  [{ heads: [{ name: "knn" as const, set: { C: 1 } }] }, "knn has no option 'C'"],
  [{ heads: [{ name: "knn" as const, cv: 0, calibrate: "platt" as const }] }, "need cross-validation"],
])("refuses before anything is embedded %j", (parts, message) => {
  expect(() => planPipeline({ ...pipeline, ...parts })).toThrow(
    expect.objectContaining({ code: "usage", message: expect.stringContaining(message) }),
  );
});
