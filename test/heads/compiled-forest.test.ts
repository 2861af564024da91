import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { random } from "../../src/core/random.js";
import { compiledForest } from "../../src/heads/trees/compiled-forest.js";
import { forestJob } from "../../src/heads/trees/fit-forest.js";
import { type ForestJob, forestGrower, interpretedForest } from "../../src/heads/trees/forest-job.js";
import { type ForestOptions, randomForestOptions } from "../../src/heads/trees/forest-options.js";
import { matrix } from "../../src/linalg/matrix.js";

const built = existsSync(join(packageRoot(), "dist/src/heads/trees/trees.wasm"));

interface Shape {
  readonly rows: number;
  readonly cols: number;
  readonly classes: number;
  /** Values that a feature takes at most. */
  readonly values: number;
  readonly options?: Partial<ForestOptions>;
}

/** Feature 0 is constant, feature 1 tells classes apart with noise, the others are noise. */
function jobOf({ rows, cols, classes, values, options }: Shape, weight = 1, extra = false): ForestJob {
  const draw = random(rows + 31 * cols + classes);
  const codes = Int32Array.from({ length: rows }, () => draw.integer(classes));
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < data.length; i++) {
    const f = i % cols;
    const row = (i - f) / cols;
    if (f === 1) data[i] = Math.floor(((codes[row]! + 2 * draw.next()) / (classes + 1)) * values);
    else if (f > 1) data[i] = draw.integer(values) / 8 - 1;
  }
  const multipliers = new Float64Array(classes).fill(weight);
  return forestJob(
    { ...randomForestOptions.parse({ nEstimators: 4, seed: 5 }), ...options },
    extra,
    matrix(data, rows, cols),
    { kind: "classes", codes, multipliers, criterion: options?.criterion ?? "gini" },
    classes,
  );
}

const SHAPES: readonly Shape[] = [
  { rows: 2, cols: 2, classes: 2, values: 4 },
  { rows: 1, cols: 3, classes: 2, values: 4 },
  { rows: 40, cols: 1, classes: 3, values: 4 },
  { rows: 47, cols: 5, classes: 2, values: 1000, options: { bootstrap: false } },
  { rows: 48, cols: 5, classes: 2, values: 1000, options: { bootstrap: false } },
  { rows: 49, cols: 5, classes: 2, values: 1000, options: { bootstrap: false } },
  { rows: 900, cols: 12, classes: 2, values: 1000 },
  { rows: 900, cols: 12, classes: 2, values: 3, options: { minSamplesLeaf: 4 } },
  { rows: 900, cols: 12, classes: 6, values: 1000, options: { minSamplesLeaf: 7, minSamplesSplit: 30 } },
  { rows: 900, cols: 12, classes: 8, values: 200, options: { maxFeatures: "all", bootstrap: false } },
  { rows: 900, cols: 12, classes: 9, values: 200 },
  { rows: 2000, cols: 12, classes: 9, values: 30, options: { minSamplesLeaf: 60 } },
  { rows: 1500, cols: 12, classes: 40, values: 500, options: { minSamplesLeaf: 3 } },
  { rows: 1500, cols: 4, classes: 700, values: 500, options: { maxDepth: 5 } },
  { rows: 40_000, cols: 3, classes: 2, values: 2000, options: { maxDepth: 4, maxFeatures: "all" } },
];

describe.skipIf(!built).each([
  { thresholds: "searched", extra: false },
  { thresholds: "drawn", extra: true },
])("the same trees in WebAssembly and in TypeScript, thresholds $thresholds", ({ extra }) => {
  it.each(SHAPES)("%o", (shape) => {
    const job = jobOf(shape, 1, extra);
    const compiled = compiledForest(job)!;
    const interpreted = interpretedForest(job);
    // The second tree comes before the first: nothing is left of a tree.
    for (const t of [1, 0, 3]) expect(compiled(t)).toEqual(interpreted(t));
  });
});

it("entropy and weighted classes are grown in TypeScript", () => {
  const shape = { rows: 60, cols: 4, classes: 2, values: 50 };
  for (const job of [jobOf({ ...shape, options: { criterion: "entropy" } }), jobOf(shape, 0.5)]) {
    expect(compiledForest(job)).toBeNull();
    expect(forestGrower(job)(2)).toEqual(interpretedForest(job)(2));
  }
});
