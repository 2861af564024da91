import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { fitCalibration } from "../../src/evaluation/calibration/fit-calibration.js";
import { loadHead } from "../../src/heads/head-onnx.js";
import { encodeLabelSets, type LabelSets } from "../../src/heads/multi-label/label-sets.js";
import {
  decidedLabels,
  type FittedMultiLabelHead,
  fitMultiLabelHead,
} from "../../src/heads/multi-label/multi-label-head.js";
import { multiLabelToOnnx, verifyMultiLabelHead } from "../../src/heads/multi-label/multi-label-onnx.js";
import { HEADS } from "../../src/heads/registry.js";
import { type Matrix, matrix } from "../../src/linalg/matrix.js";

/** Written by test/golden/sklearn/multilabel.py. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/sklearn/fixtures/multilabel.json"), "utf8"),
) as {
  dim: number;
  labels: string[];
  train: { X: number[]; Y: number[] };
  test: { X: number[]; Y: number[] };
  scores: Record<string, number[]>;
  probabilities: number[];
  decided: number[];
};
const meta = { fingerprint: "f", backbone: null, metrics: null };
const features = ({ X }: { X: number[] }): Matrix =>
  matrix(Float32Array.from(X), X.length / golden.dim, golden.dim);
const sets = ({ Y }: { Y: number[] }): LabelSets => ({
  labels: golden.labels,
  rows: Y.length / golden.labels.length,
  members: Uint8Array.from(Y),
});

describe("a head of several labels equals scikit-learn's OneVsRestClassifier", () => {
  it.each([
    ["logistic-regression", { C: 1, tol: 1e-8 }, 1e-3],
    ["linear-svm", { C: 1, tol: 1e-8 }, 1e-3],
    ["svm", { C: 2, gamma: "scale", tol: 1e-6 }, 1e-3],
  ] as const)("%s", async (name, set, tolerance) => {
    const head = await fitMultiLabelHead({ name, set }, features(golden.train), sets(golden.train));
    const scores = head.scores(features(golden.test));
    const expected = golden.scores[name]!;
    const largest = Math.max(...expected.map(Math.abs));
    expected.forEach((value, k) => {
      expect(Math.abs(scores.data[k]! - value)).toBeLessThan(
        tolerance * Math.max(largest / 10, Math.abs(value)),
      );
    });
    if (name !== "logistic-regression") return;
    expect(Array.from(decidedLabels(scores))).toEqual(golden.decided);
    head.probabilities!(features(golden.test)).data.forEach((value, k) => {
      expect(value).toBeCloseTo(golden.probabilities[k]!, 4);
    });
  });
});

/** Rows of three labels and none, 'all' on every row. */
function problem(rows = 90, seed = 4): { X: Matrix<Float32Array>; sets: LabelSets } {
  const rng = random(seed);
  const X = matrix(
    Float32Array.from({ length: rows * 5 }, () => rng.next() * 2 - 1),
    rows,
    5,
  );
  const named = Array.from({ length: rows }, (_, i) => [
    ...(X.data[i * 5]! > 0 ? ["a"] : []),
    ...(X.data[i * 5 + 1]! + X.data[i * 5 + 2]! > 0.4 ? ["b"] : []),
    ...(X.data[i * 5 + 3]! > 0.5 ? ["ü, c"] : []),
  ]);
  return { X, sets: encodeLabelSets(named) };
}

const fit = (
  name: string,
  { X, sets: y }: ReturnType<typeof problem>,
  more = {},
): Promise<FittedMultiLabelHead> => fitMultiLabelHead({ name, seed: 3, ...more }, X, y);

