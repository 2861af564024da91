import { setImmediate } from "node:timers/promises";
import { ShapeError } from "../core/errors.js";
import { throwIfInterrupted } from "../core/interrupted.js";
import { gemm } from "../linalg/gemm.js";
import { type Matrix, rowOf } from "../linalg/matrix.js";

/** Row `a` of one matrix and row `b` of the other, nearly in one direction. */
export interface NearPair {
  readonly a: number;
  readonly b: number;
}

export interface NearPairsOptions {
  /** Cosines above it count; default 0.995. */
  readonly threshold?: number;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Cosine above which two rows are near-duplicates. */
export const NEAR_DUPLICATE = 0.995;

/** Rows of each side that are multiplied at a time: 4 MB of products. */
const BLOCK = 1024;

/**
 * Finds all pairs of rows whose cosine is above the threshold, exactly (every pair is looked at), by blocks of matrix
 * products. Rows of zeros are near nothing. Between blocks the event loop gets its turn.
 * @param A - `[n, dim]`. @param B - `[m, dim]`; omitted: pairs within A, each once, `a < b`.
 * @param onPair - called for each pair with its cosine as float32; blocks come in order, rows in order inside a block.
 * @throws {ShapeError} if the columns disagree. @throws {HeadstartError} `interrupted` once the signal is aborted.
 */
export async function eachNearPair(
  A: Matrix,
  B: Matrix | null,
  onPair: (a: number, b: number, cosine: number) => void,
  options: NearPairsOptions = {},
): Promise<void> {
  const { threshold = NEAR_DUPLICATE, threads, signal } = options;
  if (B !== null && B.cols !== A.cols) throw new ShapeError("B", ["*", A.cols], [B.rows, B.cols]);
  const left = unitRows(A);
  const right = B === null ? left : unitRows(B);
  const products = new Float32Array(BLOCK * BLOCK);
  for (let from = 0; from < left.rows; from += BLOCK) {
    const a = block(left, from);
    for (let start = B === null ? from : 0; start < right.rows; start += BLOCK) {
      await setImmediate();
      throwIfInterrupted(signal);
      const b = block(right, start);
      const out = products.subarray(0, a.rows * b.rows);
      await gemm(a, b, { transposeB: true, out, ...(threads !== undefined && { threads }) });
      for (let at = 0; at < out.length; at++) {
        if (!(out[at]! > threshold)) continue;
        const i = from + Math.floor(at / b.rows);
        const j = start + (at % b.rows);
        if (B !== null || i < j) onPair(i, j, out[at]!);
      }
    }
  }
}

/** Cosine of two rows; 0 where one is all zeros. */
export function cosine(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let product = 0;
  let xx = 0;
  let yy = 0;
  for (let k = 0; k < x.length; k++) {
    product += x[k]! * y[k]!;
    xx += x[k]! * x[k]!;
    yy += y[k]! * y[k]!;
  }
  return xx === 0 || yy === 0 ? 0 : product / Math.sqrt(xx * yy);
}

function block(X: Matrix<Float32Array>, from: number): Matrix<Float32Array> {
  const to = Math.min(X.rows, from + BLOCK);
  return { data: X.data.subarray(from * X.cols, to * X.cols), rows: to - from, cols: X.cols };
}

/** Rows of length 1, copied; those of zeros stay zeros. */
function unitRows(X: Matrix): Matrix<Float32Array> {
  const data = new Float32Array(X.data.length);
  for (let i = 0; i < X.rows; i++) {
    const row = rowOf(X, i);
    let squares = 0;
    for (let k = 0; k < row.length; k++) squares += row[k]! * row[k]!;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let k = 0; k < row.length; k++) data[i * X.cols + k] = row[k]! * scale;
  }
  return { data, rows: X.rows, cols: X.cols };
}
