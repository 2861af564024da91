import type { NodeRows } from "./class-cells.js";
import { PLACE_BITS, PLACE_MASK, sortByInsertion } from "./sorted-bins.js";
import { edgeBetween, type Split } from "./splits.js";

/**
 * The split of largest gain of a node of a few rows by Gini impurity, most of a forest's nodes: the rows are sorted
 * and moved one by one from right to left.
 * @param keys - scratch memory. @param masses - weight of each of the node's rows.
 * @param left - scratch memory by class. @param right - likewise. @param totals - weight of each class.
 * @returns whether there is more than one bin; `found.edge` is -1 where no split is allowed.
 */
export function bestOfFewRows(
  node: NodeRows,
  n: number,
  base: number,
  keys: Int32Array,
  masses: Float64Array,
  left: Float64Array,
  right: Float64Array,
  totals: Float64Array,
  minRows: number,
  found: Split,
): boolean {
  const { bins, rows, codes } = node;
  for (let k = 0; k < n; k++) keys[k] = (bins[(base + rows[k]!) | 0]! << PLACE_BITS) | k;
  sortByInsertion(keys, n);
  if (keys[0]! >> PLACE_BITS === keys[n - 1]! >> PLACE_BITS) return false;
  let leftWeight = 0;
  let rightWeight = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (let c = 0; c < totals.length; c++) {
    const w = totals[c]!;
    left[c] = 0;
    right[c] = w;
    rightWeight += w;
    rightSquares += w * w;
  }
  let best = -Infinity;
  let edge = -1;
  const last = n - minRows;
  for (let k = 0; k < last; k++) {
    const key = keys[k]!;
    const place = key & PLACE_MASK;
    const code = codes[place]!;
    const w = masses[place]!;
    const l = left[code]!;
    const r = right[code]!;
    leftSquares += w * (2 * l + w);
    rightSquares -= w * (2 * r - w);
    left[code] = l + w;
    right[code] = r - w;
    leftWeight += w;
    rightWeight -= w;
    const bin = key >> PLACE_BITS;
    const next = keys[k + 1]! >> PLACE_BITS;
    if (bin === next || k + 1 < minRows) continue;
    const gain = (leftSquares * rightWeight + rightSquares * leftWeight) / (leftWeight * rightWeight);
    if (gain > best) {
      best = gain;
      edge = edgeBetween(bin, next);
    }
  }
  found.edge = edge;
  found.gain = best;
  return true;
}
