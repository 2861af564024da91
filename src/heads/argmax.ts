import { type Matrix, rowOf } from "../linalg/matrix.js";

/** The column of the first largest value of each row: the one rule by which every head picks a label. */
export function argmaxRows(scores: Matrix): Int32Array {
  const best = new Int32Array(scores.rows);
  for (let i = 0; i < scores.rows; i++) {
    const row = rowOf(scores, i);
    let at = 0;
    for (let j = 1; j < row.length; j++) if (row[j]! > row[at]!) at = j;
    best[i] = at;
  }
  return best;
}
