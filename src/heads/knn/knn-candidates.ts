import { selectRows } from "../../linalg/matrix.js";
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
  const step = Math.max(1, Math.floor(n / SAMPLE));
  const sample = selectRows(
    rows,
    Array.from({ length: Math.min(SAMPLE, n) }, (_, s) => s * step),
  );
  const longest = norms.reduce((most, norm) => Math.max(most, norm));
  const dots = new Float64Array(sample.rows * n);
  rowDots(sample, { from: 0, to: sample.rows }, rows, { from: 0, to: n }, dots, n);
  for (let s = 0; s < sample.rows; s++) {
    const norm = norms[s * step]!;
    const squared = norms.map((other, j) => norm + other - 2 * dots[s * n + j]!).sort();
    const doubt = 2 ** -20 * (norm + longest);
    if (!(squared[count]! - squared[table.k]! > doubt)) return null;
  }
  return count;
}
