import { rowDots } from "../../linalg/row-dots.js";
import type { NeighbourTable } from "./knn-neighbours.js";

/** Rows that are looked at beyond the k nearest, so that float32's order need not be quite right. */
const SPARE = 4;

/** A graph gathers the candidates of a row: beyond this many elements of them, it computes all distances exactly. */
const MOST_ELEMENTS = 128 * 1024;

/** Training rows that stand for the queries to come. */
const SAMPLE = 16;

/**
 * How many rows a search in float32 has to hand to an exact one so that the nearest are among them.
 * @returns null where float32 may miss some: rows that lie so near each other, for their lengths, that it cannot tell
 *   them apart; and where there is nothing to win, because it would hand on most of the rows.
 */
export function candidateCount(table: NeighbourTable): number | null {
  const { rows, norms } = table.placed();
  const n = rows.rows;
  const count = table.k + SPARE;
  if (4 * count > n || count * rows.cols > MOST_ELEMENTS) return null;
  const sample = Math.min(SAMPLE, n);
  const step = Math.floor(n / sample);
  const dots = new Float64Array(n);
  for (let s = 0; s < sample; s++) {
    const i = s * step;
    rowDots(rows, { from: i, to: i + 1 }, rows, { from: 0, to: n }, dots, n);
    const squared = dots.map((dot, j) => norms[i]! + norms[j]! - 2 * dot).sort();
    const doubt = 2 ** -20 * (norms[i]! + norms.reduce((most, norm) => Math.max(most, norm)));
    if (!(squared[count]! - squared[table.k]! > doubt)) return null;
  }
  return count;
}
