import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { random } from "../../src/core/random.js";
import { argmaxRows } from "../../src/heads/argmax.js";
import type { FittedClassifier } from "../../src/heads/classifier.js";
import { fitHead } from "../../src/heads/head.js";
import { headToOnnx, verifyHead } from "../../src/heads/head-onnx.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { kernelSvm } from "../../src/heads/svm/svm.js";
import { type Matrix, matrix, selectRows } from "../../src/linalg/matrix.js";
import { encodeModel, graphBuilder, openSession } from "../../src/onnx/index.js";

interface Golden {
  dim: number;
  train: number[];
  trainLabels: number[];
  test: number[];
  testLabels: number[];
  cases: { options: Record<string, unknown>; decisions: number[]; support: number[] }[];
}

const golden = (name: string): Golden =>
  JSON.parse(readFileSync(join(packageRoot(), "test/golden/sklearn/fixtures", name), "utf8"));
const rows = (values: number[], dim: number): Matrix<Float32Array> =>
  matrix(Float32Array.from(values), values.length / dim, dim);

/** scikit-learn's names in ours. */
function ours({ class_weight, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return class_weight === undefined ? rest : { ...rest, classWeight: class_weight };
}

async function scoresInOnnx(model: FittedClassifier, X: Matrix<Float32Array>): Promise<Float32Array> {
  const graph = graphBuilder({ name: "head" });
  const x = graph.input("x", "float32", ["n", model.dim]);
  graph.output(model.writeGraph(graph, x).scores, "scores", "float32", ["n", model.classes.length]);
  const session = await openSession(encodeModel(graph.build()), { threads: 1 });
  const { scores } = await session.run({ x: { dtype: "float32", data: X.data, dims: [X.rows, X.cols] } });
  await session.release();
  return scores!.data as Float32Array;
}

function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!)));
  }
  return worst;
}

const META = { fingerprint: "f".repeat(64), backbone: null, metrics: null };

describe.each(["iris", "wine", "breast-cancer"])("kernelSvm on %s", (name) => {
  const data = golden(`svm-${name}.json`);
  const X = rows(data.train, data.dim);
  const Q = rows(data.test, data.dim);
  const y = encodeLabels(data.trainLabels.map(String));

  it.each(data.cases)("has the decision values of scikit-learn's SVC $options", async ({
    options,
    ...expected
  }) => {
    const model = await kernelSvm({ ...ours(options), tol: 1e-8 }).fit(X, y);
    const scores = model.scores(Q);
    const positive = y.classes.length === 2 ? scores.data.filter((_, i) => i % 2 === 1) : scores.data;
    expect(largestError(positive, expected.decisions)).toBeLessThan(1e-3);
    expect(model.convergence?.converged).toBe(true);
    expect(largestError(await scoresInOnnx(model, Q), scores.data)).toBeLessThan(1e-6);
  });
});

