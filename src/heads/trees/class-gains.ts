import { edgeBetween, type Split } from "./splits.js";

/** A node's rows on one feature, by ascending bin; rows of one bin and class may share a cell. */
export interface Cells {
  count: number;
  readonly bin: Uint8Array;
  readonly code: Int32Array;
  /** Weight of the cell's rows. */
  readonly mass: Float64Array;
  /** Rows of the bin: all of them may stand at its first cell. */
  readonly rows: Int32Array;
}

/**
 * Finds the split of largest gain; moves cell after cell from right to left.
 * @param left - zeros, by class. @param right - weight of each class in the node. Both are changed.
 * @returns whether there is a split that leaves `minRows` rows on each side.
 */
export type BestSplit = (
  cells: Cells,
  left: Float64Array,
  right: Float64Array,
  rows: number,
  minRows: number,
  found: Split,
) => boolean;

/** Gini impurity: the sums of squares follow in a few operations whatever the classes. */
export const bestByGini: BestSplit = (cells, left, right, rows, minRows, found) => {
  const { count, bin: bins, code: codes, mass: masses, rows: rowsOf } = cells;
  let leftWeight = 0;
  let rightWeight = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (let c = 0; c < right.length; c++) {
    const w = right[c]!;
    rightWeight += w;
    rightSquares += w * w;
  }
  let best = -Infinity;
  let edge = -1;
  let rowsLeft = 0;
  let last = bins[0]!;
  for (let k = 0; k < count; k++) {
    const bin = bins[k]!;
    if (bin !== last) {
      if (rowsLeft >= minRows && rows - rowsLeft >= minRows) {
        const gain = (leftSquares * rightWeight + rightSquares * leftWeight) / (leftWeight * rightWeight);
        if (gain > best) {
          best = gain;
          edge = edgeBetween(last, bin);
        }
      }
      last = bin;
    }
    const code = codes[k]!;
    const w = masses[k]!;
    const l = left[code]!;
    const r = right[code]!;
    leftSquares += w * (2 * l + w);
    rightSquares -= w * (2 * r - w);
    left[code] = l + w;
    right[code] = r - w;
    leftWeight += w;
    rightWeight -= w;
    rowsLeft += rowsOf[k]!;
  }
  found.edge = edge;
  found.gain = best;
  return edge >= 0;
};

/** x ln x; 0 at 0 and, for the dust that sums leave, below. */
export function xLogX(x: number): number {
  return x > 0 ? x * Math.log(x) : 0;
}

/** Entropy, in nats. */
export const bestByEntropy: BestSplit = (cells, left, right, rows, minRows, found) => {
  const { count, bin: bins, code: codes, mass: masses, rows: rowsOf } = cells;
  let leftWeight = 0;
  let rightWeight = 0;
  let sum = 0;
  for (let c = 0; c < right.length; c++) {
    const w = right[c]!;
    rightWeight += w;
    sum += xLogX(w);
  }
  let best = -Infinity;
  let edge = -1;
  let rowsLeft = 0;
  let last = bins[0]!;
  for (let k = 0; k < count; k++) {
    const bin = bins[k]!;
    if (bin !== last) {
      if (rowsLeft >= minRows && rows - rowsLeft >= minRows) {
        const gain = sum - xLogX(leftWeight) - xLogX(rightWeight);
        if (gain > best) {
          best = gain;
          edge = edgeBetween(last, bin);
        }
      }
      last = bin;
    }
    const code = codes[k]!;
    const w = masses[k]!;
    const l = left[code]!;
    const r = right[code]!;
    sum += xLogX(l + w) - xLogX(l) + xLogX(r - w) - xLogX(r);
    left[code] = l + w;
    right[code] = r - w;
    leftWeight += w;
    rightWeight -= w;
    rowsLeft += rowsOf[k]!;
  }
  found.edge = edge;
  found.gain = best;
  return edge >= 0;
};
