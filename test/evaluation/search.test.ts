import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeadstartError } from "../../src/core/errors.js";
import { random } from "../../src/core/random.js";
import { stratifiedFolds } from "../../src/evaluation/index.js";
import { classTask } from "../../src/evaluation/search/class-task.js";
import { DEFAULT_GRIDS } from "../../src/evaluation/search/default-grids.js";
import { type Fold, foldsOfRows, nestedFolds } from "../../src/evaluation/search/folds-of-rows.js";
import { halvingRounds } from "../../src/evaluation/search/halving-rounds.js";
import { countNestedFits, nestedSearch } from "../../src/evaluation/search/nested-search.js";
import { type Candidate, recipesOfSpace } from "../../src/evaluation/search/recipes-of-space.js";
import { sampleRows } from "../../src/evaluation/search/sample-rows.js";
import { countFits, searchCandidates } from "../../src/evaluation/search/search-candidates.js";
import type { Labels } from "../../src/heads/classifier.js";
import { fitHead } from "../../src/heads/head.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { HEADS } from "../../src/heads/registry.js";
import { type Matrix, matrix } from "../../src/linalg/matrix.js";

interface GoldenSet {
  readonly name: string;
  readonly cols: number;
  readonly X: number[];
  readonly y: string[];
  readonly folds: number[];
  /** For each fold, the inner fold of each row outside it. */
  readonly inner: number[][];
  readonly searches: {
    readonly head: string;
    readonly grid: Record<string, unknown[]>;
    readonly sets: Record<string, unknown>[];
    readonly accuracies: number[][];
    readonly best: number;
    readonly nested: number[];
    readonly winners: number[];
  }[];
}

const { sets } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/sklearn/fixtures/search.json"), "utf8"),
) as { sets: GoldenSet[] };

const foldsFrom = (assigned: readonly number[]): Fold[] =>
  [...new Set(assigned)].sort().map((fold) => ({
    inside: assigned.flatMap((part, row) => (part === fold ? [] : [row])),
    held: assigned.flatMap((part, row) => (part === fold ? [row] : [])),
  }));

/** Two noisy clouds. */
function clouds(rows: number, cols = 6, gap = 1, seed = 11): { X: Matrix<Float32Array>; y: Labels } {
  const rng = random(seed);
  const labels = Array.from({ length: rows }, (_, i) => (i % 2 === 0 ? "a" : "b"));
  const data = Float32Array.from({ length: rows * cols }, (_, k) => {
    const noise = rng.next() + rng.next() + rng.next() - 1.5;
    return noise + (k % cols === 0 && Math.floor(k / cols) % 2 === 1 ? gap : 0);
  });
  return { X: matrix(data, rows, cols), y: encodeLabels(labels) };
}

describe.each(sets)("grid search on $name equals GridSearchCV", (golden) => {
  const X = matrix(Float32Array.from(golden.X), golden.y.length, golden.cols);
  const y = encodeLabels(golden.y);
  const tight: Record<string, Record<string, unknown[]>> = {
    "linear-svm": { tol: [1e-8], maxIter: [100_000] },
    "logistic-regression": { tol: [1e-9], maxIter: [100_000] },
    svm: { tol: [1e-6] },
  };

  const candidatesOf = ({ head, grid }: GoldenSet["searches"][number]): Candidate[] =>
    recipesOfSpace({ heads: [head], grid: { ...grid, ...tight[head] }, scales: ["standard"] });

  it.each(golden.searches)("$head: the same accuracies and winner", async (search) => {
    const candidates = candidatesOf(search);
    expect(candidates.map(({ set }) => set)).toMatchObject(search.sets);
    const found = await searchCandidates(candidates, classTask(X, y), foldsFrom(golden.folds), { seed: 0 });
    expect(found.map(({ scores }) => scores)).toEqual(search.accuracies);
    expect(found.findIndex(({ rank }) => rank === 1)).toBe(search.best);
  });

  it.each(golden.searches)("$head: the same in nested cross-validation", async (search) => {
    const folds = foldsFrom(golden.folds).map((fold, i) => ({ ...fold, inner: foldsFrom(golden.inner[i]!) }));
    const found = await nestedSearch(candidatesOf(search), classTask(X, y), folds, { seed: 0 });
    expect(found.winners).toEqual(search.winners);
    expect(found.scores).toEqual(search.nested);
  });
});