describe.each(Object.keys(HEADS))("several labels by %s", (name) => {
  it("come from a file as from memory, and the same bytes each time", async () => {
    const data = problem();
    const set = name.includes("forest") || name === "extra-trees" ? { nEstimators: 10 } : {};
    const head = await fit(name, data, { set });
    const bytes = multiLabelToOnnx(head, meta);
    await verifyMultiLabelHead(head, bytes, data.X);
    expect(multiLabelToOnnx(await fit(name, data, { set }), meta)).toEqual(bytes);
    const loaded = await loadHead(bytes);
    const answers = await loaded.run(data.X);
    expect(loaded.classes).toEqual(["a", "b", "ü, c"]);
    expect(answers.decided).toEqual(decidedLabels(answers.scores));
    const right = answers.decided!.filter((one, k) => one === data.sets.members[k]).length;
    expect(right / answers.decided!.length).toBeGreaterThan(0.8);
    answers.labels.forEach((label, i) => {
      const row = Array.from(answers.scores.data.subarray(3 * i, 3 * i + 3));
      expect(label).toBe(loaded.classes[row.indexOf(Math.max(...row))]);
    });
    await loaded.release();
  });
});

describe("a head of several labels", () => {
  it.each([
    "platt",
    "isotonic",
  ] as const)("is calibrated label by label, with thresholds: %s", async (method) => {
    const data = problem();
    const plain = await fit("linear-svm", data, { scale: "standard", pca: 4 });
    const scores = plain.scores(data.X);
    const calibrations = [0, 1, 2].map((k) => {
      const pairs = new Float64Array(2 * scores.rows).map((_, at) =>
        at % 2 === 1 ? 2 * scores.data[((at - 1) / 2) * 3 + k]! : 0,
      );
      const codes = Int32Array.from({ length: scores.rows }, (_, i) => data.sets.members[i * 3 + k]!);
      return fitCalibration(method, matrix(pairs, scores.rows, 2), codes);
    });
    const head = plain.decide({ calibrations, thresholds: Float64Array.of(0, 0.3, -0.2) });
    expect(() => head.decide({ calibrations, thresholds: null })).toThrow(/already/);
    await verifyMultiLabelHead(head, multiLabelToOnnx(head, meta), data.X);
    const moved = head.scores(data.X);
    moved.data.forEach((score, k) => {
      expect(score).toBeCloseTo(scores.data[k]! - [0, 0.3, -0.2][k % 3]!, 12);
    });
    head.probabilities!(data.X).data.forEach((p, k) => {
      expect(p > 0.5).toBe(scores.data[k]! > 0);
    });
  });

  it("always or never gives a label that all rows have, or none", async () => {
    const { X } = problem();
    const named = Array.from({ length: X.rows }, (_, i) => (i % 2 === 0 ? ["all", "even"] : ["all"]));
    const y = encodeLabelSets(named, ["all", "even", "never"]);
    const head = await fitMultiLabelHead({ name: "logistic-regression" }, X, y);
    await verifyMultiLabelHead(head, multiLabelToOnnx(head, meta), X);
    const decided = decidedLabels(head.scores(X));
    for (let i = 0; i < X.rows; i++) expect([decided[3 * i], decided[3 * i + 2]]).toEqual([1, 0]);
    expect(head.probabilities!(X).data[2]).toBe(0);
  });

  it("keeps training rows that all its parts share once", async () => {
    const data = problem(600);
    const sizeOf = async (labels: number): Promise<number> => {
      const chosen = encodeLabelSets(
        Array.from({ length: 600 }, (_, i) =>
          ["a", "b", "ü, c"].filter((_, k) => data.sets.members[3 * i + k] === 1),
        ),
        ["a", "b", "ü, c"].slice(0, labels),
      );
      return multiLabelToOnnx(await fitMultiLabelHead({ name: "knn" }, data.X, chosen), meta).length;
    };
    const vectors = 600 * 5 * 4;
    expect((await sizeOf(3)) - (await sizeOf(1))).toBeLessThan(2 * vectors);
  });

  it("refuses NaN with its row, no rows, and sets of another number", async () => {
    const { X, sets: y } = problem();
    const bad = matrix(Float32Array.from(X.data), X.rows, X.cols);
    bad.data[7] = Number.NaN;
    await expect(fitMultiLabelHead({ name: "ridge" }, bad, y)).rejects.toThrow(/NaN in row 1, column 2/);
    await expect(fitMultiLabelHead({ name: "ridge" }, X, encodeLabelSets([["a"]]))).rejects.toThrow(/sets/);
    await expect(
      fitMultiLabelHead({ name: "ridge" }, matrix(new Float32Array(0), 0, 5), encodeLabelSets([])),
    ).rejects.toMatchObject({ code: "data" });
  });
});
