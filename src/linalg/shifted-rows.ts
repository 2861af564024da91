import { throwIfInterrupted } from "../core/interrupted.js";
import type { ComputeControl } from "./compute-control.js";
import { gemm } from "./gemm.js";
import { type Matrix, zeros } from "./matrix.js";
import { squaredNorms } from "./row-dots.js";

/**
 * Rows of a matrix, centred and scaled, that are made block by block in float64 and never all at once:
 * element (r, j) is `(X[i, j] - centres[groups[i], j]) * rowScale[i] * columnScale[j]` with `i = rows[r]`.
 */
export interface ShiftedRows {
  readonly X: Matrix;
  /** Numbers of the rows; null for all of them. */
  readonly rows: Int32Array | null;
  /** `[groups, cols]`. */
  readonly centres: Matrix<Float64Array>;
  /** The group of each row of X; null where there is one centre only. */
  readonly groups: Int32Array | null;
  /** One factor for each row of X; null for 1. */
  readonly rowScale: Float64Array | null;
  /** One factor a column; null for 1. */
  readonly columnScale: Float64Array | null;
}

/** Elements of a block: 32 MB of float64. */
const BLOCK = 4 * 1024 * 1024;

/** How many rows there are. */
export const rowCount = (S: ShiftedRows): number => S.rows?.length ?? S.X.rows;

/** S^T S, `[cols, cols]`. */
export async function columnGram(
  S: ShiftedRows,
  control: ComputeControl = {},
): Promise<Matrix<Float64Array>> {
  const sum = zeros(S.X.cols, S.X.cols);
  for (const [from, to] of stretches(rowCount(S), S.X.cols)) {
    throwIfInterrupted(control.signal);
    const block = blockOf(S, from, to, 0, S.X.cols);
    add(sum, await gemm(block, block, { transposeA: true, ...threadsOf(control) }));
  }
  return sum;
}

/** S S^T, `[rows, rows]`. */
export async function rowGram(S: ShiftedRows, control: ComputeControl = {}): Promise<Matrix<Float64Array>> {
  const rows = rowCount(S);
  const sum = zeros(rows, rows);
  for (const [from, to] of stretches(S.X.cols, rows)) {
    throwIfInterrupted(control.signal);
    const block = blockOf(S, 0, rows, from, to);
    add(sum, await gemm(block, block, { transposeB: true, ...threadsOf(control) }));
  }
  return sum;
}

/** S B for B `[cols, m]`. */
export async function timesMatrix(
  S: ShiftedRows,
  B: Matrix<Float64Array>,
  control: ComputeControl = {},
): Promise<Matrix<Float64Array>> {
  const product = zeros(rowCount(S), B.cols);
  for (const [from, to] of stretches(product.rows, S.X.cols)) {
    throwIfInterrupted(control.signal);
    const out = product.data.subarray(from * B.cols, to * B.cols);
    await gemm(blockOf(S, from, to, 0, S.X.cols), B, { out, ...threadsOf(control) });
  }
  return product;
}

/** S^T B for B `[rows, m]`. */
export async function transposeTimesMatrix(
  S: ShiftedRows,
  B: Matrix<Float64Array>,
  control: ComputeControl = {},
): Promise<Matrix<Float64Array>> {
  const product = zeros(S.X.cols, B.cols);
  for (const [from, to] of stretches(rowCount(S), S.X.cols)) {
    throwIfInterrupted(control.signal);
    const part = { data: B.data.subarray(from * B.cols, to * B.cols), rows: to - from, cols: B.cols };
    const block = blockOf(S, from, to, 0, S.X.cols);
    add(product, await gemm(block, part, { transposeA: true, ...threadsOf(control) }));
  }
  return product;
}

/** Squared length of each row. */
export function squaredLengths(S: ShiftedRows): Float64Array {
  const lengths = new Float64Array(rowCount(S));
  for (const [from, to] of stretches(lengths.length, S.X.cols)) {
    lengths.set(squaredNorms(blockOf(S, from, to, 0, S.X.cols)), from);
  }
  return lengths;
}

function blockOf(
  { X, rows, centres, groups, rowScale, columnScale }: ShiftedRows,
  rowFrom: number,
  rowTo: number,
  from: number,
  to: number,
): Matrix<Float64Array> {
  const block = zeros(rowTo - rowFrom, to - from);
  let at = 0;
  for (let r = rowFrom; r < rowTo; r++) {
    const i = rows === null ? r : rows[r]!;
    const start = i * X.cols;
    const centre = (groups === null ? 0 : groups[i]!) * X.cols;
    const factor = rowScale === null ? 1 : rowScale[i]!;
    for (let j = from; j < to; j++)
      block.data[at++] = (X.data[start + j]! - centres.data[centre + j]!) * factor;
  }
  if (columnScale === null) return block;
  for (let r = 0, k = 0; r < block.rows; r++)
    for (let j = from; j < to; j++) block.data[k++]! *= columnScale[j]!;
  return block;
}

/** Cuts 0 to `length` so that each part times `width` is about a block. */
function* stretches(length: number, width: number): Generator<[from: number, to: number]> {
  const step = Math.max(16, Math.floor(BLOCK / Math.max(1, width)));
  for (let from = 0; from < length; from += step) yield [from, Math.min(length, from + step)];
}

function add(sum: Matrix<Float64Array>, part: Matrix<Float64Array>): void {
  for (let k = 0; k < sum.data.length; k++) sum.data[k]! += part.data[k]!;
}

const threadsOf = ({ threads }: ComputeControl): { threads?: number } =>
  threads === undefined ? {} : { threads };
