import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import type { ProgressEvent } from "../../src/core/progress.js";
import { random } from "../../src/core/random.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { extraTrees } from "../../src/heads/trees/extra-trees.js";
import { fitBoosting } from "../../src/heads/trees/fit-boosting.js";
import { fitForest } from "../../src/heads/trees/fit-forest.js";
import { randomForestRegressor } from "../../src/heads/trees/forest-regressor.js";
import { gradientBoosting } from "../../src/heads/trees/gradient-boosting.js";
import { growForest } from "../../src/heads/trees/grow-forest.js";
import { randomForest } from "../../src/heads/trees/random-forest.js";
import { matrix } from "../../src/linalg/matrix.js";

const draw = random(3);
const X = matrix(
  Float32Array.from({ length: 1500 * 30 }, () => draw.next()),
  1500,
  30,
);
const y = encodeLabels(
  Array.from({ length: 1500 }, (_, i) => (X.data[i * 30]! + draw.next() > 1 ? "b" : "a")),
);

// Workers run what was built: without a build there is one thread only.
const built = existsSync(join(packageRoot(), "dist/src/heads/trees/tree-worker.js"));

it.skipIf(!built).each([
  ["random forest", randomForest],
  ["extra trees", extraTrees],
])("%s: the same on one, two and three threads", async (_, make) => {
  const estimator = make({ nEstimators: 120, seed: 5 });
  const one = await estimator.fit(X, y, { threads: 1 });
  for (const threads of [2, 3]) {
    const other = await estimator.fit(X, y, { threads });
    expect(other.trees).toEqual(one.trees);
    expect(other.oobScore).toBe(one.oobScore);
    expect(other.featureImportances).toEqual(one.featureImportances);
  }
});

it.skipIf(!built)("regression: the same on one thread and on two", async () => {
  const targets = Float64Array.from({ length: 1500 }, (_, i) => X.data[i * 30]! ** 2);
  const estimator = randomForestRegressor({ nEstimators: 30, maxDepth: 8 });
  const one = await estimator.fit(X, targets, { threads: 1 });
  expect((await estimator.fit(X, targets, { threads: 2 })).trees).toEqual(one.trees);
});

describe.skipIf(!built)("boosting", () => {
  // Wide, as only what takes a while is divided.
  const wide = matrix(
    Float32Array.from({ length: 1200 * 250 }, () => draw.next()),
    1200,
    250,
  );
  const kinds = encodeLabels(
    Array.from({ length: 1200 }, (_, i) => String(Math.floor(3 * wide.data[i * 250 + 7]! + draw.next()))),
  );

  it.each([
    { maxIter: 90, maxLeafNodes: 5 },
    { maxIter: 90, maxLeafNodes: 5, maxFeatures: 0.3, earlyStopping: true, nIterNoChange: 3 },
  ])("is the same on one, two and three threads: %o", async (options) => {
    const rounds: number[] = [];
    const onProgress = ({ done }: ProgressEvent): number => rounds.push(done);
    const one = await gradientBoosting(options).fit(wide, kinds, { threads: 1, onProgress });
    const told = rounds.splice(0);
    expect(told).toEqual(Array.from({ length: told.length }, (_, k) => k + 1));
    for (const threads of [2, 3]) {
      const other = await gradientBoosting(options).fit(wide, kinds, { threads, onProgress });
      expect(other.boosted).toEqual(one.boosted);
      expect(rounds.splice(0)).toEqual(told);
    }
  });

  it("ends its threads at once when aborted", async () => {
    const abort = new AbortController();
    const fit = gradientBoosting({ maxIter: 10_000 }).fit(wide, kinds, { threads: 2, signal: abort.signal });
    const ended = expect(fit).rejects.toThrow(expect.objectContaining({ code: "interrupted" }));
    await setTimeout(400);
    const asked = performance.now();
    abort.abort();
    await ended;
    expect(performance.now() - asked).toBeLessThan(2000);
  });

  it("is ended by an error in a thread", async () => {
    // A number of leaves that no array can have.
    const options = { ...gradientBoosting({ maxIter: 200 }).options, maxLeafNodes: 2 ** 53 };
    await expect(fitBoosting(options, wide, kinds, { threads: 2 })).rejects.toThrow(RangeError);
  });
});

it("reports every tree", async () => {
  const events: ProgressEvent[] = [];
  await randomForest({ nEstimators: 60 }).fit(X, y, {
    threads: 2,
    onProgress: (event) => events.push(event),
  });
  expect(events.map(({ done }) => done)).toEqual(Array.from({ length: 60 }, (_, t) => t + 1));
  expect(events[0]).toMatchObject({ stage: "fit", total: 60, unit: "trees" });
});

it.each([1, 2])("an abort ends a fit on %d threads at once", async (threads) => {
  const abort = new AbortController();
  const fit = randomForest({ nEstimators: 10_000 }).fit(X, y, { threads, signal: abort.signal });
  const ended = expect(fit).rejects.toThrow(expect.objectContaining({ code: "interrupted" }));
  await setTimeout(300);
  const asked = performance.now();
  abort.abort();
  await ended;
  expect(performance.now() - asked).toBeLessThan(2000);
  await expect(randomForest().fit(X, y, { threads, signal: abort.signal })).rejects.toThrow("Interrupted");
});

it.skipIf(!built)("an error in a worker ends the fit", async () => {
  const options = { ...randomForest({ nEstimators: 300 }).options };
  await expect(
    fitForest("x", options, false, X, { ...y, codes: y.codes }, { threads: 2 }),
  ).resolves.toBeDefined();
  const broken = {
    X: { rows: 1500, cols: 30, bins: new Uint8Array(1500 * 30), edges: [], tops: [] },
    target: { kind: "means", values: null as unknown as Float64Array },
    grow: { maxDepth: null, features: 30, minSamplesSplit: 2, minSamplesLeaf: 1, outputs: 1 },
    bootstrap: true,
    extra: false,
    seeds: new Uint32Array(100),
  } as const;
  await expect(growForest(broken, { threads: 2 })).rejects.toThrow(TypeError);
});
