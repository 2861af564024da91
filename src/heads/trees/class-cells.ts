import type { Cells } from "./class-gains.js";
import { PLACE_BITS, PLACE_MASK, sortByCounting, sortByInsertion } from "./sorted-bins.js";

/** The rows of a node side by side with what is known of them. */
export interface NodeRows {
  /** Bin of row i in feature f at `f * rows + i`. */
  readonly bins: Uint8Array;
  readonly rows: Int32Array;
  readonly codes: Int32Array;
  readonly counts: Int32Array;
}

/** Scratch memory of a sort. */
export interface Sorting {
  readonly keys: Int32Array;
  readonly spare: Int32Array;
  readonly counts: Int32Array;
}

/** Up to this many rows, sorting by insertion beats counting through 256 bins. */
export const FEW = 48;

/**
 * A cell a row, sorted by bin: for small nodes, and for more classes than a histogram is worth.
 * @param base - where the feature's bins begin. @returns whether there is more than one bin.
 */
export function cellsOfRows(
  node: NodeRows,
  n: number,
  base: number,
  { keys, spare, counts }: Sorting,
  multipliers: Float64Array,
  cells: Cells,
): boolean {
  const { bins, rows, codes, counts: rowCounts } = node;
  for (let k = 0; k < n; k++) keys[k] = (bins[(base + rows[k]!) | 0]! << PLACE_BITS) | k;
  if (n <= FEW) sortByInsertion(keys, n);
  else sortByCounting(keys, n, spare, counts);
  if (keys[0]! >> PLACE_BITS === keys[n - 1]! >> PLACE_BITS) return false;
  const { bin: cellBins, code: cellCodes, mass: cellMasses, rows: cellRows } = cells;
  for (let k = 0; k < n; k++) {
    const key = keys[k]!;
    const place = key & PLACE_MASK;
    const code = codes[place]!;
    cellBins[k] = key >> PLACE_BITS;
    cellCodes[k] = code;
    cellMasses[k] = rowCounts[place]! * multipliers[code]!;
    cellRows[k] = 1;
  }
  cells.count = n;
  return true;
}

/**
 * A cell a bin and class, through a histogram that is zero before and after.
 * @param base - where the feature's bins begin. @returns whether there is more than one bin.
 */
export function cellsOfBins(
  node: NodeRows,
  n: number,
  base: number,
  histogram: Int32Array,
  rowsOfBin: Int32Array,
  multipliers: Float64Array,
  cells: Cells,
): boolean {
  const { bins, rows, codes, counts } = node;
  const classes = multipliers.length;
  for (let k = 0; k < n; k++) {
    const bin = bins[(base + rows[k]!) | 0]!;
    rowsOfBin[bin]!++;
    histogram[(codes[k]! << 8) | bin]! += counts[k]!;
  }
  const { bin: cellBins, code: cellCodes, mass: cellMasses, rows: cellRows } = cells;
  let at = 0;
  let occupied = 0;
  for (let bin = 0; bin < 256; bin++) {
    let rowsHere = rowsOfBin[bin]!;
    if (rowsHere === 0) continue;
    rowsOfBin[bin] = 0;
    occupied++;
    for (let code = 0, h = bin; code < classes; code++, h += 256) {
      const count = histogram[h]!;
      if (count === 0) continue;
      histogram[h] = 0;
      cellBins[at] = bin;
      cellCodes[at] = code;
      cellMasses[at] = count * multipliers[code]!;
      cellRows[at++] = rowsHere;
      rowsHere = 0;
    }
  }
  cells.count = at;
  return occupied > 1;
}