describe("kernelSvm", () => {
  const data = golden("svm-wine.json");
  const X = rows(data.train, data.dim);
  const Q = rows(data.test, data.dim);
  const y = encodeLabels(data.trainLabels.map(String));

  it("solves the same with the smallest cache of kernel rows as with room for all", async () => {
    const whole = await kernelSvm({ tol: 1e-8 }).fit(X, y);
    const tiny = await kernelSvm({ tol: 1e-8, cacheMegabytes: 1e-6 }).fit(X, y);
    expect(largestError(tiny.scores(Q).data, whole.scores(Q).data)).toBeLessThan(1e-6);
  });

  it("takes gamma 0 as it is: all rows alike", async () => {
    const scores = (await kernelSvm({ gamma: 0 }).fit(X, y)).scores(Q);
    expect(scores.data.every((value, i) => value === scores.data[i % 3])).toBe(true);
  });

  it("stops at maxIter and says so", async () => {
    const model = await kernelSvm({ maxIter: 2 }).fit(X, y);
    expect(model.convergence).toEqual({ converged: false, iterations: 6 });
  });

  it("keeps votes of duplicate rows with contradicting labels the same in the graph", async () => {
    const twice = matrix(Float32Array.from([...X.data, ...X.data]), 2 * X.rows, X.cols);
    const turned = data.trainLabels.map((label) => String((label + 1) % 3));
    const model = await kernelSvm().fit(twice, encodeLabels([...data.trainLabels.map(String), ...turned]));
    expect(largestError(await scoresInOnnx(model, Q), model.scores(Q).data)).toBeLessThan(1e-5);
  });

  it("puts the weight of a class into its cost", async () => {
    const draw = random(3);
    const noise = matrix(
      Float32Array.from({ length: 600 }, () => draw.next()),
      300,
      2,
    );
    const labels = encodeLabels(Array.from({ length: 300 }, (_, i) => (i % 10 === 0 ? "rare" : "often")));
    const rare = async (weight: "balanced" | null): Promise<number> =>
      argmaxRows((await kernelSvm({ classWeight: weight }).fit(noise, labels)).scores(noise)).reduce(
        (a, b) => a + b,
        0,
      );
    expect(await rare(null)).toBe(0);
    expect(await rare("balanced")).toBeGreaterThan(50);
  });

  it("solves equal rows of different classes at once, however large the kernel", async () => {
    const rng = random(3);
    for (let i = 0; i < 8; i++) {
      const row = [rng.next(), rng.next(), rng.next()];
      const model = await kernelSvm({ kernel: "poly", gamma: 1e8, maxIter: 1000 }).fit(
        rows([...row, ...row], 3),
        encodeLabels(["a", "b"]),
      );
      expect(model.convergence).toEqual({ converged: true, iterations: 1 });
    }
  });

  it("reports soon that an unscaled problem with a large C did not converge, and keeps its file right", async () => {
    const rng = random(5);
    const unscaled = matrix(
      Float32Array.from({ length: 100 * 4 }, (_, k) => (rng.next() - 0.5) * 10 ** (2 * (k % 4))),
      100,
      4,
    );
    const labels = encodeLabels(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? "a" : "b")));
    const head = await fitHead(
      { name: "svm", set: { kernel: "linear", C: 1e6 }, scale: "none" },
      unscaled,
      labels,
    );
    expect(head.classifier.convergence).toEqual({ converged: false, iterations: 1_000_000 });
    await verifyHead(head, headToOnnx(head, META), unscaled);
  });

  it.each([
    ["unscaled, C 1e6", { C: 1e6 }, 1e6, 0],
    ["poly with a huge gamma", { kernel: "poly", gamma: 1e8 }, 1, 0],
    ["poly of degree 8, C 1e6", { kernel: "poly", degree: 8, C: 1e6 }, 1, 0],
    ["a gamma that leaves every row alone", { gamma: 1, C: 1e6 }, 1e5, 0],
    ["far from the origin", { gamma: 1, C: 1e6 }, 1, 1e4],
    ["a tiny C", { C: 1e-6 }, 1, 0],
  ])("predicts the same from its file: %s", async (_, set, scale, offset) => {
    const rng = random(5);
    const values = Float32Array.from({ length: 120 * 6 }, () => (rng.next() - 0.5) * scale + offset);
    const labels = encodeLabels(Array.from({ length: 120 }, (_, i) => "abc"[i % 3]!));
    const head = await fitHead({ name: "svm", set, scale: "none" }, matrix(values, 120, 6), labels);
    expect(head.classifier.convergence?.converged).toBe(true);
    await verifyHead(head, headToOnnx(head, META), matrix(values, 120, 6));
  });

  it("refuses a gamma that no distance survives", async () => {
    const sharp = kernelSvm({ gamma: 1e6 }).fit(
      matrix(Float32Array.of(0, 1e6, 2e6, 5e6), 4, 1),
      encodeLabels(["a", "b", "a", "b"]),
    );
    await expect(sharp).rejects.toThrow(
      expect.objectContaining({ code: "data", message: expect.stringMatching(/too large for row 3/) }),
    );
  });

  it("refuses more classes than it has room for pairs of, and names heads that take them", async () => {
    const many = encodeLabels(Array.from({ length: 1001 }, (_, i) => `c${i}`));
    await expect(kernelSvm().fit(matrix(new Float32Array(2002), 1001, 2), many)).rejects.toThrow(
      expect.objectContaining({
        code: "data",
        facts: { classes: 1001, pairs: 500_500, limit: 1000 },
        hint: expect.stringContaining("linear-svm"),
      }),
    );
  });

  it.each([
    ["rbf", 2],
    ["linear", 1800],
  ] as const)("scores very many classes from its file as from memory: %s, %i columns", async (kernel, columns) => {
    const classes = 205;
    const rng = random(3);
    const rows = matrix(
      Float32Array.from({ length: 2 * classes * columns }, (_, k) =>
        k % columns < 2
          ? (Math.floor(k / columns) % classes) / (k % columns === 0 ? 10 : 30) + 0.01 * rng.next()
          : 0,
      ),
      2 * classes,
      columns,
    );
    const named = encodeLabels(Array.from({ length: 2 * classes }, (_, i) => `c${1000 + (i % classes)}`));
    const head = await fitHead({ name: "svm", set: { kernel, C: 100 }, scale: "none" }, rows, named);
    const sample = selectRows(rows, [0, 7, 100, 300, 409]);
    await verifyHead(head, headToOnnx(head, { fingerprint: "f", backbone: null, metrics: null }), sample);
    const right = head.predict(rows).filter((label, i) => label === named.classes[named.codes[i]!]).length;
    expect(right / rows.rows).toBeGreaterThan(0.9);
  });

  it("can be interrupted", async () => {
    const fitting = kernelSvm().fit(X, y, { signal: AbortSignal.abort() });
    await expect(fitting).rejects.toThrow(expect.objectContaining({ code: "interrupted" }));
  });

  it("solves a problem larger than its blocks as scikit-learn's tolerance asks, whatever the memory", async () => {
    const rng = random(9);
    const many = matrix(
      Float32Array.from({ length: 1500 * 5 }, () => rng.next() - 0.5),
      1500,
      5,
    );
    const labels = encodeLabels(
      Array.from({ length: 1500 }, (_, i) => (many.data[5 * i]! + 0.5 * rng.next() > 0.2 ? "a" : "b")),
    );
    const whole = await kernelSvm({ C: 3, tol: 1e-6 }).fit(many, labels);
    const little = await kernelSvm({ C: 3, tol: 1e-6, cacheMegabytes: 1 }).fit(many, labels);
    expect([whole.convergence?.converged, little.convergence?.converged]).toEqual([true, true]);
    expect(largestError(little.scores(many).data, whole.scores(many).data)).toBeLessThan(1e-4);
  });

  it("says so where the kernel overflows", async () => {
    const large = matrix(Float32Array.of(1e15, 2e15, -1e15, 3e15), 4, 1);
    const labels = encodeLabels(["a", "b", "a", "b"]);
    await expect(kernelSvm({ kernel: "poly", gamma: 1 }).fit(large, labels)).rejects.toThrow(
      expect.objectContaining({
        code: "data",
        message: expect.stringMatching(/poly kernel overflows on row 0/),
      }),
    );
  });

  it.each([{ C: 0 }, { gamma: -1 }, { kernel: "cubic" }, { c: 1 }])("refuses %o", (options) => {
    expect(() => kernelSvm(options as object)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
