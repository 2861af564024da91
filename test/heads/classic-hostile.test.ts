import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import type { Labels } from "../../src/heads/classifier.js";
import { fitHead, type HeadRecipe } from "../../src/heads/head.js";
import { headToOnnx, loadHead, verifyHead } from "../../src/heads/head-onnx.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { matrix } from "../../src/linalg/matrix.js";

const META = { fingerprint: "f".repeat(64), backbone: null, metrics: null };

const RECIPES: HeadRecipe[] = [
  { name: "ridge" },
  { name: "ridge", set: { alpha: 0 } },
  { name: "nearest-centroid" },
  { name: "nearest-centroid", set: { metric: "cosine" } },
  { name: "lda" },
  { name: "lda", set: { shrinkage: "none" } },
  { name: "lda", set: { shrinkage: 1e-3 } },
  { name: "gaussian-nb" },
  { name: "linear-svm", set: { multiclass: "crammer-singer", maxIter: 5 } },
];

function clouds(rows: number, dim: number, classes: number) {
  const rng = random(11);
  const X = matrix(new Float32Array(rows * dim), rows, dim);
  const labels = Array.from({ length: rows }, (_, i) => `c${i % classes}`);
  const centres = Float32Array.from({ length: classes * Math.min(dim, 64) }, () => rng.next() - 0.5);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < dim; j++) {
      X.data[i * dim + j] = 0.3 * (rng.next() - 0.5) + centres[(i % classes) * Math.min(dim, 64) + (j % 64)]!;
    }
  }
  return { X, y: encodeLabels(labels) };
}

const rightShare = (predicted: readonly string[], y: Labels): number =>
  predicted.filter((label, i) => label === y.classes[y.codes[i]!]).length / predicted.length;

describe.each(RECIPES)("$name $set", (recipe) => {
  it("takes more columns than rows, constant ones among them", async () => {
    const { X, y } = clouds(30, 80, 3);
    for (let i = 0; i < 30; i++) X.data.fill(3, i * 80 + 10, i * 80 + 14);
    const head = await fitHead(recipe, X, y);
    expect(head.scores(X).data.every(Number.isFinite)).toBe(true);
    expect(head.predict(X)).toEqual(Array.from(y.codes, (code) => y.classes[code]!));
    await verifyHead(head, headToOnnx(head, META), X);
  });

  it("takes rows that are all the same with different labels", async () => {
    const X = matrix(new Float32Array(40).fill(0.25), 10, 4);
    const head = await fitHead(recipe, X, encodeLabels(["a", "b", "a", "a", "c", "a", "b", "c", "a", "b"]));
    expect(head.scores(X).data.every(Number.isFinite)).toBe(true);
    await verifyHead(head, headToOnnx(head, META), X);
  });

  it("takes features far from 0 and of very different size", async () => {
    const { X, y } = clouds(60, 6, 3);
    for (let k = 0; k < X.data.length; k++) {
      X.data[k] = k % 6 === 0 ? X.data[k]! * 1e-6 : k % 6 === 1 ? 1000 + X.data[k]! * 100 : X.data[k]!;
    }
    const head = await fitHead(recipe, X, y);
    expect(head.scores(X).data.every(Number.isFinite)).toBe(true);
    await verifyHead(head, headToOnnx(head, META), X);
  });

  it("takes 1,000 classes", async () => {
    const { X, y } = clouds(2000, 32, 1000);
    const head = await fitHead(recipe, X, y);
    expect(head.classes).toHaveLength(1000);
    expect(rightShare(head.predict(X), y)).toBeGreaterThan(0.2);
  }, 60_000);

  it("takes 20,000 columns in seconds", async () => {
    const { X, y } = clouds(120, 20_000, 3);
    const head = await fitHead(recipe, X, y);
    expect(rightShare(head.predict(X), y)).toBeGreaterThan(0.9);
    await verifyHead(head, headToOnnx(head, META), X);
  }, 20_000);
});

describe("the recipe's transforms", () => {
  it.each([
    "standard",
    "minmax",
    "l2",
    "none",
  ] as const)("%s and a projection are in the file", async (scale) => {
    const { X, y } = clouds(90, 40, 3);
    for (const pca of [5, 0.8, { components: 4, whiten: true }]) {
      const head = await fitHead({ name: "logistic-regression", scale, pca }, X, y);
      expect(head.transforms.map((one) => one.kind)).toEqual(scale === "none" ? ["pca"] : [scale, "pca"]);
      const bytes = headToOnnx(head, META);
      await verifyHead(head, bytes, X);
      await verifyHead(head, bytes, { ...X, data: X.data.map((value) => 100 * value - 7) });
      const loaded = await loadHead(bytes);
      expect(loaded.meta.scale).toBe(scale);
      expect(loaded.meta.pca).toEqual({
        whiten: false,
        components: 5,
        ...head.pca,
        dim: head.classifier.dim,
      });
      expect(loaded.dim).toBe(40);
      await loaded.release();
    }
  });

  it("refuses components that are neither a count nor a share", async () => {
    const { X, y } = clouds(12, 4, 2);
    for (const pca of [0, -1, 1.5, Number.NaN]) {
      await expect(fitHead({ name: "knn", pca }, X, y)).rejects.toThrow(
        expect.objectContaining({ code: "usage" }),
      );
    }
  });

  it("is what the classifier sees: kernels that are precomputed take none", async () => {
    const { X, y } = clouds(12, 12, 2);
    const recipe = { name: "svm", set: { kernel: "precomputed" }, pca: 2 };
    await expect(fitHead(recipe, X, y)).rejects.toThrow(expect.objectContaining({ code: "usage" }));
  });
});
