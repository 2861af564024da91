import { describe, expect, it } from "vitest";
import { bootstrapIntervals, measurePredictions } from "../../src/evaluation/index.js";
import { weightedMean } from "../../src/evaluation/metrics/weighted-metric.js";
import { matrix } from "../../src/linalg/matrix.js";

describe("bootstrap intervals", () => {
  const flags = Float64Array.from({ length: 400 }, (_, i) => Number(i % 5 > 0));
  const share = weightedMean(flags);
  const measure = (weights: Int32Array) => ({ share: share(weights) });

  it("of a share are close to the binomial ones", async () => {
    const { share: interval } = await bootstrapIntervals(400, measure, { resamples: 4000, seed: 1 });
    // 0.8 ± 1.96 · 0.02
    expect(interval!.low).toBeCloseTo(0.7608, 2);
    expect(interval!.high).toBeCloseTo(0.8392, 2);
  });

  it("come again with the same seed, and change with another", async () => {
    const run = (seed: number) => bootstrapIntervals(400, measure, { seed });
    expect(await run(3)).toEqual(await run(3));
    expect(await run(3)).not.toEqual(await run(4));
  });

  it("draw as many rows as there are", async () => {
    await bootstrapIntervals(
      7,
      (weights) => {
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(7);
        return {};
      },
      { resamples: 50 },
    );
  });

  it("leave out resamples without a value; null where no one has one", async () => {
    const found = await bootstrapIntervals(2, (weights) => ({
      never: Number.NaN,
      sometimes: weights[0] === 2 ? 1 : Number.NaN,
    }));
    expect(found).toEqual({ never: null, sometimes: { low: 1, high: 1 } });
  });

  it("stop when aborted", async () => {
    const signal = AbortSignal.abort();
    await expect(bootstrapIntervals(400, measure, { signal })).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("measured predictions", () => {
  const truth = [0, 0, 1, 1, 0, 1, 0, 1];
  const predicted = [0, 0, 1, 1, 0, 1, 1, 0];
  const scores = matrix(
    Float32Array.from(predicted.flatMap((code, i) => (code === 1 ? [0, 1 + i] : [1 + i, 0]))),
    8,
    2,
  );

  it("have figures of rankings without probabilities, and no figures of probabilities", async () => {
    const { values, intervals } = await measurePredictions({
      truth,
      predicted,
      classes: 2,
      scores,
      probabilities: null,
    });
    expect(values).toMatchObject({ balancedAccuracy: 0.75, mcc: 0.5, logLoss: null, brier: null });
    expect(values.rocAuc).toBeGreaterThan(0.5);
    expect(intervals.logLoss).toBeNull();
    for (const name of ["balancedAccuracy", "macroF1", "mcc", "rocAuc", "prAuc"] as const) {
      expect(intervals[name]!.low).toBeLessThanOrEqual(values[name]!);
      expect(intervals[name]!.high).toBeGreaterThanOrEqual(values[name]!);
    }
  });

  it("have none of either where the head does not know a true class", async () => {
    const { values } = await measurePredictions({
      truth: [2, ...truth.slice(1)],
      predicted,
      classes: 3,
      scores,
      probabilities: scores,
    });
    expect(values).toMatchObject({ logLoss: null, rocAuc: null, prAuc: null, calibrationError: null });
    expect(values.macroF1).toBeGreaterThan(0);
  });

  it("of one class only have no areas under curves", async () => {
    const { values } = await measurePredictions({
      truth: [1, 1],
      predicted: [1, 0],
      classes: 2,
      scores: matrix(Float32Array.of(0, 1, 1, 0), 2, 2),
      probabilities: null,
    });
    expect(values).toMatchObject({ rocAuc: null, prAuc: null, balancedAccuracy: 0.5 });
  });
});
