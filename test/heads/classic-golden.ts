import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.js";
import type { Labels } from "../../src/heads/classifier.js";
import { type Matrix, selectRows } from "../../src/linalg/matrix.js";
import { type LINEAR_SETS, linearGolden, standardized } from "./linear-golden.js";

interface Case {
  readonly options: Record<string, unknown>;
  /** Whether it saw a few rows only. */
  readonly wide: boolean;
  readonly scores: readonly number[];
  readonly probabilities?: readonly number[];
}

interface Fixture {
  readonly few: readonly number[];
  readonly ridge: readonly Case[];
  readonly lda: readonly Case[];
  readonly gaussianNb: readonly Case[];
  readonly nearestCentroid: readonly Case[];
  readonly crammerSinger: readonly Case[];
  readonly minMax: readonly number[];
  readonly l2: readonly number[];
  readonly pca: readonly {
    readonly options: { readonly components: number; readonly whiten?: boolean };
    readonly wide: boolean;
    readonly components: readonly number[];
    readonly explainedVariance: readonly number[];
    readonly explainedVarianceRatio: readonly number[];
    readonly values: readonly number[];
  }[];
}

/** What test/golden/sklearn/classic.py wrote, with the data, plain (`X`, `Q`) and standardised (`Z`, `ZQ`). */
export function classicGolden(name: (typeof LINEAR_SETS)[number]) {
  const path = join(packageRoot(), "test/golden/sklearn/fixtures", `classic-${name}.json`);
  const fixture = JSON.parse(readFileSync(path, "utf8")) as Fixture;
  const { X, Q, y, scaler } = linearGolden(name);
  const Z = standardized(X, scaler);
  const rowsOf = (T: Matrix<Float64Array>, wide: boolean): { X: Matrix<Float64Array>; y: Labels } =>
    wide
      ? {
          X: selectRows(T, fixture.few),
          y: { classes: y.classes, codes: Int32Array.from(fixture.few, (i) => y.codes[i]!) },
        }
      : { X: T, y };
  return { ...fixture, X, Q, y, Z, ZQ: standardized(Q, scaler), rowsOf };
}
