import type { DecisionTree } from "./decision-tree.js";

/**
 * Rounds all values to a grid so coarse that float32 sums over the trees are exact: a runtime may add them in any
 * order. The error of a value is at most 2^-23 of the largest sum that its trees could give.
 * @param baseline - what sums begin with, by column; tree t adds to column t mod columns.
 */
export function exactSums(
  baseline: Float64Array,
  trees: readonly DecisionTree[],
): { baseline: Float64Array; trees: readonly DecisionTree[] } {
  const columns = baseline.length;
  const bounds = baseline.map(Math.abs);
  trees.forEach((tree, t) => {
    bounds[t % columns]! += tree.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  });
  const grids = bounds.map((bound) => 2 ** (Math.ceil(Math.log2(Math.max(bound, 1e-30))) - 22));
  const round = (value: number, c: number): number => Math.round(value / grids[c]!) * grids[c]!;
  return {
    baseline: baseline.map((value, c) => round(value, c)),
    trees: trees.map((tree, t) =>
      Object.freeze({ ...tree, values: tree.values.map((value) => round(value, t % columns)) }),
    ),
  };
}
