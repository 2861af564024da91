import { describe, expect, it } from "vitest";
import { fitStandardScaler } from "../../src/heads/transforms/standard-scaler.js";
import { matrix } from "../../src/linalg/matrix.js";
import { LINEAR_SETS, largestDifference, linearGolden } from "./linear-golden.js";

describe("standard scaler", () => {
  it.each(LINEAR_SETS)("equals scikit-learn's on %s", (name) => {
    const golden = linearGolden(name);
    const scaler = fitStandardScaler(golden.X);
    expect(largestDifference(scaler.mean, golden.scaler.mean)).toBeLessThan(1e-9);
    expect(largestDifference(scaler.scale, golden.scaler.scale)).toBeLessThan(1e-9);
  });

  it("gives zero mean and unit variance", () => {
    const { X } = linearGolden("wine");
    const again = fitStandardScaler(fitStandardScaler(X).transform(X));
    expect(largestDifference(again.mean, new Float64Array(X.cols))).toBeLessThan(1e-6);
    expect(largestDifference(again.scale, new Float64Array(X.cols).fill(1))).toBeLessThan(1e-6);
  });

  it("leaves a feature without variance at scale 1, also where its mean is rounded", () => {
    const rows = 1001;
    const X = matrix(new Float64Array(rows * 2).fill(0.1), rows, 2);
    for (let i = 0; i < rows; i++) X.data[2 * i] = i % 2 === 0 ? 1 : 3;
    const scaler = fitStandardScaler(X);
    expect(scaler.scale[0]).toBeCloseTo(1, 5);
    expect(scaler.scale[1]).toBe(1);
    expect(Math.abs(scaler.transform(X).data[1]!)).toBeLessThan(1e-10);
  });
});
