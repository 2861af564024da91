import { describe, expect, it } from "vitest";
import { logisticRegression } from "../../src/heads/linear/logistic-regression.js";
import { LINEAR_SETS, largestDifference, linearGolden, standardized } from "./linear-golden.js";

describe.each(LINEAR_SETS)("logistic regression on %s equals scikit-learn's", (name) => {
  const golden = linearGolden(name);
  const Z = standardized(golden.X, golden.scaler);
  const Q = standardized(golden.Q, golden.scaler);

  it.each(golden.logisticRegression)("$options", ({ options, scores, probabilities }) => {
    const model = logisticRegression({ ...options, tol: 1e-9 }).fit(Z, golden.y);
    expect(model.convergence!.converged).toBe(true);
    expect(largestDifference(model.scores(Q).data, scores)).toBeLessThan(1e-5);
    expect(largestDifference(model.probabilities!(Q).data, probabilities)).toBeLessThan(1e-6);
  });

  it("comes near with the default tolerance", () => {
    const { probabilities } = golden.logisticRegression[0]!;
    const model = logisticRegression().fit(Z, golden.y);
    expect(model.convergence!.converged).toBe(true);
    expect(largestDifference(model.probabilities!(Q).data, probabilities)).toBeLessThan(1e-2);
  });
});

describe("logistic regression", () => {
  it("converges on features of very different sizes", () => {
    const golden = linearGolden("wine");
    const model = logisticRegression({ maxIter: 20_000 }).fit(golden.X, golden.y);
    expect(model.convergence!.converged).toBe(true);
  });

  it("says when it stopped before its tolerance", () => {
    const golden = linearGolden("wine");
    const model = logisticRegression({ maxIter: 3 }).fit(golden.X, golden.y);
    expect(model.convergence).toEqual({ converged: false, iterations: 3 });
  });
});
