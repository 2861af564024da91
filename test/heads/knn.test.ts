import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { random } from "../../src/core/random.js";
import type { FittedClassifier } from "../../src/heads/classifier.js";
import { knn } from "../../src/heads/knn/knn.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { type Matrix, matrix, rowOf } from "../../src/linalg/matrix.js";
import { encodeModel, graphBuilder, openSession } from "../../src/onnx/index.js";

interface Golden {
  dim: number;
  train: number[];
  trainLabels: number[];
  test: number[];
  cases: { options: Record<string, unknown>; shares: number[] }[];
}

const golden = (name: string): Golden =>
  JSON.parse(readFileSync(join(packageRoot(), "test/golden/sklearn/fixtures", name), "utf8"));
const rows = (values: ArrayLike<number>, dim: number): Matrix<Float32Array> =>
  matrix(Float32Array.from(values), values.length / dim, dim);

async function scoresInOnnx(model: FittedClassifier, X: Matrix<Float32Array>): Promise<Float32Array> {
  const graph = graphBuilder({ name: "head" });
  const x = graph.input("x", "float32", ["n", model.dim]);
  graph.output(model.writeGraph(graph, x).scores, "scores", "float32", ["n", model.classes.length]);
  const session = await openSession(encodeModel(graph.build()), { threads: 1 });
  const { scores } = await session.run({ x: { dtype: "float32", data: X.data, dims: [X.rows, X.cols] } });
  await session.release();
  return scores!.data as Float32Array;
}

function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
  return worst;
}

const ALL = (["euclidean", "cosine"] as const).flatMap((metric) =>
  (["uniform", "distance"] as const).map((weights) => ({ metric, weights })),
);

describe.each(["iris", "wine"])("knn on %s", (name) => {
  const data = golden(`knn-${name}.json`);
  const y = encodeLabels(data.trainLabels.map(String));
  const Q = rows(data.test, data.dim);

  it.each(data.cases)("has scikit-learn's shares with $options", async ({ options, shares }) => {
    const { n_neighbors: nNeighbors, ...rest } = options;
    const model = await knn({ nNeighbors, ...rest } as object).fit(rows(data.train, data.dim), y);
    expect(largestError(model.scores(Q).data, shares)).toBeLessThan(1e-6);
    expect(largestError(await scoresInOnnx(model, Q), shares)).toBeLessThan(1e-6);
  });
});

describe("knn", () => {
  const draw = random(11);
  const X = rows(
    Float32Array.from({ length: 90 * 6 }, () => draw.next() - 0.5),
    6,
  );
  const y = encodeLabels(Array.from({ length: 90 }, (_, i) => `c${i % 3}`));

  it.each(
    ALL,
  )("takes the lower index of equally near rows, in the graph too: $metric, $weights", async (options) => {
    const twice = rows([...X.data, ...X.data], 6);
    const labels = encodeLabels([...Array(90).fill("first"), ...Array(90).fill("second")]);
    const model = await knn({ nNeighbors: 1, ...options }).fit(twice, labels);
    const scores = model.scores(X);
    expect(scores.data.every((share, i) => share === (i % 2 === 0 ? 1 : 0))).toBe(true);
    expect(largestError(await scoresInOnnx(model, X), scores.data)).toBe(0);
  });

  it.each(
    ALL,
  )("gives the same in the graph far from the origin and beside training rows: $metric, $weights", async (options) => {
    const far = rows(
      X.data.map((value) => 1000 + value),
      6,
    );
    const beside = rows(
      far.data.map((value, i) => value + (i % 7 === 0 ? 1e-3 : 0)),
      6,
    );
    const model = await knn(options).fit(far, y);
    expect(largestError(await scoresInOnnx(model, beside), model.scores(beside).data)).toBeLessThan(1e-5);
  });

  it.each([
    "euclidean",
    "cosine",
  ] as const)("gives rows at distance zero all the weight: %s", async (metric) => {
    const model = await knn({ weights: "distance", metric }).fit(X, y);
    const scores = model.scores(X);
    for (let i = 0; i < X.rows; i++) expect(rowOf(scores, i)[i % 3]).toBe(1);
    expect(largestError(await scoresInOnnx(model, X), scores.data)).toBe(0);
  });

  it.each([
    "uniform",
    "distance",
  ] as const)("gives a row of zeros distance 1 under cosine: %s", async (weights) => {
    const some = rows([0, 0, 1, 0, 0, 1, -1, 0], 2);
    const labels = encodeLabels(["zero", "right", "up", "left"]);
    const queries = rows([0, 0, 2, 0], 2);
    const model = await knn({ metric: "cosine", nNeighbors: 3, weights }).fit(some, labels);
    const scores = model.scores(queries);
    // Every row is at distance 1 from zeros, so the first three are asked.
    const third = Math.fround(1 / 3);
    expect(Array.from(rowOf(scores, 0), Math.fround)).toEqual([0, third, third, third]);
    expect(largestError(await scoresInOnnx(model, queries), scores.data)).toBeLessThan(1e-7);
  });

  it.each(
    ALL,
  )("gives the same in the graph where float32 cannot tell rows apart: $metric, $weights", async (options) => {
    const near = rows(
      Float32Array.from({ length: 90 * 6 }, (_, at) => (at < 6 ? 500 : 1) + 1e-5 * X.data[at]!),
      6,
    );
    const model = await knn(options).fit(near, y);
    expect(largestError(await scoresInOnnx(model, near), model.scores(near).data)).toBeLessThan(1e-5);
  });

  it("asks all rows where there are fewer than nNeighbors", async () => {
    const model = await knn({ nNeighbors: 50 }).fit(rows([0, 1, 5], 1), encodeLabels(["a", "a", "b"]));
    expect(Array.from(model.scores(rows([9], 1)).data)).toEqual([2 / 3, 1 / 3]);
    expect(largestError(await scoresInOnnx(model, rows([9], 1)), [2 / 3, 1 / 3])).toBeLessThan(1e-7);
  });

  it.each([{ nNeighbors: 0 }, { k: 3 }, { metric: "manhattan" }])("refuses %o", (options) => {
    expect(() => knn(options as object)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
