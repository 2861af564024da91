import type { Matrix } from "../../linalg/matrix.js";

/** A weight in whole numbers: element (i, j) stands for `codes[i * cols + j] * scales[j]`. */
export interface QuantizedColumns {
  readonly codes: Int8Array;
  /** One a column. */
  readonly scales: Float32Array;
}

/**
 * Rounds a weight to whole numbers between -`limit` and `limit`, each column on a scale of its own.
 * @param W - `[k, n]`.
 * @param limit - 63 or 127.
 * @param factors - k numbers that the rows are multiplied by first; default: none.
 */
export function quantizeColumns(
  { data, rows, cols }: Matrix<Float32Array>,
  limit: number,
  factors: Float32Array | null = null,
): QuantizedColumns {
  const scales = new Float32Array(cols);
  for (let i = 0, at = 0; i < rows; i++) {
    const factor = factors === null ? 1 : factors[i]!;
    for (let j = 0; j < cols; j++, at++) scales[j] = Math.max(scales[j]!, Math.abs(data[at]! * factor));
  }
  // A column of zeros has any scale.
  for (let j = 0; j < cols; j++) scales[j] = scales[j] === 0 ? 1 : scales[j]! / limit;
  const codes = new Int8Array(rows * cols);
  for (let i = 0, at = 0; i < rows; i++) {
    const factor = factors === null ? 1 : factors[i]!;
    for (let j = 0; j < cols; j++, at++) {
      codes[at] = Math.max(-limit, Math.min(limit, Math.round((data[at]! * factor) / scales[j]!)));
    }
  }
  return { codes, scales };
}
