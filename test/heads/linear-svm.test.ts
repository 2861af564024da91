import { describe, expect, it } from "vitest";
import { encodeLabels } from "../../src/heads/labels.js";
import { dualCoordinateDescent } from "../../src/heads/linear/dual-coordinate-descent.js";
import { linearScores } from "../../src/heads/linear/linear-model.js";
import { linearSvm } from "../../src/heads/linear/linear-svm.js";
import { matrix } from "../../src/linalg/matrix.js";
import { LINEAR_SETS, largestDifference, linearGolden, standardized } from "./linear-golden.js";

describe.each(LINEAR_SETS)("linear SVM on %s equals scikit-learn's LinearSVC", (name) => {
  const golden = linearGolden(name);
  const Z = standardized(golden.X, golden.scaler);
  const Q = standardized(golden.Q, golden.scaler);

  it.each(golden.linearSvm)("$options", async ({ options, scores }) => {
    const model = await linearSvm({ ...options, tol: 1e-8, maxIter: 2_000_000 }).fit(Z, golden.y);
    expect(model.convergence!.converged).toBe(true);
    expect(largestDifference(model.scores(Q).data, scores)).toBeLessThan(1e-5);
  });

  it("comes near with the default tolerance", async () => {
    const { scores } = golden.linearSvm[0]!;
    const model = await linearSvm({ maxIter: 100_000 }).fit(Z, golden.y);
    expect(largestDifference(model.scores(Q).data, scores)).toBeLessThan(1e-2);
  });
});

describe("linear SVM", () => {
  it("finds the optimum that can be worked out by hand", async () => {
    // Two points at -1 and +1 with hinge loss and a large C: the margin is 1, so w = 1 and b = 0.
    const y = encodeLabels(["a", "b"]);
    const model = await linearSvm({ loss: "hinge", C: 1000, tol: 1e-10 }).fit(
      matrix(new Float64Array([-1, 1]), 2, 1),
      y,
    );
    const scores = model.scores(matrix(new Float64Array([-1, 0, 3]), 3, 1)).data;
    expect(Array.from(scores, (value) => Math.round(value * 1e8) / 1e8 + 0)).toEqual([1, -1, 0, 0, -3, 3]);
  });

  it("ends at the optimum of the dual, which coordinate descent creeps towards", async () => {
    const golden = linearGolden("breast-cancer");
    const Z = standardized(golden.X, golden.scaler);
    const settings = { C: 100, tol: 1e-9 };
    const full = await linearSvm({ ...settings, maxIter: 100 }).fit(Z, golden.y);
    expect(full.convergence!.converged).toBe(true);
    const signs = Int8Array.from(golden.y.codes, (c) => (c === 1 ? 1 : -1));
    const squaredNorms = Float64Array.from({ length: Z.rows }, (_, i) =>
      Z.data.subarray(i * Z.cols, (i + 1) * Z.cols).reduce((sum, v) => sum + v * v, 1),
    );
    const dual = dualCoordinateDescent({
      X: Z,
      squaredNorms,
      signs,
      costs: new Float64Array(Z.rows).fill(100),
      loss: "squared-hinge",
      fitIntercept: true,
      tol: 1e-7,
      maxIter: 1_000_000,
      seed: 1,
    });
    expect(dual.convergence.converged).toBe(true);
    const expected = linearScores(
      {
        weights: { data: dual.weights, rows: 1, cols: Z.cols },
        intercepts: new Float64Array([dual.intercept]),
      },
      Z,
    );
    expect(largestDifference(full.scores(Z).data, expected.data)).toBeLessThan(1e-3);
  });

  it("says when it stopped before its tolerance", async () => {
    const golden = linearGolden("breast-cancer");
    const model = await linearSvm({ maxIter: 2 }).fit(golden.X, golden.y);
    expect(model.convergence).toEqual({ converged: false, iterations: 2 });
  });
});