describe("a search space", () => {
  it("gives an option to the heads that have it, and to one head by its name", () => {
    const grid = { C: [1, 10], gamma: ["scale", 0.1], "linear-svm.loss": ["hinge"] };
    const candidates = recipesOfSpace({ heads: ["svm", "linear-svm", "ridge"], grid });
    expect(candidates.filter(({ name }) => name === "svm").map(({ set }) => set)).toEqual([
      { C: 1, gamma: "scale" },
      { C: 1, gamma: 0.1 },
      { C: 10, gamma: "scale" },
      { C: 10, gamma: 0.1 },
    ]);
    expect(candidates.filter(({ name }) => name === "linear-svm").map(({ set }) => set)).toEqual([
      { C: 1, loss: "hinge" },
      { C: 10, loss: "hinge" },
    ]);
    expect(candidates.filter(({ name }) => name === "ridge").map(({ set }) => set)).toEqual(
      DEFAULT_GRIDS.ridge.alpha!.map((alpha) => ({ alpha })),
    );
  });

  it("lists what comes to the same once", () => {
    const space = { heads: ["svm"], grid: { C: [1, 1] }, scales: ["auto", "standard", "none"] } as const;
    expect(recipesOfSpace(space).map(({ scale }) => scale)).toEqual(["standard", "none"]);
  });

  it.each(Object.keys(HEADS))("has a default grid for %s that the head accepts", (name) => {
    expect(recipesOfSpace({ heads: [name] }).length).toBeGreaterThan(0);
  });

  it.each([
    [{ heads: ["ridge"], grid: { C: [1] } }, "ridge has no option 'C'"],
    [{ heads: ["ridge", "svm"], grid: { depth: [1] } }, "ridge, svm have no option 'depth'"],
    [{ heads: ["svm", "ridge"], grid: { "ridge.C": [1] } }, "ridge has no option 'C'"],
    [{ heads: ["svm"], grid: { "ridge.alpha": [1] } }, "'ridge' is not among the heads"],
    [{ heads: ["svm"], grid: { C: [1, -1] } }, "Option 'C' of svm"],
    [{ heads: ["svm"], grid: { C: [] } }, "no value for 'C'"],
    [{ heads: ["perceptron"] }, "There is no head 'perceptron'"],
    [{ heads: ["ridge"], engine: "mljs" as const }, "The engine 'mljs' has no head 'ridge'"],
    [{ heads: ["svm"], grid: { kernel: ["precomputed"] } }, "precomputed kernel cannot be searched"],
    [{ heads: ["svm"], pcas: [-3] }, "of pca"],
    [{ heads: [] }, "at least one head"],
    [
      {
        heads: ["svm"],
        grid: { C: Array.from({ length: 101 }, (_, i) => i + 1), gamma: Array(100).fill(1) },
      },
      "10100 candidates",
    ],
  ])("%j is wrong usage", (space, message) => {
    expect(() => recipesOfSpace(space)).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringContaining(message) }),
    );
  });
});

