import type { Matrix } from "../../linalg/matrix.js";

/** A table in whole numbers: element (i, j) stands for `codes[i * cols + j] * scales[i]`. */
export interface QuantizedRows {
  readonly codes: Int8Array;
  /** One a row. */
  readonly scales: Float32Array;
}

/** Rounds a table to whole numbers between -127 and 127, each row on a scale of its own. */
export function quantizeRows({ data, rows, cols }: Matrix<Float32Array>): QuantizedRows {
  const codes = new Int8Array(data.length);
  const scales = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    const end = (i + 1) * cols;
    let peak = 0;
    for (let at = i * cols; at < end; at++) peak = Math.max(peak, Math.abs(data[at]!));
    const scale = Math.fround(peak === 0 ? 1 : peak / 127);
    scales[i] = scale;
    for (let at = i * cols; at < end; at++) {
      codes[at] = Math.max(-127, Math.min(127, Math.round(data[at]! / scale)));
    }
  }
  return { codes, scales };
}
