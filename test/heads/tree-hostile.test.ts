import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { argmaxRows } from "../../src/heads/argmax.js";
import { fitHead } from "../../src/heads/head.js";
import { headToOnnx, verifyHead } from "../../src/heads/head-onnx.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { type Matrix, matrix } from "../../src/linalg/matrix.js";

const META = { fingerprint: "f".repeat(64), backbone: null, metrics: null };

function uniform(rows: number, cols: number): Matrix<Float32Array> {
  const draw = random(9);
  return matrix(
    Float32Array.from({ length: rows * cols }, () => draw.next()),
    rows,
    cols,
  );
}

describe.each([
  ["random-forest", { nEstimators: 10 }],
  ["extra-trees", { nEstimators: 10 }],
  ["gradient-boosting", { maxIter: 3, minSamplesLeaf: 1 }],
])("%s", (name, set) => {
  it("learns 1,000 classes", async () => {
    const X = uniform(3000, 4);
    for (let i = 0; i < 3000; i++) X.data[4 * i] = Math.floor(i / 3) + X.data[4 * i]! / 4;
    const labels = encodeLabels(Array.from({ length: 3000 }, (_, i) => String(Math.floor(i / 3))));
    const some = name === "gradient-boosting" ? { ...set, maxIter: 1 } : set;
    const head = await fitHead({ name, set: some }, X, labels);
    await verifyHead(head, headToOnnx(head, META), matrix(X.data.slice(0, 400), 100, 4));
  });

  it("learns from 20,000 columns", async () => {
    const X = uniform(60, 20_000);
    for (let i = 0; i < 60; i++) for (let j = 0; j < 2000; j++) X.data[i * 20_000 + j]! += i % 2;
    const labels = encodeLabels(Array.from({ length: 60 }, (_, i) => (i % 2 ? "odd" : "even")));
    const head = await fitHead({ name, set }, X, labels);
    expect(argmaxRows(head.scores(X)).filter((code, i) => code === labels.codes[i]).length).toBeGreaterThan(
      50,
    );
  });

  it("gives identical rows with different labels the shares that they have", async () => {
    const X = matrix(new Float32Array(40 * 3).fill(0.5), 40, 3);
    const labels = encodeLabels(Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? "rare" : "usual")));
    const head = await fitHead({ name, set }, X, labels);
    expect(head.probabilities!(X).data[1]).toBeGreaterThan(0.6);
    await verifyHead(head, headToOnnx(head, META), X);
  });

  it("takes weights of 1e-9 and 1e9, and numbers at float32's ends", async () => {
    const X = uniform(80, 3);
    for (let i = 0; i < 80; i++) X.data[3 * i] = (i % 2 ? 3.4e38 : -3.4e38) * X.data[3 * i]!;
    const labels = encodeLabels(Array.from({ length: 80 }, (_, i) => (i % 2 ? "b" : "a")));
    const head = await fitHead({ name, set: { ...set, classWeight: { a: 1e-9, b: 1e9 } } }, X, labels);
    expect(head.scores(X).data.every(Number.isFinite)).toBe(true);
    await verifyHead(head, headToOnnx(head, META), X);
  });
});
