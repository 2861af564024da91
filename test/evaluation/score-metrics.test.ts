import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { averagePrecision } from "../../src/evaluation/metrics/average-precision.js";
import { brierScore } from "../../src/evaluation/metrics/brier-score.js";
import { calibrationError } from "../../src/evaluation/metrics/calibration-error.js";
import { logLoss } from "../../src/evaluation/metrics/log-loss.js";
import { meanOverRankings, rankOneVsRest } from "../../src/evaluation/metrics/one-vs-rest.js";
import { rankRows } from "../../src/evaluation/metrics/ranked-rows.js";
import { rocAuc } from "../../src/evaluation/metrics/roc-auc.js";
import { matrix } from "../../src/linalg/matrix.js";

type Figures = Record<
  "logLoss" | "brier" | "calibrationError" | "scoreRocAuc" | "scorePrAuc" | "rocAuc" | "prAuc",
  number
>;

interface Case {
  classes: number;
  truth: number[];
  scores: number[];
  probabilities: number[];
  weights: number[];
  plain: Figures;
  weighted: Figures;
}

const path = join(import.meta.dirname, "../golden/sklearn/fixtures/score-metrics.json");
const cases = JSON.parse(readFileSync(path, "utf8")) as Case[];

describe("figures of probabilities and rankings equal scikit-learn's", () => {
  for (const [i, golden] of cases.entries()) {
    it(`case ${i}: ${golden.classes} classes, with and without weights`, () => {
      const { truth, classes, weights } = golden;
      const table = (data: number[]) => matrix(Float64Array.from(data), truth.length, classes);
      const byScore = rankOneVsRest(truth, table(golden.scores), "scores");
      const byProbability = rankOneVsRest(truth, table(golden.probabilities), "probabilities");
      const figures = {
        logLoss: logLoss(truth, table(golden.probabilities)),
        brier: brierScore(truth, table(golden.probabilities)),
        calibrationError: calibrationError(truth, table(golden.probabilities)),
        scoreRocAuc: meanOverRankings(byScore, rocAuc),
        scorePrAuc: meanOverRankings(byScore, averagePrecision),
        rocAuc: meanOverRankings(byProbability, rocAuc),
        prAuc: meanOverRankings(byProbability, averagePrecision),
      };
      for (const [name, figure] of Object.entries(figures)) {
        expect(figure(), name).toBeCloseTo(golden.plain[name as keyof Figures], 10);
        expect(figure(weights), `${name}, weighted`).toBeCloseTo(golden.weighted[name as keyof Figures], 10);
      }
    });
  }
});

describe("areas under curves", () => {
  const ranked = fc
    .array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.boolean()), { minLength: 2, maxLength: 40 })
    .filter((rows) => new Set(rows.map(([, positive]) => positive)).size === 2);
  const rank = (rows: [number, boolean][], score = (x: number) => x) =>
    rankRows(
      Float64Array.from(rows, ([x]) => score(x)),
      rows.map(([, positive]) => positive),
    );

  it("depend on the order of the scores alone, and not on the order of the rows", () => {
    fc.assert(
      fc.property(ranked, (rows) => {
        for (const area of [rocAuc, averagePrecision]) {
          const value = area(rank(rows))();
          expect(area(rank(rows, (x) => Math.exp(3 * x) + 7))()).toBeCloseTo(value, 12);
          expect(area(rank([...rows].reverse()))()).toBeCloseTo(value, 12);
        }
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it("ROC-AUC is the share of pairs in the right order, and its complement for turned scores", () => {
    fc.assert(
      fc.property(ranked, (rows) => {
        const positives = rows.filter(([, positive]) => positive);
        const negatives = rows.filter(([, positive]) => !positive);
        const pairs = positives.flatMap(([p]) => negatives.map(([n]) => (p > n ? 1 : p === n ? 0.5 : 0)));
        const share = pairs.reduce((sum: number, one) => sum + one, 0) / pairs.length;
        expect(rocAuc(rank(rows))()).toBeCloseTo(share, 12);
        expect(rocAuc(rank(rows, (x) => -x))()).toBeCloseTo(1 - share, 12);
      }),
      { numRuns: 200, seed: 4 },
    );
  });

  it("a weight counts as so many rows", () => {
    fc.assert(
      fc.property(
        ranked,
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 40, maxLength: 40 }),
        (rows, w) => {
          const repeated = rows.flatMap((row, i) => new Array<[number, boolean]>(w[i]!).fill(row));
          for (const area of [rocAuc, averagePrecision]) {
            expect(area(rank(rows))(w)).toBeCloseTo(area(rank(repeated))(), 12);
          }
        },
      ),
      { numRuns: 100, seed: 5 },
    );
  });

  it("are not defined for one class", () => {
    expect(rocAuc(rankRows(Float64Array.of(1, 2), [1, 1]))()).toBeNaN();
    expect(averagePrecision(rankRows(Float64Array.of(1, 2), [0, 0]))()).toBeNaN();
  });
});

describe("figures of float32 probabilities", () => {
  it("log-loss stays finite for a certain answer that is wrong", () => {
    const sure = matrix(Float32Array.of(1, 0), 1, 2);
    expect(logLoss([1], sure)()).toBeCloseTo(-Math.log(2 ** -23), 6);
    expect(logLoss([0], sure)()).toBeLessThan(1e-6);
  });

  it("calibration error is 0 for answers that are right as often as they say, 1 for sure ones that are wrong", () => {
    const sure = matrix(Float32Array.of(1, 0, 0, 1), 2, 2);
    expect(calibrationError([0, 1], sure)()).toBe(0);
    expect(calibrationError([1, 0], sure)()).toBe(1);
    const half = matrix(Float32Array.of(0.5, 0.5, 0.5, 0.5), 2, 2);
    expect(calibrationError([0, 1], half)()).toBe(0);
  });
});
