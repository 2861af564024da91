import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { random } from "../../src/core/random.js";
import { argmaxRows } from "../../src/heads/argmax.js";
import type { FittedClassifier } from "../../src/heads/classifier.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { binFeatures, MAX_BINS } from "../../src/heads/trees/bin-features.js";
import { exactShares } from "../../src/heads/trees/exact-shares.js";
import { extraTrees } from "../../src/heads/trees/extra-trees.js";
import { randomForest } from "../../src/heads/trees/random-forest.js";
import { type Matrix, matrix } from "../../src/linalg/matrix.js";
import { encodeModel, graphBuilder, openSession } from "../../src/onnx/index.js";

interface Golden {
  dim: number;
  train: number[];
  trainLabels: number[];
  test: number[];
  testLabels: number[];
  importances: number[];
  cases: { head: string; options: Record<string, unknown>; accuracy: number }[];
}

const golden = (name: string): Golden =>
  JSON.parse(readFileSync(join(packageRoot(), "test/golden/sklearn/fixtures", name), "utf8"));
const rows = (values: number[], dim: number): Matrix<Float32Array> =>
  matrix(Float32Array.from(values), values.length / dim, dim);

/** scikit-learn's names in ours. */
const NAMES: Record<string, string> = {
  min_samples_leaf: "minSamplesLeaf",
  max_depth: "maxDepth",
  max_features: "maxFeatures",
  class_weight: "classWeight",
};
const ours = (options: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).map(([key, value]) => [NAMES[key] ?? key, value]));

async function scoresInOnnx(
  model: FittedClassifier,
  X: Matrix<Float32Array>,
  threads = 1,
): Promise<Float32Array> {
  const graph = graphBuilder({ name: "head" });
  const x = graph.input("x", "float32", ["n", model.dim]);
  graph.output(model.writeGraph(graph, x).scores, "scores", "float32", ["n", model.classes.length]);
  const session = await openSession(encodeModel(graph.build()), { threads });
  const { scores } = await session.run({ x: { dtype: "float32", data: X.data, dims: [X.rows, X.cols] } });
  await session.release();
  return scores!.data as Float32Array;
}

/** Gaussian clouds, one a class, that overlap. */
function clouds(n: number, dim: number, classes: number, seed: number) {
  const draw = random(seed);
  const labels = Array.from({ length: n }, (_, i) => `class ${i % classes}`);
  const X = matrix(new Float32Array(n * dim), n, dim);
  for (let k = 0; k < X.data.length; k++) {
    let sum = -3 + (Math.floor(k / dim) % classes) * (k % dim === 0 ? 1 : 0.1);
    for (let j = 0; j < 6; j++) sum += draw.next();
    X.data[k] = sum;
  }
  return { X, y: encodeLabels(labels) };
}

