import type { NodeRows } from "./class-cells.js";
import { edgeBetween, type Split } from "./splits.js";

/** Counts a node's rows by class and bin; rows by bin too where they are asked for. */
export function countTwoClasses(
  node: NodeRows,
  n: number,
  base: number,
  histogram: Int32Array,
  rowsOfBin: Int32Array,
  countRows: boolean,
): void {
  const { bins, rows, codes, counts } = node;
  for (let k = 0; k < n; k++) {
    histogram[(codes[k]! << 8) | bins[(base + rows[k]!) | 0]!]! += counts[k]!;
  }
  if (countRows) for (let k = 0; k < n; k++) rowsOfBin[bins[(base + rows[k]!) | 0]!]!++;
}

/**
 * The split of largest gain by Gini impurity; empties the histogram. `rowsOfBin` is looked at only where a leaf
 * needs more than one row.
 * @returns whether there is more than one bin; `found.edge` is -1 where no split is allowed.
 */
export function bestOfTwoClasses(
  histogram: Int32Array,
  rowsOfBin: Int32Array,
  rows: number,
  minRows: number,
  multipliers: Float64Array,
  totals: Float64Array,
  found: Split,
): boolean {
  const m0 = multipliers[0]!;
  const m1 = multipliers[1]!;
  const total0 = totals[0]!;
  const total1 = totals[1]!;
  let left0 = 0;
  let left1 = 0;
  let leftRows = 0;
  let last = -1;
  let occupied = 0;
  let best = -Infinity;
  let edge = -1;
  for (let bin = 0; bin < 256; bin++) {
    const count0 = histogram[bin]!;
    const count1 = histogram[256 | bin]!;
    if ((count0 | count1) === 0) continue;
    histogram[bin] = 0;
    histogram[256 | bin] = 0;
    occupied++;
    if (last >= 0 && (minRows === 1 || (leftRows >= minRows && rows - leftRows >= minRows))) {
      const weight = left0 + left1;
      const right0 = total0 - left0;
      const right1 = total1 - left1;
      const rest = right0 + right1;
      const gain =
        ((left0 * left0 + left1 * left1) * rest + (right0 * right0 + right1 * right1) * weight) /
        (weight * rest);
      if (gain > best) {
        best = gain;
        edge = edgeBetween(last, bin);
      }
    }
    last = bin;
    left0 += count0 * m0;
    left1 += count1 * m1;
    if (minRows > 1) {
      leftRows += rowsOfBin[bin]!;
      rowsOfBin[bin] = 0;
    }
  }
  found.edge = edge;
  found.gain = best;
  return occupied > 1;
}
