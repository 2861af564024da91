import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { type Matrix, matrix } from "../../src/linalg/matrix.js";

interface Case {
  readonly options: Record<string, unknown>;
  readonly scores: readonly number[];
  readonly probabilities: readonly number[];
}

interface Fixture {
  readonly cols: number;
  readonly X: readonly number[];
  readonly y: readonly string[];
  readonly queries: readonly number[];
  readonly scaler: { readonly mean: readonly number[]; readonly scale: readonly number[] };
  readonly linearSvm: readonly Case[];
  readonly logisticRegression: readonly Case[];
}

/** The sets that test/golden/sklearn/linear.py writes. */
export const LINEAR_SETS = ["iris", "wine", "breast-cancer"] as const;

/** One of its fixtures, with the data as matrices. */
export function linearGolden(name: (typeof LINEAR_SETS)[number]) {
  const path = join(packageRoot(), "test/golden/sklearn/fixtures", `linear-${name}.json`);
  const fixture = JSON.parse(readFileSync(path, "utf8")) as Fixture;
  const table = (values: readonly number[]): Matrix<Float64Array> =>
    matrix(Float64Array.from(Float32Array.from(values)), values.length / fixture.cols, fixture.cols);
  return { ...fixture, X: table(fixture.X), Q: table(fixture.queries), y: encodeLabels(fixture.y) };
}

/** The features as scikit-learn's StandardScaler gave them, in float64. */
export function standardized(
  X: Matrix<Float64Array>,
  { mean, scale }: Fixture["scaler"],
): Matrix<Float64Array> {
  const data = X.data.map((value, k) => (value - mean[k % X.cols]!) / scale[k % X.cols]!);
  return { data, rows: X.rows, cols: X.cols };
}

/** The largest difference, each relative to max(1, |expected|). */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let k = 0; k < expected.length; k++) {
    const difference = Math.abs(actual[k]! - expected[k]!) / Math.max(1, Math.abs(expected[k]!));
    most = Math.max(most, difference);
  }
  return most;
}
