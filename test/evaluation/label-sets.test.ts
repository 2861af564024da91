import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { labelSetFolds } from "../../src/evaluation/multi-label/label-set-folds.js";
import { measureLabelSets } from "../../src/evaluation/multi-label/measure-label-sets.js";
import { countLabels, encodeLabelSets, selectSets } from "../../src/heads/multi-label/label-sets.js";
import { matrix } from "../../src/linalg/matrix.js";

/** Written by test/golden/sklearn/multilabel.py. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/sklearn/fixtures/multilabel.json"), "utf8"),
) as {
  labels: string[];
  test: { Y: number[] };
  scores: Record<string, number[]>;
  probabilities: number[];
  decided: number[];
  figures: Record<string, number> & { perLabel: Record<string, number>[] };
};
const width = golden.labels.length;
const rows = golden.decided.length / width;
const answers = {
  truth: { labels: golden.labels, rows, members: Uint8Array.from(golden.test.Y) },
  decided: Uint8Array.from(golden.decided),
  scores: matrix(Float64Array.from(golden.scores["logistic-regression"]!), rows, width),
  probabilities: matrix(Float64Array.from(golden.probabilities), rows, width),
};

describe("figures of several labels a row", () => {
  it("are scikit-learn's", async () => {
    const report = await measureLabelSets(answers);
    const { perLabel, subsetAccuracy, ...expected } = golden.figures;
    expect(report.subsetAccuracy.value).toBeCloseTo(subsetAccuracy!, 12);
    for (const [name, value] of Object.entries(expected)) {
      expect([name, Reflect.get(report, name)]).toEqual([name, expect.closeTo(value as number, 9)]);
    }
    report.perLabel.forEach(({ name, ...figures }, k) => {
      expect(name).toBe(golden.labels[k]);
      for (const [figure, value] of Object.entries(figures))
        expect(value).toBeCloseTo(perLabel[k]![figure]!, 9);
    });
  });

  it("have intervals about them, the same for the same seed", async () => {
    const report = await measureLabelSets(answers, { resamples: 200 });
    for (const [name, interval] of Object.entries(report.intervals)) {
      const value = Reflect.get(report, name) as number;
      expect(interval!.low).toBeLessThan(value);
      expect(interval!.high).toBeGreaterThan(value);
      expect(interval!.high - interval!.low).toBeLessThan(0.4);
    }
    expect(await measureLabelSets(answers, { resamples: 200 })).toEqual(report);
  });

  it("count a row without labels that is given none as right", async () => {
    const truth = encodeLabelSets([[], ["a"]], ["a", "b"]);
    const report = await measureLabelSets({
      truth,
      decided: Uint8Array.of(0, 0, 1, 0),
      scores: matrix(Float64Array.of(-1, -2, 1, -1), 2, 2),
      probabilities: null,
    });
    expect(report).toMatchObject({
      samplesF1: 1,
      hammingLoss: 0,
      labelRankingAveragePrecision: 1,
      logLoss: null,
    });
    expect(report.subsetAccuracy.value).toBe(1);
    expect(report.perLabel[1]).toEqual({
      ...{ name: "b", precision: 0, recall: 0, f1: 0, rows: 0, averagePrecision: null },
    });
  });
});

describe("folds of several labels a row", () => {
  const rng = random(5);
  const share = { common: 0.6, some: 0.2, rare: 0.02, rarest: 0.01 };
  const sets = encodeLabelSets(
    Array.from({ length: 500 }, () =>
      Object.entries(share).flatMap(([name, p]) => (rng.next() < p ? [name] : [])),
    ),
    Object.keys(share).sort(),
  );

  it("hold each label in its share, rare ones in as many folds as they have rows", () => {
    const assigned = labelSetFolds(sets, 5, 0);
    const all = countLabels(sets);
    for (let fold = 0; fold < 5; fold++) {
      const inside = [...assigned.keys()].filter((row) => assigned[row] === fold);
      expect(Math.abs(inside.length - 100)).toBeLessThanOrEqual(5);
      countLabels(selectSets(sets, inside)).forEach((count, k) => {
        expect(count).toBeGreaterThanOrEqual(Math.floor(all[k]! / 5) - (all[k]! > 50 ? 2 : 0));
        expect(count).toBeLessThanOrEqual(Math.ceil(all[k]! / 5) + (all[k]! > 50 ? 2 : 0));
      });
    }
  });

  it("are the same for the same seed, and others for another", () => {
    expect(labelSetFolds(sets, 5, 7)).toEqual(labelSetFolds(sets, 5, 7));
    expect(labelSetFolds(sets, 5, 7)).not.toEqual(labelSetFolds(sets, 5, 8));
  });

  it("are refused in numbers that make no sense", () => {
    expect(() => labelSetFolds(sets, 1, 0)).toThrow(/at least 2/);
    expect(() => labelSetFolds(encodeLabelSets([["a"], []]), 3, 0)).toThrow(/2 rows, fewer than the 3 folds/);
  });
});
