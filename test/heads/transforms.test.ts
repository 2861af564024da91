import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { fitL2Scaler } from "../../src/heads/transforms/l2-scaler.js";
import { fitMinMaxScaler } from "../../src/heads/transforms/min-max-scaler.js";
import { fitPca } from "../../src/heads/transforms/pca.js";
import { fitStandardScaler } from "../../src/heads/transforms/standard-scaler.js";
import { matrix } from "../../src/linalg/matrix.js";
import { classicGolden } from "./classic-golden.js";
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

describe("min-max scaler", () => {
  it.each(LINEAR_SETS)("equals scikit-learn's on %s", (name) => {
    const golden = classicGolden(name);
    const scaled = fitMinMaxScaler(golden.X).transform(golden.Q);
    expect(largestDifference(scaled.data, golden.minMax)).toBeLessThan(1e-6);
  });

  it("maps what does not vary to 0", () => {
    const X = matrix(new Float64Array([7, 1, 7, 3]), 2, 2);
    expect(Array.from(fitMinMaxScaler(X).transform(X).data)).toEqual([0, 0, 0, 1]);
  });
});

describe("L2 scaler", () => {
  it.each(LINEAR_SETS)("equals scikit-learn's on %s", (name) => {
    const golden = classicGolden(name);
    const scaled = fitL2Scaler(golden.Q.cols).transform(golden.Q);
    expect(largestDifference(scaled.data, golden.l2)).toBeLessThan(1e-6);
  });

  it("leaves zeros alone", () => {
    const X = matrix(new Float64Array([0, 0, 3, 4]), 2, 2);
    expect(Array.from(fitL2Scaler(2).transform(X).data)).toEqual([0, 0, Math.fround(0.6), Math.fround(0.8)]);
  });
});

describe.each(LINEAR_SETS)("PCA on %s equals scikit-learn's", (name) => {
  const golden = classicGolden(name);

  it.each(golden.pca)("$options, few rows: $wide", async (one) => {
    const pca = await fitPca(golden.rowsOf(golden.Z, one.wide).X, { whiten: false, ...one.options }, 0);
    expect(pca.dim * golden.X.cols).toBe(one.components.length);
    expect(largestDifference(pca.components.data, one.components)).toBeLessThan(1e-7);
    expect(largestDifference(pca.explainedVariance, one.explainedVariance)).toBeLessThan(1e-7);
    expect(largestDifference(pca.explainedVarianceRatio, one.explainedVarianceRatio)).toBeLessThan(1e-7);
    expect(largestDifference(pca.transform(golden.ZQ).data, one.values)).toBeLessThan(1e-5);
  });
});

describe("PCA", () => {
  /** Rows along a few directions of falling weight, with noise below. */
  const wide = (rows: number, cols: number) => {
    const rng = random(3);
    const normal = () => rng.next() + rng.next() + rng.next() + rng.next() - 2;
    const factors = Float64Array.from({ length: 12 * cols }, normal);
    const X = matrix(new Float64Array(rows * cols), rows, cols);
    for (let i = 0; i < rows; i++) {
      for (let f = 0; f < 12; f++) {
        const weight = normal() * 10 * 0.7 ** f;
        for (let j = 0; j < cols; j++) X.data[i * cols + j]! += weight * factors[f * cols + j]!;
      }
      for (let j = 0; j < cols; j++) X.data[i * cols + j]! += 0.1 * normal();
    }
    return X;
  };

  it("finds the exact directions by random projections where rows and columns are many", async () => {
    const X = wide(530, 540);
    const random5 = await fitPca(X, { components: 5, whiten: true }, 1);
    const exact = await fitPca(X, { components: 300, whiten: true }, 1);
    expect(
      largestDifference(random5.components.data, exact.components.data.subarray(0, 5 * 540)),
    ).toBeLessThan(1e-6);
    const first = exact.explainedVariance.subarray(0, 5);
    expect(largestDifference(random5.explainedVariance, first)).toBeLessThan(1e-8);
    const share = await fitPca(X, { components: 0.95, whiten: false }, 1);
    const sum = share.explainedVarianceRatio.reduce((total, ratio) => total + ratio, 0);
    expect(sum).toBeGreaterThan(0.95);
    expect(sum - share.explainedVarianceRatio.at(-1)!).toBeLessThanOrEqual(0.95);
    expect((await fitPca(X, { components: 5, whiten: true }, 1)).components).toEqual(random5.components);
  }, 30_000);

  it("gives zeros for directions that rows do not have, whitened too", async () => {
    const constant = matrix(new Float64Array(15).fill(4), 5, 3);
    const none = await fitPca(constant, { components: 2, whiten: true }, 0);
    expect(Array.from(none.transform(constant).data)).toEqual(new Array(10).fill(0));
    expect((await fitPca(constant, { components: 0.9, whiten: false }, 0)).dim).toBe(1);
    const X = matrix(new Float64Array([1, 2, 3, 2, 4, 6, 3, 6, 9, 4, 8, 12]), 4, 3);
    const one = await fitPca(X, { components: 3, whiten: true }, 0);
    const values = one.transform(X).data;
    expect(Array.from(values).every(Number.isFinite)).toBe(true);
    expect(Math.abs(values[1]!) + Math.abs(values[2]!)).toBe(0);
    const thin = await fitPca(matrix(wide(4, 40).data, 4, 40), { components: 4, whiten: true }, 0);
    expect(thin.transform(wide(4, 40)).data.every((value) => Math.abs(value) < 10)).toBe(true);
  });

  it("refuses more components than rows or columns", async () => {
    const X = wide(6, 20);
    await expect(fitPca(X, { components: 7, whiten: false }, 0)).rejects.toThrow(
      expect.objectContaining({ code: "data", facts: { components: 7, rows: 6, cols: 20 } }),
    );
  });
});
