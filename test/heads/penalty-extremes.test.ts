import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { ridge } from "../../src/heads/classic/ridge.js";
import { linearSvm } from "../../src/heads/linear/linear-svm.js";
import { logisticRegression } from "../../src/heads/linear/logistic-regression.js";
import { linearGolden, standardized } from "./linear-golden.js";

interface Case {
  readonly data: "iris" | "wine";
  readonly head: keyof typeof HEADS;
  readonly C: number;
  /** Whether scikit-learn says so of its own. */
  readonly converged: boolean;
  readonly scores: readonly number[];
}

const path = join(packageRoot(), "test/golden/sklearn/fixtures/linear-extremes.json");
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: Case[] };

const exact = { tol: 1e-10, maxIter: 2_000_000 };
const HEADS = {
  "linear-svm": (C: number) => linearSvm({ C, ...exact }),
  "crammer-singer": (C: number) => linearSvm({ C, multiclass: "crammer-singer", ...exact }),
  "logistic-regression": (C: number) => logisticRegression({ C, tol: 1e-12, maxIter: 100_000 }),
  ridge: (C: number) => ridge({ alpha: 1 / C }),
};

describe("linear heads from C = 1e-6 to 1e6, on classes that overlap (iris) and that do not (wine)", () => {
  it.each(cases)("$head on $data, C $C", async ({ data, head, C, converged, scores }) => {
    const golden = linearGolden(data);
    const model = await HEADS[head](C).fit(standardized(golden.X, golden.scaler), golden.y);
    const found = model.scores(standardized(golden.Q, golden.scaler)).data;
    const largest = Math.max(...scores.map(Math.abs));
    // Where scikit-learn stopped on the way there is nothing to equal; ours must say how far it came.
    if (!converged) expect(model.convergence).not.toBeNull();
    else {
      expect(model.convergence?.converged ?? true).toBe(true);
      for (const [i, score] of scores.entries())
        expect(Math.abs(found[i]! - score) / largest).toBeLessThan(1e-3);
    }
    expect(found.every(Number.isFinite)).toBe(true);
  });
});