describe("successive halving", () => {
  it("cuts to a third and ends on all rows with at most three", () => {
    expect(halvingRounds(27, 9000, 30)).toEqual([
      { candidates: 27, share: 1 / 9 },
      { candidates: 9, share: 1 / 3 },
      { candidates: 3, share: 1 },
    ]);
    expect(halvingRounds(3, 9000, 30)).toEqual([{ candidates: 3, share: 1 }]);
    expect(halvingRounds(100, 50, 30)).toEqual([{ candidates: 100, share: 1 }]);
  });

  it("takes the same share of each class, and more of the same rows in later rounds", () => {
    const y = encodeLabels(Array.from({ length: 300 }, (_, i) => (i % 10 === 0 ? "rare" : "often")));
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(299), { minLength: 40 }), fc.nat(99), (rows, seed) => {
        const some = sampleRows(y, rows, 1 / 9, seed);
        const more = new Set(sampleRows(y, rows, 1 / 3, seed));
        expect(some.every((row) => more.has(row))).toBe(true);
        const rare = rows.filter((row) => row % 10 === 0).length;
        const kept = some.filter((row) => row % 10 === 0).length;
        expect(kept).toBe(Math.min(rare, Math.max(2, Math.round(rare / 9))));
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it("finds what the grid finds, by fewer fits on all rows, and the same each time", async () => {
    const { X, y } = clouds(600);
    const candidates = recipesOfSpace({
      heads: ["ridge", "nearest-centroid", "knn"],
      grid: { "knn.nNeighbors": [1, 3, 5, 9, 15, 25, 35], alpha: [0.1, 1, 10, 100] },
    });
    const folds = foldsOfRows(y, { folds: 3, seed: 4 });
    let fits = 0;
    const options = { seed: 4, halving: true, onFit: () => fits++ };
    const halved = await searchCandidates(candidates, classTask(X, y), folds, options);
    expect(fits).toBe(countFits(candidates.length, classTask(X, y), folds, true));
    expect(fits).toBe((12 + 4 + 2) * 3);
    expect(await searchCandidates(candidates, classTask(X, y), folds, options)).toEqual(halved);
    expect(halved.map(({ share }) => share).sort()).toEqual([
      ...new Array<number>(8).fill(1 / 9),
      1 / 3,
      1 / 3,
      1,
      1,
    ]);
    const all = await searchCandidates(candidates, classTask(X, y), folds, { seed: 4 });
    const mean = (found: typeof all): number => found.find(({ rank }) => rank === 1)!.mean;
    expect(mean(all) - mean(halved)).toBeLessThan(0.02);
    const finalists = halved.filter(({ share }) => share === 1);
    for (const one of finalists) expect(all[halved.indexOf(one)]!.scores).toEqual(one.scores);
  });
});

describe("a search", () => {
  it("settles ties for the earlier candidate", async () => {
    const { X, y } = clouds(60, 4, 9);
    const candidates = recipesOfSpace({ heads: ["ridge"], grid: { alpha: [1, 2, 0.5] } });
    const found = await searchCandidates(candidates, classTask(X, y), foldsOfRows(y, { folds: 3, seed: 0 }), {
      seed: 0,
    });
    expect(found.map(({ mean }) => mean)).toEqual([1, 1, 1]);
    expect(found.map(({ rank }) => rank)).toEqual([1, 2, 3]);
  });

  it("ranks what cannot be trained on the rows last, and says why", async () => {
    const { X, y } = clouds(60);
    const candidates = recipesOfSpace({ heads: ["ridge"], grid: { alpha: [1] }, pcas: [50, 2] });
    const found = await searchCandidates(candidates, classTask(X, y), foldsOfRows(y, { folds: 3, seed: 0 }), {
      seed: 0,
    });
    expect(found.map(({ rank }) => rank)).toEqual([2, 1]);
    expect(found[0]).toMatchObject({ scores: [], problem: expect.stringContaining("50 components") });
    await expect(
      searchCandidates(candidates.slice(0, 1), classTask(X, y), foldsOfRows(y, { folds: 3, seed: 0 }), {
        seed: 0,
      }),
    ).rejects.toThrow("None of the candidates can be trained");
  });

  it("stops between two fits", async () => {
    const { X, y } = clouds(60);
    const stop = new AbortController();
    let fits = 0;
    const onFit = (): void => {
      if (++fits === 3) stop.abort();
    };
    const candidates = recipesOfSpace({ heads: ["ridge"] });
    const folds = foldsOfRows(y, { folds: 3, seed: 0 });
    await expect(
      searchCandidates(candidates, classTask(X, y), folds, { seed: 0, onFit, signal: stop.signal }),
    ).rejects.toMatchObject({ code: "interrupted" });
    expect(fits).toBe(3);
  });

  it("fits nothing to the rows that it measures on", async () => {
    const { X, y } = clouds(60);
    const folds = foldsOfRows(y, { folds: 3, seed: 0 });
    const seen: Matrix[] = [];
    const candidates = recipesOfSpace({ heads: ["ridge"], grid: { alpha: [1] }, pcas: [2] });
    const task = classTask(X, y, {
      fit: (recipe, rows, codes) => {
        seen.push(rows);
        return fitHead(recipe, rows, codes);
      },
    });
    await searchCandidates(candidates, task, folds, { seed: 0 });
    const firsts = (rows: ArrayLike<number>, of: Matrix): number[] =>
      Array.from(rows, (row) => of.data[row * of.cols]!);
    seen.forEach((rows, fold) => {
      const inside = firsts(
        Array.from({ length: rows.rows }, (_, i) => i),
        rows,
      );
      expect(inside).toEqual(firsts(folds[fold]!.inside, X));
    });
  });
});

describe("nested cross-validation", () => {
  it("is near chance on noise, where the best of the grid is not", async () => {
    const candidates = recipesOfSpace({
      heads: ["knn", "nearest-centroid"],
      grid: { nNeighbors: [1, 3, 5, 7, 9] },
      scales: ["none", "standard", "l2"],
      pcas: [null, 1, 2, 3, 5],
    });
    const plan = { folds: 3, seed: 1 };
    const bests: number[] = [];
    const honest: number[] = [];
    for (let seed = 0; seed < 4; seed++) {
      const { X, y } = clouds(48, 8, 0, seed);
      const folds = nestedFolds(y, 4, plan);
      let fits = 0;
      const nested = await nestedSearch(candidates, classTask(X, y), folds, { seed: 1, onFit: () => fits++ });
      expect(fits).toBe(countNestedFits(candidates.length, classTask(X, y), folds, false));
      expect(fits).toBe(4 * (candidates.length * 3 + 1));
      const found = await searchCandidates(candidates, classTask(X, y), foldsOfRows(y, plan), { seed: 1 });
      bests.push(found.find(({ rank }) => rank === 1)!.mean);
      honest.push(nested.mean);
      expect(nested.scores).toHaveLength(4);
      const hits = Array.from(nested.predicted).reduce<number>(
        (sum, code, row) => sum + Number(code === y.codes[row]),
        0,
      );
      expect(hits / 48).toBeCloseTo(nested.mean, 12);
    }
    const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(Math.abs(mean(honest) - 0.5)).toBeLessThan(0.1);
    expect(mean(bests)).toBeGreaterThan(0.6);
  });

  it("keeps outer rows out of the inner folds, and refuses too few rows before any fit", () => {
    const { y } = clouds(40);
    for (const { inside, held, inner } of nestedFolds(y, 4, { folds: 3, seed: 0 })) {
      expect([...inside, ...held].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
      const rows = inner.flatMap((fold) => fold.held).sort((a, b) => a - b);
      expect(rows).toEqual(Array.from({ length: inside.length }, (_, i) => i));
    }
    expect(() => nestedFolds(encodeLabels(["a", "a", "a", "b", "b", "b"]), 3, { folds: 3, seed: 0 })).toThrow(
      HeadstartError,
    );
    expect(stratifiedFolds(y, 4, 0)).toHaveLength(40);
  });
});
