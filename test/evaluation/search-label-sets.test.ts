import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { measureLabelSets } from "../../src/evaluation/multi-label/measure-label-sets.js";
import { foldsOfSets, nestedFoldsOfSets } from "../../src/evaluation/search/folds-of-rows.js";
import { labelSetTask } from "../../src/evaluation/search/label-set-task.js";
import { nestedSearch } from "../../src/evaluation/search/nested-search.js";
import { recipesOfSpace } from "../../src/evaluation/search/recipes-of-space.js";
import { searchCandidates } from "../../src/evaluation/search/search-candidates.js";
import { labelSetFigure, SEARCH_METRICS } from "../../src/evaluation/search/search-metric.js";
import { countLabels, encodeLabelSets, selectSets } from "../../src/heads/multi-label/label-sets.js";
import { decidedLabels } from "../../src/heads/multi-label/multi-label-head.js";
import { matrix } from "../../src/linalg/matrix.js";

/** Labels that columns of noise shift; `rare` belongs to one row of 20. */
function noisySets(rows: number, seed: number) {
  const rng = random(seed);
  const names = ["a", "b", "rare"];
  const named = Array.from({ length: rows }, (_, i) =>
    names.filter((name) => (name === "rare" ? i % 20 === 0 : rng.next() < 0.4)),
  );
  const data = new Float32Array(rows * 5);
  for (let k = 0; k < data.length; k++) {
    const has = named[Math.floor(k / 5)]!.includes(names[k % 5] ?? "");
    data[k] = rng.next() + rng.next() - 1 + (has ? 0.8 : 0);
  }
  return { X: matrix(data, rows, 5), sets: encodeLabelSets(named) };
}

describe("a search over label sets", () => {
  it("finds scikit-learn's macro F1 in each fold, and its winner", async () => {
    const golden = JSON.parse(
      readFileSync(join(import.meta.dirname, "../golden/sklearn/fixtures/search-multilabel.json"), "utf8"),
    ) as { labels: string[]; cols: number; grid: number[]; scores: number[][]; best: number } & Record<
      "X" | "Y" | "folds",
      number[]
    >;
    const rows = golden.folds.length;
    const X = matrix(Float32Array.from(golden.X), rows, golden.cols);
    const sets = { labels: golden.labels, rows, members: Uint8Array.from(golden.Y) };
    const folds = [0, 1, 2].map((fold) => ({
      inside: golden.folds.flatMap((part, row) => (part === fold ? [] : [row])),
      held: golden.folds.flatMap((part, row) => (part === fold ? [row] : [])),
    }));
    const grid = { C: golden.grid, tol: [1e-9], maxIter: [100_000] };
    const candidates = recipesOfSpace({ heads: ["logistic-regression"], grid, scales: ["standard"] });
    const found = await searchCandidates(candidates, labelSetTask(X, sets), folds, { seed: 0 });
    found.forEach(({ scores }, i) => {
      scores.forEach((score, fold) => {
        expect(score).toBeCloseTo(golden.scores[i]![fold]!, 9);
      });
    });
    expect(found.findIndex(({ rank }) => rank === 1)).toBe(golden.best);
  });

  it("chooses by the figures that evaluation shows", async () => {
    const { X, sets } = noisySets(200, 3);
    const scores = matrix(
      Float64Array.from({ length: 600 }, (_, k) => X.data[k]! - 0.3),
      200,
      3,
    );
    const decided = decidedLabels(scores);
    const report = await measureLabelSets({ truth: sets, decided, scores, probabilities: null }, null);
    const expected = {
      accuracy: report.subsetAccuracy.value,
      "balanced-accuracy": report.balancedAccuracy,
      "macro-f1": report.macroF1,
      "micro-f1": report.microF1,
      "weighted-f1": report.weightedF1,
      "samples-f1": report.samplesF1,
      mcc: report.mcc,
    };
    for (const metric of SEARCH_METRICS) {
      expect(labelSetFigure(metric, sets, decided), metric).toBeCloseTo(expected[metric], 12);
    }
  });

  it("halves on rows that keep the labels' shares, smaller shares being parts of larger ones", async () => {
    const { X, sets } = noisySets(1200, 4);
    const task = labelSetTask(X, sets);
    const rows = Array.from({ length: 1000 }, (_, i) => i + 100);
    const third = task.sample(rows, 1 / 3, 5);
    const ninth = task.sample(rows, 1 / 9, 5);
    expect(ninth.every((row) => third.includes(row))).toBe(true);
    expect(task.sample(rows, 1, 5)).toEqual(rows);
    for (const [part, share] of [
      [third, 3],
      [ninth, 9],
    ] as const) {
      const all = countLabels(selectSets(sets, rows));
      countLabels(selectSets(sets, part)).forEach((count, k) => {
        expect(Math.abs(count - all[k]! / share)).toBeLessThanOrEqual(2);
      });
      expect(Math.abs(part.length - 1000 / share)).toBeLessThanOrEqual(2);
    }
    const candidates = recipesOfSpace({ heads: ["ridge"], grid: { alpha: [1e7, 1e6, 1e5, 10, 1] } });
    const folds = foldsOfSets(sets, { folds: 2, seed: 1 });
    const halved = await searchCandidates(candidates, task, folds, { seed: 1, halving: true });
    const all = await searchCandidates(candidates, task, folds, { seed: 1 });
    expect(halved.filter(({ rounds }) => rounds === 1)).toHaveLength(3);
    const best = (found: typeof all) => found.find(({ rank }) => rank === 1)!.mean;
    expect(best(all) - best(halved)).toBeLessThan(0.02);
  });

  it("answers each row in the nested search by a winner that never saw it", async () => {
    const { X, sets } = noisySets(240, 6);
    const candidates = recipesOfSpace({ heads: ["ridge"], grid: { alpha: [1e6, 1] } });
    const folds = nestedFoldsOfSets(sets, 3, { folds: 2, seed: 1, repeats: 2 });
    expect(folds.map(({ inner }) => inner.length)).toEqual([4, 4, 4]);
    expect(folds.flatMap(({ held }) => held).sort((a, b) => a - b)).toEqual([...Array(240).keys()]);
    const found = await nestedSearch(candidates, labelSetTask(X, sets), folds, { seed: 1 });
    expect(found.winners).toEqual([1, 1, 1]);
    folds.forEach(({ held }, k) => {
      const answers = Uint8Array.from(
        held.flatMap((row) => Array.from(found.predicted.slice(3 * row, 3 * row + 3))),
      );
      expect(labelSetFigure("macro-f1", selectSets(sets, held), answers)).toBeCloseTo(found.scores[k]!, 12);
    });
  });

  it("keeps groups whole", () => {
    const { sets } = noisySets(60, 7);
    const groups = Array.from({ length: 60 }, (_, i) => Math.floor(i / 6));
    for (const { inside, held } of foldsOfSets(sets, { folds: 3, seed: 1, repeats: 2, groups })) {
      const seen = new Set(inside.map((row) => groups[row]));
      expect(held.some((row) => seen.has(groups[row]))).toBe(false);
    }
  });
});
