import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { fitHead } from "../../src/heads/head.js";
import { headToOnnx, verifyHead } from "../../src/heads/head-onnx.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { logisticRegression } from "../../src/heads/linear/logistic-regression.js";
import { matrix } from "../../src/linalg/matrix.js";
import { LINEAR_SETS, largestDifference, linearGolden, standardized } from "./linear-golden.js";

describe.each(LINEAR_SETS)("logistic regression on %s equals scikit-learn's", (name) => {
  const golden = linearGolden(name);
  const Z = standardized(golden.X, golden.scaler);
  const Q = standardized(golden.Q, golden.scaler);

  it.each(golden.logisticRegression)("$options", async ({ options, scores, probabilities }) => {
    const model = await logisticRegression({ ...options, tol: 1e-10 }).fit(Z, golden.y);
    expect(model.convergence!.converged).toBe(true);
    expect(largestDifference(model.scores(Q).data, scores)).toBeLessThan(1e-5);
    expect(largestDifference(model.probabilities!(Q).data, probabilities)).toBeLessThan(1e-6);
  });

  it("comes near with the default tolerance", async () => {
    const { probabilities } = golden.logisticRegression[0]!;
    const model = await logisticRegression().fit(Z, golden.y);
    expect(model.convergence!.converged).toBe(true);
    expect(largestDifference(model.probabilities!(Q).data, probabilities)).toBeLessThan(1e-2);
  });
});

describe("logistic regression", () => {
  it("converges on features of very different sizes", async () => {
    const golden = linearGolden("wine");
    const model = await logisticRegression({ maxIter: 20_000 }).fit(golden.X, golden.y);
    expect(model.convergence!.converged).toBe(true);
  });

  it("gives the graph's probabilities where scores are large and close to each other", async () => {
    const rng = random(1);
    const data = Float32Array.from({ length: 50 * 16 }, (_, at) => {
      const row = Math.floor(at / 16);
      return 1000 * (row + (at % 16 === row ? 5 : 0) + 0.01 * rng.next());
    });
    const X = matrix(data, 50, 16);
    const labels = encodeLabels(Array.from({ length: 50 }, (_, i) => `c${i}`));
    const head = await fitHead({ name: "logistic-regression", set: { C: 100 } }, X, labels);
    const largest = head.scores(X).data.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
    expect(largest).toBeGreaterThan(100);
    await verifyHead(head, headToOnnx(head, { fingerprint: "f", backbone: null, metrics: null }), X);
  });

  it("says when it stopped before its tolerance", async () => {
    const golden = linearGolden("wine");
    const model = await logisticRegression({ maxIter: 3 }).fit(golden.X, golden.y);
    expect(model.convergence).toEqual({ converged: false, iterations: 3 });
  });
});

it("reaches the optimum where its guess of the curvature is of every other row, one class after the other", async () => {
  const [rows, dim, C] = [1000, 120, 0.5];
  const rng = random(3);
  const codes = Int32Array.from({ length: rows }, (_, i) => Number(i >= rows / 3));
  const data = Float32Array.from({ length: rows * dim }, (_, k) => {
    const code = codes[Math.floor(k / dim)]!;
    return rng.next() - 0.5 + (k % dim < 10 ? 0.1 * code : 0);
  });
  const X = { data, rows, cols: dim };
  const tol = 1e-8;
  const model = await logisticRegression({ C, tol }).fit(X, { codes, classes: ["a", "b"] });
  expect(model.convergence?.converged).toBe(true);
  expect(model.convergence?.iterations).toBeLessThan(60);
  // The decision value of 0 is the intercept, that of a unit vector what its weight adds.
  const units = { data: new Float32Array((dim + 1) * dim), rows: dim + 1, cols: dim };
  for (let j = 0; j < dim; j++) units.data[(j + 1) * dim + j] = 1;
  const at = model.scores(units).data.filter((_, k) => k % 2 === 1);
  const gradient = Float64Array.from({ length: dim + 1 }, (_, j) =>
    j === 0 ? 0 : (at[j]! - at[0]!) / (C * rows),
  );
  const decisions = model.scores(X).data;
  for (let i = 0; i < rows; i++) {
    const pull = (1 / (1 + Math.exp(-decisions[2 * i + 1]!)) - codes[i]!) / rows;
    gradient[0]! += pull;
    for (let j = 0; j < dim; j++) gradient[j + 1]! += pull * data[i * dim + j]!;
  }
  expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(2 * tol);
});
