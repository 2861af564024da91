import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { extraTreesRegressor, randomForestRegressor } from "../../src/heads/trees/forest-regressor.js";
import { matrix } from "../../src/linalg/matrix.js";
import { encodeModel, graphBuilder, openSession } from "../../src/onnx/index.js";

interface Golden {
  dim: number;
  train: number[];
  trainTargets: number[];
  test: number[];
  testTargets: number[];
  cases: { head: string; options: Record<string, unknown>; r2: number }[];
}

const data: Golden = JSON.parse(
  readFileSync(join(packageRoot(), "test/golden/sklearn/fixtures/forest-diabetes.json"), "utf8"),
);
const X = matrix(Float32Array.from(data.train), data.train.length / data.dim, data.dim);
const Q = matrix(Float32Array.from(data.test), data.test.length / data.dim, data.dim);
const targets = Float64Array.from(data.trainTargets);
const NAMES: Record<string, string> = {
  min_samples_leaf: "minSamplesLeaf",
  max_depth: "maxDepth",
  max_features: "maxFeatures",
};

function r2(predicted: Float64Array, truth: readonly number[]): number {
  const mean = truth.reduce((a, b) => a + b) / truth.length;
  let error = 0;
  let spread = 0;
  truth.forEach((t, i) => {
    error += (t - predicted[i]!) ** 2;
    spread += (t - mean) ** 2;
  });
  return 1 - error / spread;
}

describe("forests for numbers", () => {
  it.each(data.cases)("$head explains as much as scikit-learn's: $options", async ({
    head,
    options,
    r2: golden,
  }) => {
    const make = head === "extra-trees" ? extraTreesRegressor : randomForestRegressor;
    const set = Object.fromEntries(Object.entries(options).map(([key, value]) => [NAMES[key]!, value]));
    let sum = 0;
    for (let seed = 0; seed < 10; seed++) {
      const model = await make({ nEstimators: 50, seed, ...set }).fit(X, targets);
      sum += r2(model.predict(Q), data.testTargets);
    }
    expect(Math.abs(sum / 10 - golden)).toBeLessThan(0.02);
  });

  it("predicts the same in ONNX Runtime", async () => {
    const model = await randomForestRegressor({ nEstimators: 20 }).fit(X, targets);
    const graph = graphBuilder({ name: "regressor" });
    const x = graph.input("x", "float32", ["n", model.dim]);
    graph.output(model.writeGraph(graph, x), "y", "float32", ["n", 1]);
    const session = await openSession(encodeModel(graph.build()), { threads: 2 });
    const out = await session.run({ x: { dtype: "float32", data: Q.data, dims: [Q.rows, Q.cols] } });
    await session.release();
    const expected = model.predict(Q);
    (out.y!.data as Float32Array).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(3e-7 * Math.abs(expected[i]!));
    });
    expect(model.oobScore).toBeGreaterThan(0.2);
    expect(model.oobScore).toBeLessThan(0.7);
  });

  it("learns large numbers, and predicts constants", async () => {
    const far = targets.map((target) => 1e9 + target);
    const model = await randomForestRegressor({ nEstimators: 10, bootstrap: false }).fit(X, far);
    model.predict(X).forEach((value, i) => {
      expect(Math.abs(value - far[i]!)).toBeLessThan(1e-3);
    });
    const flat = await extraTreesRegressor({ nEstimators: 3 }).fit(
      X,
      targets.map(() => 4),
    );
    expect(flat.predict(Q).every((value) => value === 4)).toBe(true);
    expect(flat.featureImportances.every((share) => share === 0)).toBe(true);
  });

  it("refuses targets that are not numbers, or of another length", async () => {
    const bad = targets.slice();
    bad[5] = Number.NaN;
    await expect(randomForestRegressor().fit(X, bad)).rejects.toThrow(
      expect.objectContaining({ code: "data" }),
    );
    await expect(randomForestRegressor().fit(X, targets.slice(1))).rejects.toThrow(
      expect.objectContaining({ code: "shape" }),
    );
  });
});
