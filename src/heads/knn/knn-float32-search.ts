import { float32Dots, rowsAtOnce } from "../../linalg/float32-dots.js";
import type { RowRange } from "../../linalg/row-dots.js";
import { roundingOf, TINY } from "./knn-rounding.js";
import type { NeighbourTable, Placed } from "./knn-table.js";

/** Rows below which the training rows are not brought into the kernel's order. */
const FEWEST_ROWS = 8;

/** Beyond this, squares may overflow in float32. */
const LONGEST = 1e30;

/**
 * Finds by float32 products which training rows come into question as one of the k nearest; the others are farther by
 * more than rounding can have moved them.
 * @param queries - placed as the training rows.
 * @param each - called once a row that is settled, with the candidates' indices, ascending, at least k; they are
 *   overwritten by the next.
 * @returns the rows that are not: where too many training rows are as near, or where float32 is of no use.
 */
export function searchInFloat32(
  { k, placed, repeated }: NeighbourTable,
  queries: Placed,
  each: (row: number, candidates: Int32Array) => void,
): number[] {
  const { rows, norms } = placed();
  const longest = norms.reduce((most, norm) => Math.max(most, norm));
  const m = queries.rows.rows;
  const useful = m >= FEWEST_ROWS && 4 * (k + 1) <= rows.rows && longest < LONGEST && !repeated();
  if (!useful) return Array.from({ length: m }, (_, i) => i);
  const left: number[] = [];
  const share = roundingOf(rows.cols);
  const most = rowsAtOnce(rows.cols);
  for (let from = 0; from < m; from += most) {
    const block = { from, to: Math.min(m, from + most) };
    const found = Array.from({ length: block.to - from }, (_, i) => {
      const norm = queries.norms[from + i]!;
      return norm < LONGEST ? candidateList(k, norms, share * (norm + 2 * longest) + TINY) : null;
    });
    const done = float32Dots(queries.rows, block, rows, (sums, stride, b) => {
      found.forEach((list, i) => {
        list?.offer(sums, i * stride, b);
      });
    });
    found.forEach((list, i) => {
      const candidates = done && list !== null ? list.candidates() : null;
      if (candidates === null) left.push(from + i);
      else each(from + i, candidates);
    });
  }
  return left;
}

interface CandidateList {
  /** Takes in training rows by their products with the query, which start at `at`. */
  offer(dots: Float32Array, at: number, rows: RowRange): void;
  /** Null where they were too many. */
  candidates(): Int32Array | null;
}

/** Keeps what is no farther than the k-th nearest so far by more than `doubt`. @param norms - squared lengths of all. */
function candidateList(k: number, norms: Float64Array, doubt: number): CandidateList {
  const most = 4 * k + 60;
  const indices = new Int32Array(most);
  const keys = new Float64Array(most);
  const nearest = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
  let size = 0;
  let limit = Number.POSITIVE_INFINITY;

  /** Drops what the limit has passed since; it keeps the order. */
  function drop(): void {
    let kept = 0;
    for (let i = 0; i < size; i++) {
      if (keys[i]! > limit) continue;
      indices[kept] = indices[i]!;
      keys[kept++] = keys[i]!;
    }
    size = kept;
  }

  function keep(index: number, key: number): void {
    if (size === most) drop();
    if (size === most) {
      // Nothing is below this, so the list stays full.
      limit = Number.NEGATIVE_INFINITY;
      return;
    }
    indices[size] = index;
    keys[size++] = key;
    if (key >= nearest[k - 1]!) return;
    let at = k - 1;
    for (; at > 0 && nearest[at - 1]! > key; at--) nearest[at] = nearest[at - 1]!;
    nearest[at] = key;
    limit = nearest[k - 1]! + doubt;
  }

  return {
    offer(dots, at, { from, to }) {
      for (let j = from; j < to; j++) {
        const key = norms[j]! - 2 * dots[at + j - from]!;
        if (key <= limit) keep(j, key);
      }
    },
    candidates() {
      if (limit === Number.NEGATIVE_INFINITY) return null;
      drop();
      return indices.subarray(0, size);
    },
  };
}
