import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { argmaxRows } from "../../src/heads/argmax.js";
import type { FittedClassifier } from "../../src/heads/classifier.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { mljsRandomForest } from "../../src/heads/mljs/mljs-random-forest.js";
import { mljsSvm } from "../../src/heads/mljs/mljs-svm.js";
import { type Matrix, matrix } from "../../src/linalg/matrix.js";
import { encodeModel, graphBuilder, openSession } from "../../src/onnx/index.js";

function load(name: string) {
  const path = join(packageRoot(), "test/golden/sklearn/fixtures", `svm-${name}.json`);
  const data = JSON.parse(readFileSync(path, "utf8"));
  const rows = (values: number[]): Matrix<Float32Array> =>
    matrix(Float32Array.from(values), values.length / data.dim, data.dim);
  const labels: string[] = data.testLabels.map(String);
  return { X: rows(data.train), y: encodeLabels(data.trainLabels.map(String)), Q: rows(data.test), labels };
}

async function scoresInOnnx(model: FittedClassifier, X: Matrix<Float32Array>): Promise<Float32Array> {
  const graph = graphBuilder({ name: "head" });
  const x = graph.input("x", "float32", ["n", model.dim]);
  graph.output(model.writeGraph(graph, x).scores, "scores", "float32", ["n", model.classes.length]);
  const session = await openSession(encodeModel(graph.build()), { threads: 1 });
  const { scores } = await session.run({ x: { dtype: "float32", data: X.data, dims: [X.rows, X.cols] } });
  await session.release();
  return scores!.data as Float32Array;
}

const MAKERS = [
  { name: "mljsSvm rbf", make: (seed: number) => mljsSvm({ seed }), floor: 0.9 },
  { name: "mljsSvm linear", make: (seed: number) => mljsSvm({ kernel: "linear", C: 0.1, seed }), floor: 0.8 },
  { name: "mljsRandomForest", make: (seed: number) => mljsRandomForest({ seed }), floor: 0.8 },
];

describe.each(["iris", "wine", "breast-cancer"])("on %s", (name) => {
  const { X, y, Q, labels } = load(name);

  it.each(MAKERS)("$name learns, and scores the same in the graph", async ({ make, floor }) => {
    const model = await make(1).fit(X, y);
    const scores = model.scores(Q);
    const right = argmaxRows(scores).filter((code, i) => y.classes[code] === labels[i]).length;
    expect(right / labels.length).toBeGreaterThan(floor);
    const inGraph = await scoresInOnnx(model, Q);
    scores.data.forEach((score, i) => {
      expect(Math.abs(inGraph[i]! - score)).toBeLessThan(1e-6 * Math.max(1, Math.abs(score)));
    });
  });
});

describe("engine mljs", () => {
  const { X, y, Q } = load("wine");

  it.each(MAKERS)("$name gives the same model for the same seed, another for another", async ({ make }) => {
    const first = (await make(5).fit(X, y)).scores(Q);
    expect((await make(5).fit(X, y)).scores(Q)).toEqual(first);
    expect((await make(6).fit(X, y)).scores(Q)).not.toEqual(first);
  });

  it("agrees on rows that lie on a split", async () => {
    const line = matrix(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7), 8, 1);
    const labels = encodeLabels(["a", "a", "a", "a", "b", "b", "b", "b"]);
    const model = await mljsRandomForest({ nEstimators: 30 }).fit(line, labels);
    const between = matrix(
      Float32Array.from({ length: 29 }, (_, i) => i / 4),
      29,
      1,
    );
    expect(await scoresInOnnx(model, between)).toEqual(Float32Array.from(model.scores(between).data));
  });

  it("says what to do where ml-svm gives up", async () => {
    await expect(mljsSvm({ maxIterations: 1 }).fit(X, y)).rejects.toThrow(
      expect.objectContaining({ code: "usage", hint: expect.stringContaining("maxIterations") }),
    );
  });

  it.each([{ classWeight: "balanced" }, { C: -1 }])("ml-svm refuses %o", (options) => {
    expect(() => mljsSvm(options as object)).toThrow(expect.objectContaining({ code: "usage" }));
  });

  it("ml-random-forest refuses maxSamples", () => {
    expect(() => mljsRandomForest({ maxSamples: 10 } as object)).toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });
});
