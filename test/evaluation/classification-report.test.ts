import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { classificationReport, confusionMatrix, wilsonInterval } from "../../src/evaluation/index.js";

interface Case {
  classes: number;
  truth: number[];
  predicted: number[];
  confusion: number[][];
  accuracy: number;
  interval: [number, number];
  balancedAccuracy: number;
  macroF1: number;
  microF1: number;
  weightedF1: number;
  mcc: number;
  precision: number[];
  recall: number[];
  f1: number[];
  rows: number[];
}

const path = join(import.meta.dirname, "../golden/sklearn/fixtures/metrics.json");
const cases = JSON.parse(readFileSync(path, "utf8")) as Case[];

describe("classification figures equal scikit-learn's", () => {
  for (const [i, golden] of cases.entries()) {
    it(`case ${i}: ${golden.classes} classes, ${golden.truth.length} rows`, () => {
      const confusion = confusionMatrix(golden.truth, golden.predicted, golden.classes);
      expect(confusion).toEqual(golden.confusion);
      const names = golden.rows.map((_, k) => `class ${k}`);
      const report = classificationReport(confusion, names);
      expect(report.accuracy.value).toBeCloseTo(golden.accuracy, 12);
      expect(report.accuracy.low).toBeCloseTo(golden.interval[0], 12);
      expect(report.accuracy.high).toBeCloseTo(golden.interval[1], 12);
      expect(report.balancedAccuracy).toBeCloseTo(golden.balancedAccuracy, 12);
      expect(report.macroF1).toBeCloseTo(golden.macroF1, 12);
      expect(report.microF1).toBeCloseTo(golden.microF1, 12);
      expect(report.weightedF1).toBeCloseTo(golden.weightedF1, 12);
      expect(report.mcc).toBeCloseTo(golden.mcc, 12);
      for (const [k, figures] of report.perClass.entries()) {
        expect(figures.precision).toBeCloseTo(golden.precision[k]!, 12);
        expect(figures.recall).toBeCloseTo(golden.recall[k]!, 12);
        expect(figures.f1).toBeCloseTo(golden.f1[k]!, 12);
        expect(figures.rows).toBe(golden.rows[k]);
      }
    });
  }

  it("keeps the interval inside [0, 1] at both ends", () => {
    const all = wilsonInterval(10, 10);
    expect(all.high).toBeCloseTo(1, 12);
    expect(all.high).toBeLessThanOrEqual(1);
    expect(all.low).toBeCloseTo(0.7225, 4);
    const none = wilsonInterval(0, 10);
    expect(none.low).toBeCloseTo(0, 12);
    expect(none.low).toBeGreaterThanOrEqual(0);
  });
});
