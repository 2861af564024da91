import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { random } from "../../src/core/random.js";
import { argmaxRows } from "../../src/heads/argmax.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { gradientBoosting } from "../../src/heads/trees/gradient-boosting.js";
import { matrix } from "../../src/linalg/matrix.js";
import { encodeModel, graphBuilder, openSession } from "../../src/onnx/index.js";

interface Golden {
  dim: number;
  train: number[];
  trainLabels: number[];
  test: number[];
  testLabels: number[];
  cases: { head: string; options: Record<string, unknown>; accuracy: number }[];
}

const NAMES: Record<string, string> = {
  max_iter: "maxIter",
  max_leaf_nodes: "maxLeafNodes",
  l2_regularization: "l2Regularization",
  learning_rate: "learningRate",
  early_stopping: "earlyStopping",
  class_weight: "classWeight",
};

describe.each(["digits", "breast-cancer"])("gradientBoosting on %s", (name) => {
  const file = join(packageRoot(), `test/golden/sklearn/fixtures/forest-${name}.json`);
  const data: Golden = JSON.parse(readFileSync(file, "utf8"));
  const X = matrix(Float32Array.from(data.train), data.train.length / data.dim, data.dim);
  const Q = matrix(Float32Array.from(data.test), data.test.length / data.dim, data.dim);
  const y = encodeLabels(data.trainLabels.map(String));
  const cases = data.cases.filter(({ head }) => head === "gradient-boosting");

  it.each(cases)("is as accurate as scikit-learn's: $options", async ({ options, accuracy }) => {
    const set = Object.fromEntries(Object.entries(options).map(([key, value]) => [NAMES[key]!, value]));
    // Only the rows held out depend on the seed.
    const seeds = options.early_stopping === true ? 5 : 1;
    let sum = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const model = await gradientBoosting({ seed, ...set, maxBins: 255 }).fit(X, y);
      const best = argmaxRows(model.scores(Q));
      sum += best.filter((code, i) => y.classes[code] === String(data.testLabels[i])).length / Q.rows;
    }
    expect(Math.abs(sum / seeds - accuracy)).toBeLessThan(0.015);
  });

  it("gives the same scores in the graph, to the last bit", async () => {
    const model = await gradientBoosting({ maxIter: 20, maxFeatures: 0.5 }).fit(X, y);
    const graph = graphBuilder({ name: "head" });
    const x = graph.input("x", "float32", ["n", model.dim]);
    graph.output(model.writeGraph(graph, x).scores, "scores", "float32", ["n", model.classes.length]);
    const session = await openSession(encodeModel(graph.build()), { threads: 2 });
    const out = await session.run({ x: { dtype: "float32", data: Q.data, dims: [Q.rows, Q.cols] } });
    await session.release();
    expect(out.scores!.data).toEqual(Float32Array.from(model.scores(Q).data));
  });
});

describe("gradientBoosting", () => {
  const draw = random(1);
  const noise = matrix(
    Float32Array.from({ length: 400 * 5 }, () => draw.next()),
    400,
    5,
  );
  const coin = encodeLabels(Array.from({ length: 400 }, () => (draw.next() < 0.5 ? "a" : "b")));

  it("stops early where there is nothing to learn, and says so", async () => {
    const model = await gradientBoosting({ maxIter: 300, earlyStopping: true }).fit(noise, coin);
    expect(model.convergence?.converged).toBe(true);
    expect(model.convergence?.iterations).toBeLessThan(100);
    expect(model.boosted.validationLoss.length).toBe(model.convergence?.iterations);
    expect((await gradientBoosting({ maxIter: 5 }).fit(noise, coin)).convergence).toBeNull();
  });

  it("keeps to maxLeafNodes, maxDepth and minSamplesLeaf", async () => {
    const leaves = (trees: readonly { feature: Int32Array }[]): number =>
      Math.max(...trees.map(({ feature }) => feature.filter((f) => f < 0).length));
    const few = await gradientBoosting({ maxIter: 5, maxLeafNodes: 3, minSamplesLeaf: 1 }).fit(noise, coin);
    expect(leaves(few.boosted.trees)).toBe(3);
    const stumps = await gradientBoosting({ maxIter: 5, maxDepth: 1 }).fit(noise, coin);
    expect(leaves(stumps.boosted.trees)).toBe(2);
    const never = await gradientBoosting({ maxIter: 5, minSamplesLeaf: 201 }).fit(noise, coin);
    expect(leaves(never.boosted.trees)).toBe(1);
  });

  it("shrinks with l2 and the learning rate", async () => {
    const largest = async (options: object): Promise<number> => {
      const model = await gradientBoosting({ maxIter: 1, ...options }).fit(noise, coin);
      return Math.max(...model.boosted.trees[0]!.values.map(Math.abs));
    };
    const plain = await largest({});
    expect(await largest({ l2Regularization: 100 })).toBeLessThan(plain / 2);
    expect(await largest({ learningRate: 0.01 })).toBeCloseTo(plain / 10, 5);
  });

  it("ends at once when aborted", async () => {
    const abort = new AbortController();
    const fit = gradientBoosting({ maxIter: 10_000 }).fit(noise, coin, { signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    await expect(fit).rejects.toThrow(expect.objectContaining({ code: "interrupted" }));
  });
});
