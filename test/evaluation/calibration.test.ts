import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { fitCalibration } from "../../src/evaluation/calibration/fit-calibration.js";
import { fitIsotonic } from "../../src/evaluation/calibration/fit-isotonic.js";
import { fitPlatt } from "../../src/evaluation/calibration/fit-platt.js";
import { heldOutProbabilities } from "../../src/evaluation/calibration/held-out-probabilities.js";
import { argmaxRows } from "../../src/heads/argmax.js";
import { calibratedProbabilities } from "../../src/heads/calibrated-probabilities.js";
import { applyMap } from "../../src/heads/calibration-map.js";
import { matrix, selectRows } from "../../src/linalg/matrix.js";

interface Fixture {
  readonly name: string;
  readonly classes: number;
  readonly truth: number[];
  readonly scores: number[];
  readonly queries: number[];
  readonly maps: {
    readonly platt: { readonly slope: number; readonly intercept: number };
    readonly isotonic: { readonly x: number[]; readonly y: number[]; readonly queries: number[] };
  }[];
  readonly probabilities: Record<"platt" | "isotonic", number[]>;
}

const path = join(packageRoot(), "test/golden/sklearn/fixtures/calibration.json");
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: Fixture[] };
const METHODS = ["platt", "isotonic"] as const;

/** The largest difference of two lists of equal length. */
function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe.each(cases)("calibration of $name, as scikit-learn", (fixture) => {
  const { classes } = fixture;
  const scores = matrix(Float64Array.from(fixture.scores), fixture.truth.length, classes);
  const queries = matrix(Float64Array.from(fixture.queries), fixture.queries.length / classes, classes);

  it("has the same sigmoid", () => {
    // Relative 1e-4: scikit-learn's solver stops at a gradient of 1e-6.
    fitCalibration("platt", scores, fixture.truth).maps.forEach((map, k) => {
      const { slope, intercept } = fixture.maps[k]!.platt;
      if (map.kind !== "platt") throw new Error(map.kind);
      expect(Math.abs(map.slope / slope - 1)).toBeLessThan(1e-4);
      expect(Math.abs(map.intercept - intercept)).toBeLessThan(1e-4);
    });
  });

  it("has the same isotonic points", () => {
    fitCalibration("isotonic", scores, fixture.truth).maps.forEach((map, k) => {
      const { x, y } = fixture.maps[k]!.isotonic;
      if (map.kind !== "isotonic") throw new Error(map.kind);
      // Rounded values may differ in the last digit between the two, as differences of columns do.
      expect(furthest(map.x, x)).toBeLessThan(1e-9);
      expect(furthest(map.y, y)).toBeLessThan(1e-12);
    });
  });

  it.each(METHODS)("has the same %s probabilities where they agree with the label", (method) => {
    const found = calibratedProbabilities(fitCalibration(method, scores, fixture.truth), queries);
    const expected = matrix(Float64Array.from(fixture.probabilities[method]), queries.rows, classes);
    const labels = argmaxRows(queries);
    const clear = [...labels.keys()].filter((i) => {
      const row = expected.data.subarray(i * classes, (i + 1) * classes);
      return row.every((value, k) => k === labels[i] || value < row[labels[i]!]! - 1e-4);
    });
    expect(clear.length).toBeGreaterThan(10);
    const tolerance = method === "platt" ? 1e-4 : 1e-9;
    expect(furthest(selectRows(found, clear).data, selectRows(expected, clear).data)).toBeLessThan(tolerance);
  });
});

const problem = fc
  .record({ classes: fc.integer({ min: 2, max: 5 }), rows: fc.integer({ min: 2, max: 30 }) })
  .chain(({ classes, rows }) => {
    // Also values that are equal, huge, tiny and next to each other.
    const value = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.integer({ min: -2, max: 2 }),
      fc.constantFrom(1, 1 + 2 ** -23, 1e-30, 1e15),
    );
    const table = fc.array(value, { minLength: rows * classes, maxLength: rows * classes });
    return fc.record({
      classes: fc.constant(classes),
      rows: fc.constant(rows),
      scores: table,
      queries: table,
      truth: fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: rows, maxLength: rows }),
      method: fc.constantFrom(...METHODS),
    });
  });

describe("calibrated probabilities", () => {
  it("always have their largest at the label, sum to 1, and keep both in float32", () => {
    fc.assert(
      fc.property(problem, ({ classes, rows, scores, queries, truth, method }) => {
        const calibration = fitCalibration(method, matrix(Float64Array.from(scores), rows, classes), truth);
        const asked = matrix(Float64Array.from(queries), rows, classes);
        const found = calibratedProbabilities(calibration, asked);
        const labels = argmaxRows(asked);
        expect(argmaxRows(found)).toEqual(labels);
        expect(argmaxRows(matrix(Float32Array.from(found.data), rows, classes))).toEqual(labels);
        for (let i = 0; i < rows; i++) {
          const row = found.data.subarray(i * classes, (i + 1) * classes);
          expect(Math.abs(row.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-12);
        }
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it("of held-out folds owe nothing to the fold's own labels", () => {
    const { truth, scores, classes } = cases[0]!;
    const table = matrix(Float64Array.from(scores), truth.length, classes);
    const assigned = Int32Array.from(truth, (_, i) => i % 3);
    const codes = Int32Array.from(truth);
    const turned = codes.map((code, i) => (assigned[i] === 0 ? 1 - code : code));
    const first = (answers: { data: Float64Array }): number[] =>
      [...answers.data].filter((_, k) => assigned[Math.floor(k / 2)] === 0);
    for (const method of METHODS) {
      const honest = heldOutProbabilities(method, table, codes, assigned);
      const other = heldOutProbabilities(method, table, turned, assigned);
      expect(first(other)).toEqual(first(honest));
      expect(other.data).not.toEqual(honest.data);
    }
  });
});

describe("maps of little", () => {
  const values = Float64Array.of(3, 3, 3, 3);

  it("are the share of positives where all values are equal", () => {
    const map = fitIsotonic(values, Uint8Array.of(1, 0, 0, 0));
    for (const value of [-1e300, 2, 3, 1e300]) expect(applyMap(map, value)).toBe(0.25);
    expect(applyMap(fitPlatt(values, Uint8Array.of(1, 0, 1, 0)), 3)).toBeCloseTo(0.5, 6);
  });

  it("stay inside 0 and 1 for separable and for one-sided rows", () => {
    const spread = Float64Array.of(-1, -0.5, 0.5, 1);
    for (const positive of [Uint8Array.of(0, 0, 1, 1), new Uint8Array(4), new Uint8Array(4).fill(1)]) {
      for (const fit of [fitPlatt, fitIsotonic]) {
        const map = fit(spread, positive);
        for (const value of [-1e9, -1, 0, 1, 1e9]) {
          expect(applyMap(map, value)).toBeGreaterThanOrEqual(0);
          expect(applyMap(map, value)).toBeLessThanOrEqual(1);
        }
      }
    }
  });
});
