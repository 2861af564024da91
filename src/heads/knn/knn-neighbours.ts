import { type Matrix, rowOf, selectRows } from "../../linalg/matrix.js";
import { rowDots } from "../../linalg/row-dots.js";
import { searchInFloat32 } from "./knn-float32-search.js";
import { type NeighbourTable, type Placed, place } from "./knn-table.js";

/**
 * Squared distances below this share of the squared lengths are zero: a difference of large numbers that is
 * this small is rounding, and depends on the order in which they were summed.
 */
export const SAME = 1e-12;

/** Rows whose distances are held at a time. */
const BLOCK = 64;

/**
 * Finds the nearest training rows of each row of Q, nearest first, the lower index first where float32 sees no
 * difference. The search works on scalar products; the distances of those found are computed again from the
 * differences, which keeps them exact however close they are.
 * @param each - called once a row, in any order; its arrays are overwritten by the next.
 */
export function nearest(
  table: NeighbourTable,
  Q: Matrix,
  each: (row: number, neighbours: Int32Array, distances: Float64Array) => void,
): void {
  const queries = place(table.metric, table.centre(), Q);
  const trained = table.placed();
  const n = trained.rows.rows;
  const found = new Int32Array(table.k);
  const keys = new Float64Array(table.k);
  const distances = new Float64Array(table.k);
  const left = searchInFloat32(table, queries, (i, candidates) => {
    const dots = Float64Array.from(candidates, (j) => dot(rowOf(queries.rows, i), rowOf(trained.rows, j)));
    const norms = Float64Array.from(candidates, (j) => trained.norms[j]!);
    selectNearest(dots, 0, queries.norms[i]!, norms, found, keys);
    for (let j = 0; j < table.k; j++) found[j] = candidates[found[j]!]!;
    report(i);
  });
  const dots = new Float64Array(Math.min(BLOCK, left.length) * n);
  for (let from = 0; from < left.length; from += BLOCK) {
    const block = left.slice(from, from + BLOCK);
    const rows = selectRows(queries.rows, block);
    rowDots(rows, { from: 0, to: block.length }, trained.rows, { from: 0, to: n }, dots, n);
    block.forEach((i, at) => {
      selectNearest(dots, at * n, queries.norms[i]!, trained.norms, found, keys);
      report(i);
    });
  }

  function report(i: number): void {
    for (let j = 0; j < table.k; j++) distances[j] = distanceBetween(queries, i, trained, found[j]!);
    each(i, found, distances);
  }

  /** Under cosine 1 - u·v is half of |u - v|² for rows of length 1. */
  function distanceBetween(a: Placed, i: number, b: Placed, j: number): number {
    const x = rowOf(a.rows, i);
    const y = rowOf(b.rows, j);
    let squared = 0;
    for (let k = 0; k < x.length; k++) squared += (x[k]! - y[k]!) ** 2;
    if (squared <= SAME * (a.norms[i]! + b.norms[j]!)) squared = 0;
    return table.metric === "euclidean" ? Math.sqrt(squared) : (squared + a.missing[i]! + b.missing[j]!) / 2;
  }
}

/** Summed in the order of the columns, as `rowDots` does. */
function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k]! * y[k]!;
  return sum;
}

/** Keeps the k smallest squared distances, rounded to float32, by insertion into a sorted list. */
function selectNearest(
  dots: Float64Array,
  offset: number,
  square: number,
  norms: Float64Array,
  found: Int32Array,
  keys: Float64Array,
): void {
  const k = found.length;
  let size = 0;
  for (let j = 0; j < norms.length; j++) {
    const scale = square + norms[j]!;
    const squared = scale - 2 * dots[offset + j]!;
    const key = squared <= SAME * scale ? 0 : Math.fround(squared);
    if (size === k && key >= keys[k - 1]!) continue;
    let at = size < k ? size++ : k - 1;
    while (at > 0 && keys[at - 1]! > key) {
      keys[at] = keys[at - 1]!;
      found[at] = found[at - 1]!;
      at--;
    }
    keys[at] = key;
    found[at] = j;
  }
}
