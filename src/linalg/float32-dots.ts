import { float32DotModule } from "./float32-dot-module.js";
import type { Matrix } from "./matrix.js";
import type { RowRange } from "./row-dots.js";

/** Elements of A that are worked on at a time, where that is not too few or too many rows. */
const A_ELEMENTS = 2 ** 20;

/** Rows of A that may be asked for at a time: the more, the fewer times B is read. */
export const rowsAtOnce = (cols: number): number =>
  Math.min(2048, Math.max(64, Math.floor(A_ELEMENTS / cols / 4) * 4));

/** Rows of B whose products are handed over at a time. */
const B_ROWS = 64;

/** Columns up to which that is some tens of megabytes. */
const WIDEST = 32768;

/**
 * Scalar products of rows of A with all rows of B, operands and sums rounded to float32, a few rows of B at a time.
 * @param a - at most {@link rowsAtOnce} of them. @param B - as wide as A.
 * @param visit - is given the products of the rows `b` of B: `sums[(i - a.from) * stride + j - b.from]`, overwritten by
 *   the next.
 * @returns false, having done nothing, where this runtime has no WebAssembly SIMD, or the rows are too long for it.
 */
export function float32Dots(
  A: Matrix<Float64Array>,
  a: RowRange,
  B: Matrix<Float64Array>,
  visit: (sums: Float32Array, stride: number, b: RowRange) => void,
): boolean {
  const module = float32DotModule();
  const { cols } = A;
  if (module === null || cols > WIDEST) return false;
  const most = rowsAtOnce(cols);
  const panelAt = most * cols;
  const sumsAt = panelAt + 8 * cols;
  const lacking = 4 * (sumsAt + most * B_ROWS) - module.memory.buffer.byteLength;
  if (lacking > 0) module.memory.grow(Math.ceil(lacking / 65536));
  const memory = new Float32Array(module.memory.buffer);
  const panel = memory.subarray(panelAt, sumsAt);
  const sums = memory.subarray(sumsAt, sumsAt + most * B_ROWS);
  const rows = a.to - a.from;
  memory.set(A.data.subarray(a.from * cols, a.to * cols));
  // Rows beyond the last are whatever lies there; their sums are not read.
  for (let from = 0; from < B.rows; from += B_ROWS) {
    const to = Math.min(B.rows, from + B_ROWS);
    for (let j = 0; j < to - from; j += 8) {
      packPanel(B.data, (from + j) * cols, Math.min(8, to - from - j), cols, panel);
      module.panel(0, 4 * cols, 4 * panelAt, cols, 4 * (sumsAt + j), 4 * B_ROWS, Math.ceil(rows / 4));
    }
    visit(sums, B_ROWS, { from, to });
  }
  return true;
}

/** Eight rows of B, or as many as there are, side by side, column by column. */
function packPanel(from: Float64Array, start: number, rows: number, cols: number, to: Float32Array): void {
  for (let row = 0; row < rows; row++) {
    for (let k = 0, at = start + row * cols, into = row; k < cols; k++, at++, into += 8) to[into] = from[at]!;
  }
}