describe.each(["digits", "breast-cancer"])("randomForest on %s", (name) => {
  const data = golden(`forest-${name}.json`);
  const X = rows(data.train, data.dim);
  const Q = rows(data.test, data.dim);
  const y = encodeLabels(data.trainLabels.map(String));

  const forests = data.cases.filter(({ head }) => head !== "gradient-boosting");
  it.each(forests)("$head is as accurate as scikit-learn's: $options", async ({
    head,
    options,
    accuracy,
  }) => {
    const make = head === "extra-trees" ? extraTrees : randomForest;
    let sum = 0;
    for (let seed = 0; seed < 10; seed++) {
      const model = await make({ nEstimators: 50, seed, ...ours(options) }).fit(X, y);
      const best = argmaxRows(model.scores(Q));
      sum += best.filter((code, i) => y.classes[code] === String(data.testLabels[i])).length / Q.rows;
    }
    expect(Math.abs(sum / 10 - accuracy)).toBeLessThan(0.015);
  });

  it("finds the features that matter as scikit-learn does", async () => {
    const sums = new Float64Array(data.dim);
    for (let seed = 0; seed < 10; seed++) {
      const { featureImportances } = await randomForest({ nEstimators: 50, seed }).fit(X, y);
      expect(featureImportances.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
      for (let f = 0; f < data.dim; f++) sums[f]! += featureImportances[f]! / 10;
    }
    data.importances.forEach((expected, f) => {
      expect(Math.abs(sums[f]! - expected)).toBeLessThan(0.004 + 0.25 * expected);
    });
  });

  it("gives the same shares in the graph, on one thread and on two", async () => {
    const model = await randomForest({ nEstimators: 30, minSamplesLeaf: 2 }).fit(X, y);
    const expected = Float32Array.from(model.scores(Q).data);
    expect(await scoresInOnnx(model, Q)).toEqual(expected);
    expect(await scoresInOnnx(model, Q, 2)).toEqual(expected);
  });
});

describe("randomForest", () => {
  const { X, y } = clouds(600, 12, 3, 5);

  it("fits its training rows when its trees may grow out, and judges unseen ones lower", async () => {
    const model = await randomForest({ nEstimators: 60 }).fit(X, y);
    const right = argmaxRows(model.scores(X)).filter((code, i) => code === y.codes[i]).length / X.rows;
    expect(right).toBeGreaterThan(0.99);
    expect(model.oobScore).toBeGreaterThan(0.5);
    expect(model.oobScore).toBeLessThan(0.95);
  });

  it("keeps to maxDepth, minSamplesLeaf and minSamplesSplit", async () => {
    const stumps = await randomForest({ nEstimators: 5, maxDepth: 1 }).fit(X, y);
    for (const tree of stumps.trees) expect(tree.feature.length).toBe(3);
    const whole = await randomForest({ nEstimators: 2, minSamplesLeaf: 200, bootstrap: false }).fit(X, y);
    for (const tree of whole.trees) expect(tree.values.length / 3).toBeLessThanOrEqual(3);
    const never = await randomForest({ nEstimators: 2, minSamplesSplit: 601 }).fit(X, y);
    for (const tree of never.trees) expect(tree.feature).toEqual(Int32Array.of(-1));
  });

  it("writes a forest of single leaves that the runtime accepts", async () => {
    const constant = matrix(new Float32Array(40).fill(2), 20, 2);
    const labels = encodeLabels(Array.from({ length: 20 }, (_, i) => (i < 15 ? "a" : "b")));
    const model = await randomForest({ nEstimators: 7 }).fit(constant, labels);
    const scores = model.scores(constant);
    expect(argmaxRows(scores)[0]).toBe(0);
    expect(await scoresInOnnx(model, constant)).toEqual(Float32Array.from(scores.data));
  });

  it("draws past features that do not vary until one does", async () => {
    const wide = matrix(new Float32Array(100 * 50), 100, 50);
    for (let i = 0; i < 100; i++) wide.data[i * 50 + 37] = i;
    const labels = encodeLabels(Array.from({ length: 100 }, (_, i) => (i < 50 ? "low" : "high")));
    const model = await randomForest({ nEstimators: 20, maxFeatures: 1 }).fit(wide, labels);
    const best = argmaxRows(model.scores(wide));
    expect(best.filter((code, i) => code === labels.codes[i]).length).toBeGreaterThanOrEqual(98);
  });

  it.each([{ nEstimators: 0 }, { maxFeatures: 1.5 }, { trees: 3 }])("refuses %o", (options) => {
    expect(() => randomForest(options as object)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});

describe("binFeatures", () => {
  it("puts every value between its bin's edges, whatever the values", () => {
    const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 600,
    });
    fc.assert(
      fc.property(values, (column) => {
        const { bins, edges } = binFeatures(matrix(Float32Array.from(column), column.length, 1));
        const cuts = edges[0]!;
        expect(cuts.length).toBeLessThan(MAX_BINS);
        column.forEach((x, i) => {
          const bin = bins[i]!;
          expect(bin === 0 || cuts[bin - 1]! < x).toBe(true);
          expect(bin === cuts.length || x <= cuts[bin]!).toBe(true);
        });
      }),
    );
  });

  it("spreads many values evenly", () => {
    const draw = random(1);
    const { bins } = binFeatures(
      matrix(
        Float32Array.from({ length: 4096 }, () => draw.next()),
        4096,
        1,
      ),
    );
    const counts = new Int32Array(MAX_BINS);
    for (const bin of bins) counts[bin]!++;
    expect(Math.max(...counts)).toBeLessThanOrEqual(17);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(15);
  });
});

describe("exactShares", () => {
  it("gives shares whose float32 sums do not depend on the order", () => {
    const weights = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 3, maxLength: 3 });
    const leaves = fc.array(
      weights.filter((leaf) => leaf.some((w) => w > 0)),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(leaves, (drawn) => {
        const shares = drawn.map((leaf) => exactShares(drawn.length)(Float64Array.from(leaf)));
        for (const share of shares) expect(share.reduce((a, b) => a + b)).toBe(1);
        const sum = (order: Float64Array[]): number =>
          order.reduce((total, s) => Math.fround(total + s[0]!), 0);
        expect(sum(shares)).toBe(sum(shares.toReversed()));
      }),
    );
  });
});
