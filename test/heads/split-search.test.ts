import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { random } from "../../src/core/random.js";
import { binFeatures } from "../../src/heads/trees/bin-features.js";
import { compiledSearch } from "../../src/heads/trees/compiled-search.js";
import { boostedTreeGrower } from "../../src/heads/trees/grow-boosted-tree.js";
import { interpretedSearch } from "../../src/heads/trees/interpreted-search.js";
import type { SplitSearch } from "../../src/heads/trees/split-search.js";
import { matrix } from "../../src/linalg/matrix.js";

const built = existsSync(join(packageRoot(), "dist/src/heads/trees/trees.wasm"));

interface Shape {
  readonly rows: number;
  readonly cols: number;
  readonly bins: number;
  /** Values that a feature takes at most. */
  readonly values: number;
  /** Every which feature may be split. */
  readonly every?: number;
  readonly leaves?: number;
  readonly minSamplesLeaf?: number;
  readonly l2?: number;
}

it.skipIf(!built).each<Shape>([
  { rows: 1, cols: 1, bins: 2, values: 3 },
  { rows: 60, cols: 1, bins: 256, values: 1000 },
  { rows: 3000, cols: 7, bins: 64, values: 1000, leaves: 31 },
  { rows: 3000, cols: 8, bins: 64, values: 5, leaves: 31, l2: 3 },
  { rows: 3000, cols: 9, bins: 17, values: 1000, leaves: 64, minSamplesLeaf: 1 },
  { rows: 2000, cols: 12, bins: 33, values: 200, every: 2, leaves: 15 },
  { rows: 2000, cols: 12, bins: 33, values: 200, every: 5, leaves: 15, minSamplesLeaf: 300 },
])("the same boosted trees in WebAssembly and in TypeScript: %o", (shape) => {
  const { rows, cols, bins, values, every = 1, leaves = 8, minSamplesLeaf = 20, l2 = 0 } = shape;
  const draw = random(rows + cols);
  const data = Float32Array.from({ length: rows * cols }, () => draw.integer(values) / 8 - 1);
  const X = binFeatures(matrix(data, rows, cols), bins);
  // A third of the rows is held out.
  const train = Int32Array.from({ length: rows }, (_, i) => i).filter((i) => rows === 1 || i % 3 !== 1);
  const features = Int32Array.from({ length: cols }, (_, f) => f).filter((f) => f % every === 0);
  const rules = { minSamplesLeaf, l2 };
  const growWith = (make: (own: Int32Array) => SplitSearch): ReturnType<typeof boostedTreeGrower> => {
    const own = new Int32Array(train.length);
    const options = { ...rules, maxLeafNodes: leaves, maxDepth: null, learningRate: 0.1 };
    return boostedTreeGrower(X, train, own, make(own), options);
  };
  const compiled = growWith((own) => compiledSearch(X, own, bins, leaves + 1, rules)!);
  const interpreted = growWith((own) => interpretedSearch(X, own, bins, rules));
  // What one tree leaves behind is nothing to the next.
  for (let round = 0; round < 3; round++) {
    const pairs = new Float64Array(2 * rows);
    for (let i = 0; i < rows; i++) {
      pairs[2 * i] = data[i * cols]! * data[i * cols + cols - 1]! + draw.next() - 0.5;
      pairs[2 * i + 1] = 0.1 + draw.next() / 8;
    }
    const expected = interpreted(pairs, features);
    expect(compiled(pairs, features)).toEqual(expected);
    if (rows > 100) expect(expected.tree.feature.length).toBeGreaterThan(2);
  }
});

it("histograms of more than a gigabyte are kept in TypeScript", () => {
  const X = binFeatures(matrix(new Float32Array(2000), 1, 2000));
  expect(compiledSearch(X, new Int32Array(1), 256, 200, { minSamplesLeaf: 1, l2: 0 })).toBeNull();
});
