import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  comparePredictions,
  correctedTTest,
  mcnemarTest,
  timeOrderedSplits,
} from "../../src/evaluation/index.js";
import { studentTTwoSided } from "../../src/evaluation/student-t.js";

interface Golden {
  mcnemar: { onlyA: number; onlyB: number; p: number; midP: number }[];
  correctedT: { a: number[]; b: number[]; train: number; test: number; t: number; p: number }[];
  studentT: [t: number, df: number, p: number][];
  timeOrdered: { rows: number; folds: number; gap: number; splits: [number[], number[]][] }[];
}

const path = join(import.meta.dirname, "../golden/sklearn/fixtures/paired-tests.json");
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;

/** To nine digits, however small. */
const expectClose = (found: number, wanted: number): void =>
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-9 * Math.abs(wanted) + 1e-300);

describe("McNemar's test", () => {
  it.each(golden.mcnemar)("of $onlyA against $onlyB equals scipy's binomial test", ({
    onlyA,
    onlyB,
    p,
    midP,
  }) => {
    const found = mcnemarTest(onlyA, onlyB);
    expectClose(found.p, p);
    expectClose(found.midP, midP);
    expect(mcnemarTest(onlyB, onlyA)).toEqual(found);
  });
});

describe("the corrected resampled t-test", () => {
  it.each(golden.correctedT)("of folds $train / $test equals the formula by numpy and scipy", (one) => {
    const found = correctedTTest(one.a, one.b, { trainRows: one.train, testRows: one.test });
    expectClose(found.t, one.t);
    expectClose(found.p, one.p);
  });

  it("takes equal folds for no difference, and a constant one for a sure one", () => {
    const sizes = { trainRows: 90, testRows: 10 };
    expect(correctedTTest([0.5, 0.75], [0.5, 0.75], sizes)).toMatchObject({ t: 0, p: 1 });
    expect(correctedTTest([0.75, 1], [0.5, 0.75], sizes)).toMatchObject({ difference: 0.25, p: 0 });
  });

  it("refuses what it cannot use", () => {
    const sizes = { trainRows: 90, testRows: 10 };
    expect(() => correctedTTest([0.5], [0.5], sizes)).toThrow(/at least two folds/);
    expect(() => correctedTTest([0.5, 1], [0.5], sizes)).toThrow(/expected \[2\]/);
    expect(() => correctedTTest([0.5, 1], [0.5, 1], { trainRows: 0, testRows: 1 })).toThrow(/above 0/);
  });

  it.each(golden.studentT)("t = %f with %i degrees of freedom equals scipy's", (t, df, p) => {
    expectClose(studentTTwoSided(t, df), p);
  });
});

describe("time-ordered splits", () => {
  it.each(golden.timeOrdered)("of $rows rows in $folds equal scikit-learn's", ({
    rows,
    folds,
    gap,
    splits,
  }) => {
    const times = Array.from({ length: rows }, (_, i) => i * 10);
    const found = timeOrderedSplits(times, { splits: folds, gap });
    expect(found.map(({ train, test }) => [[...train], [...test]])).toEqual(splits);
  });
});

describe("a paired comparison", () => {
  it("counts rows, and its interval holds the difference and shrinks with more rows", async () => {
    const widths: number[] = [];
    for (const times of [1, 16]) {
      const repeat = (flags: number[]): number[] => Array.from({ length: times }, () => flags).flat();
      const a = repeat([1, 1, 1, 1, 1, 1, 0, 0, 1, 1]);
      const b = repeat([1, 1, 1, 0, 0, 0, 1, 0, 1, 1]);
      const found = await comparePredictions(a, b, { seed: 2 });
      expect(found).toMatchObject({
        bothRight: 5 * times,
        onlyA: 3 * times,
        onlyB: 1 * times,
        bothWrong: 1 * times,
      });
      expect(found.difference.value).toBeCloseTo(0.2, 12);
      expect(found.difference.low).toBeLessThan(0.2);
      expect(found.difference.high).toBeGreaterThan(0.2);
      widths.push(found.difference.high - found.difference.low);
    }
    expect(widths[0]! / widths[1]!).toBeGreaterThan(3);
    expect(widths[0]! / widths[1]!).toBeLessThan(5.5);
  });
});
