import { throwIfInterrupted } from "../core/interrupted.js";
import type { ComputeControl } from "./compute-control.js";
import { gemm } from "./gemm.js";
import { checkShape, type Matrix, zeros } from "./matrix.js";

/** Rows that are inverted by plain loops. */
const FEW = 64;

/**
 * The inverse of a lower triangle, `[n, n]`, by halves whose products run on ONNX Runtime.
 * @param L - with a diagonal that has no zero; what is above it is not read.
 * @see Golub & Van Loan, Matrix Computations, 3.1.
 */
export async function lowerInverse(
  L: Matrix<Float64Array>,
  control: ComputeControl = {},
): Promise<Matrix<Float64Array>> {
  checkShape("L", L, L.rows, L.rows);
  const inverse = zeros(L.rows, L.rows);
  await invert(L, inverse, 0, L.rows, control);
  return inverse;
}

/** Of [A 0; B C] it is [A⁻¹ 0; -C⁻¹ B A⁻¹ C⁻¹]. */
async function invert(
  L: Matrix<Float64Array>,
  inverse: Matrix<Float64Array>,
  from: number,
  to: number,
  control: ComputeControl,
): Promise<void> {
  throwIfInterrupted(control.signal);
  if (to - from <= FEW) {
    invertFew(L, inverse, from, to);
    return;
  }
  const middle = (from + to) >> 1;
  await invert(L, inverse, from, middle, control);
  await invert(L, inverse, middle, to, control);
  const threads = control.threads === undefined ? {} : { threads: control.threads };
  const right = await gemm(
    partOf(L, middle, to, from, middle),
    partOf(inverse, from, middle, from, middle),
    threads,
  );
  const { data } = await gemm(partOf(inverse, middle, to, middle, to), right, threads);
  const width = middle - from;
  for (let i = middle; i < to; i++) {
    const source = (i - middle) * width;
    for (let j = 0; j < width; j++) inverse.data[i * inverse.cols + from + j] = -data[source + j]!;
  }
}

function invertFew(L: Matrix<Float64Array>, inverse: Matrix<Float64Array>, from: number, to: number): void {
  const n = L.cols;
  for (let j = from; j < to; j++) {
    inverse.data[j * n + j] = 1 / L.data[j * n + j]!;
    for (let i = j + 1; i < to; i++) {
      let sum = 0;
      for (let t = j; t < i; t++) sum += L.data[i * n + t]! * inverse.data[t * n + j]!;
      inverse.data[i * n + j] = -sum / L.data[i * n + i]!;
    }
  }
}

function partOf(
  { data, cols }: Matrix<Float64Array>,
  top: number,
  bottom: number,
  from: number,
  to: number,
): Matrix<Float64Array> {
  const part = zeros(bottom - top, to - from);
  for (let i = top; i < bottom; i++)
    part.data.set(data.subarray(i * cols + from, i * cols + to), (i - top) * part.cols);
  return part;
}
