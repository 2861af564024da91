import type { Matrix } from "../../linalg/matrix.js";

/**
 * How sure a head is of each row: the probability of the least sure of its decisions, for a label or against it.
 * The first argument has the probabilities, `[n, labels]`.
 * @param decided - `[n, labels]`, 1 where the row is given the label.
 * @returns n values in [0, 1].
 */
export function leastSure({ data, rows, cols }: Matrix, decided: Uint8Array): Float64Array {
  const sure = new Float64Array(rows).fill(1);
  for (let at = 0; at < data.length; at++) {
    const row = Math.floor(at / cols);
    sure[row] = Math.min(sure[row]!, decided[at] === 1 ? data[at]! : 1 - data[at]!);
  }
  return sure;
}
