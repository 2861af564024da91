import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { auditLabels } from "../../src/evaluation/label-audit.js";
import { outOfFoldProbabilities } from "../../src/evaluation/label-audit-probabilities.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { matrix, rowOf } from "../../src/linalg/matrix.js";

interface GoldenCase {
  readonly name: string;
  readonly y: string[];
  readonly probabilities: number[];
  readonly thresholds: number[];
  readonly confidentJoint: number[][];
  readonly joint: number[][];
  readonly suspects: number[];
  readonly suggested: string[];
  readonly margins: number[];
}

const { cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/sklearn/fixtures/label-audit.json"), "utf8"),
) as { cases: GoldenCase[] };

describe.each(cases)("confident learning on $name equals numpy's", (golden) => {
  const y = encodeLabels(golden.y);
  const P = matrix(Float64Array.from(golden.probabilities), golden.y.length, y.classes.length);
  const found = auditLabels(P, y);

  it("in the confident joint and what is estimated from it", () => {
    expect(found.confidentJoint).toEqual(golden.confidentJoint);
    found.thresholds.forEach((value, j) => {
      expect(value).toBeCloseTo(golden.thresholds[j]!, 9);
    });
    found.joint.flat().forEach((value, k) => {
      expect(value).toBeCloseTo(golden.joint.flat()[k]!, 9);
    });
    expect(found.joint.flat().reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it("in the rows that contradict their label, and their order", () => {
    expect(found.suspects.map(({ row }) => row)).toEqual(golden.suspects);
    expect(found.suspects.map(({ suggested }) => y.classes[suggested])).toEqual(golden.suggested);
    found.suspects.forEach(({ margin }, i) => {
      expect(margin).toBeCloseTo(golden.margins[i]!, 8);
    });
  });
});

describe("confident learning", () => {
  it("suspects nothing where all rows are alike", () => {
    const y = encodeLabels(["a", "b", "a", "b", "a", "b"]);
    const P = matrix(
      new Float64Array(12).map((_, k) => (k % 2 === 0 ? 0.6 : 0.4)),
      6,
      2,
    );
    expect(auditLabels(P, y).confidentJoint).toEqual([
      [3, 0],
      [3, 0],
    ]);
    const right = matrix(Float64Array.from(y.codes, () => 0).slice(0, 0), 0, 2);
    expect(() => auditLabels(right, y)).toThrow("probabilities");
  });

  it("takes a class without rows, and a label no row of which is confident", () => {
    const y = { codes: Int32Array.of(0, 0, 1, 1), classes: ["a", "b", "none"] };
    const P = matrix(Float64Array.of(0.9, 0.1, 0, 0.9, 0.1, 0, 0.1, 0.9, 0, 0.2, 0.8, 0), 4, 3);
    const { joint, confidentJoint, suspects } = auditLabels(P, y);
    expect(confidentJoint).toEqual([
      [2, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]);
    expect(joint.flat().every(Number.isFinite)).toBe(true);
    expect(suspects).toEqual([]);
  });

  // Four clouds of 150 rows; one label in ten is wrong.
  const rng = random(21);
  const names = ["a", "b", "c", "d"];
  const truth = Array.from({ length: 600 }, (_, i) => i % 4);
  const planted = new Set<number>();
  while (planted.size < 60) planted.add(rng.integer(600));
  const labels = truth.map((code, row) => names[(code + (planted.has(row) ? 1 + rng.integer(3) : 0)) % 4]!);
  const X = matrix(
    Float32Array.from({ length: 600 * 8 }, (_, k) => {
      const noise = rng.next() + rng.next() + rng.next() + rng.next() - 2;
      return 0.9 * noise + (k % 8 === truth[Math.floor(k / 8)]! ? 1.5 : 0);
    }),
    600,
    8,
  );
  const y = encodeLabels(labels);

  it.each([
    { name: "logistic-regression", source: "probabilities", recall: 0.7, precision: 0.9 },
    { name: "linear-svm", source: "softmax", recall: 0.6, precision: 0.9 },
    { name: "knn", source: "probabilities", recall: 0.8, precision: 0.75 },
  ])("finds planted errors by $name ($source)", async ({ name, source, recall, precision }) => {
    const given = await outOfFoldProbabilities({ name }, X, y, { folds: 5, seed: 0 });
    expect(given.source).toBe(source);
    for (let i = 0; i < 600; i++) {
      expect(rowOf(given.probabilities, i).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    }
    const { suspects } = auditLabels(given.probabilities, y);
    const hits = suspects.filter(({ row }) => planted.has(row));
    expect(hits.length / planted.size).toBeGreaterThan(recall);
    expect(hits.length / suspects.length).toBeGreaterThan(precision);
    const first = suspects.slice(0, 30).filter(({ row }) => planted.has(row));
    expect(first.length).toBeGreaterThanOrEqual(28);
    const corrected = hits.filter(({ row, suggested }) => suggested === truth[row]);
    expect(corrected.length / hits.length).toBeGreaterThan(0.9);
  });
});
