/** Rows from the highest score to the lowest. */
export interface RankedRows {
  readonly order: Int32Array;
  /** 1 at the last position of a run of equal scores. */
  readonly ends: Uint8Array;
  /** By position: 1 where the row is of the positive class. */
  readonly positive: Uint8Array;
}

/** Ranks rows by score. @param scores - n numbers, no NaN. @param positive - n flags: of the positive class or not. */
export function rankRows(scores: Float64Array, positive: ArrayLike<number | boolean>): RankedRows {
  const order = Int32Array.from(scores, (_, i) => i).sort((i, j) => scores[j]! - scores[i]!);
  const ends = Uint8Array.from(order, (row, at) => Number(scores[row] !== scores[order[at + 1] ?? -1]));
  return { order, ends, positive: Uint8Array.from(order, (row) => Number(positive[row])) };
}
