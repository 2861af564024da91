import type { Matrix } from "../linalg/matrix.js";
import { eachNearPair, type NearPairsOptions } from "./each-near-pair.js";

/**
 * Puts rows that are near-duplicates, directly or through others, into one group, so that `groupFolds` keeps them
 * together. Every pair is looked at: quadratic in the rows, about a second for 30,000 rows of 384 columns.
 * @param X - `[n, dim]`.
 * @returns n group numbers: the first row of each group.
 * @throws {HeadstartError} `interrupted` once the signal is aborted.
 */
export async function groupNearDuplicates(X: Matrix, options: NearPairsOptions = {}): Promise<Int32Array> {
  const parent = Int32Array.from({ length: X.rows }, (_, row) => row);
  const root = (row: number): number => {
    let top = row;
    while (parent[top] !== top) {
      parent[top] = parent[parent[top]!]!;
      top = parent[top]!;
    }
    return top;
  };
  await eachNearPair(
    X,
    null,
    (a, b) => {
      const [one, other] = [root(a), root(b)];
      if (one !== other) parent[Math.max(one, other)] = Math.min(one, other);
    },
    options,
  );
  return parent.map((_, row) => root(row));
}
