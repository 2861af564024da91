import { describe, expect, it } from "vitest";
import { gaussianNb } from "../../src/heads/classic/gaussian-nb.js";
import { lda } from "../../src/heads/classic/lda.js";
import { nearestCentroid } from "../../src/heads/classic/nearest-centroid.js";
import { ridge } from "../../src/heads/classic/ridge.js";
import { linearSvm } from "../../src/heads/linear/linear-svm.js";
import { classicGolden } from "./classic-golden.js";
import { LINEAR_SETS, largestDifference } from "./linear-golden.js";

describe.each(LINEAR_SETS)("on %s", (name) => {
  const golden = classicGolden(name);

  it.each(golden.ridge)("ridge equals RidgeClassifier: $options, few rows: $wide", async (one) => {
    const { X, y } = golden.rowsOf(golden.Z, one.wide);
    const model = await ridge(one.options).fit(X, y);
    expect(largestDifference(model.scores(golden.ZQ).data, one.scores)).toBeLessThan(1e-7);
    expect(model.probabilities).toBeNull();
  });

  it.each(golden.lda)("lda equals LinearDiscriminantAnalysis: $options, few rows: $wide", async (one) => {
    const { X, y } = golden.rowsOf(golden.Z, one.wide);
    const model = await lda(one.options).fit(X, y);
    expect(largestDifference(model.scores(golden.ZQ).data, one.scores)).toBeLessThan(1e-6);
    expect(largestDifference(model.probabilities!(golden.ZQ).data, one.probabilities!)).toBeLessThan(1e-7);
  });

  it.each(golden.gaussianNb)("gaussian-nb equals GaussianNB: $options", async (one) => {
    const model = await gaussianNb(one.options).fit(golden.X, golden.y);
    expect(largestDifference(model.scores(golden.Q).data, one.scores)).toBeLessThan(1e-8);
    expect(largestDifference(model.probabilities!(golden.Q).data, one.probabilities!)).toBeLessThan(1e-8);
  });

  it.each(golden.nearestCentroid)("nearest-centroid equals NearestCentroid: $options", async (one) => {
    const model = await nearestCentroid(one.options).fit(golden.X, golden.y);
    expect(largestDifference(model.scores(golden.Q).data, one.scores)).toBeLessThan(1e-6);
  });

  it.each(golden.crammerSinger)("Crammer-Singer equals LinearSVC: $options", async ({ options, scores }) => {
    const exact = { ...options, multiclass: "crammer-singer" as const, tol: 1e-7, maxIter: 200_000 };
    const model = await linearSvm(exact).fit(golden.Z, golden.y);
    expect(model.convergence!.converged).toBe(true);
    expect(largestDifference(model.scores(golden.ZQ).data, scores)).toBeLessThan(1e-5);
  });
});
