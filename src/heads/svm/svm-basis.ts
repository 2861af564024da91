import { type Matrix, selectRows } from "../../linalg/matrix.js";
import { rowDots, squaredNorms, widenFloat32 } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { applyKernel, type Kernel, writeKernel } from "./svm-kernel.js";

/** The rows that decisions are sums of kernel values with. */
export interface KernelBasis {
  readonly kernel: Kernel;
  /** As they were trained on: float32-exact `[size, dim]`; `[size, 0]` for a precomputed kernel. */
  readonly rows: Matrix<Float64Array>;
  /** What they are of the training rows: the columns of a precomputed kernel. */
  readonly indices: Int32Array;
  /** Taken from every row before distances are computed, so that a common offset costs no digits; null: none. */
  readonly centre: Float64Array | null;
  readonly size: number;
}

/** @param X - the training rows, float32-exact. @param indices - those that the basis keeps. */
export function kernelBasis(
  kernel: Kernel,
  X: Matrix,
  indices: ArrayLike<number>,
  centre: Float64Array | null,
): KernelBasis {
  const size = indices.length;
  const rows =
    kernel.kind === "precomputed"
      ? { data: new Float64Array(0), rows: size, cols: 0 }
      : widenFloat32(selectRows(X, indices));
  return { kernel, rows, indices: Int32Array.from(indices), centre, size };
}

/** The mean row where distances are asked for, else null. */
export function centreOf(kernel: Kernel, X: Matrix): Float64Array | null {
  if (kernel.kind !== "rbf") return null;
  const mean = new Float64Array(X.cols);
  for (let i = 0, k = 0; i < X.rows; i++) for (let c = 0; c < X.cols; c++, k++) mean[c]! += X.data[k]!;
  return mean.map((sum) => sum / X.rows);
}

/** X with the centre taken from every row; X itself without one. */
export function centred(X: Matrix<Float64Array>, centre: Float64Array | null): Matrix<Float64Array> {
  if (centre === null) return X;
  const data = new Float64Array(X.data.length);
  for (let i = 0, k = 0; i < X.rows; i++)
    for (let c = 0; c < X.cols; c++, k++) data[k] = X.data[k]! - centre[c]!;
  return { data, rows: X.rows, cols: X.cols };
}

/** Rows whose kernel values are held at a time. */
const BLOCK = 64;

/**
 * Kernel values of rows against a basis, in memory.
 * @returns a function that hands every row its values, `[size]` from `offset` on, overwritten by a later block.
 */
export function basisValues(
  basis: KernelBasis,
): (wide: Matrix<Float64Array>, each: (row: number, values: Float64Array, offset: number) => void) => void {
  const { kernel, indices, centre, size } = basis;
  const rows = centred(basis.rows, centre);
  const norms = squaredNorms(rows);
  const values = new Float64Array(BLOCK * size);
  return (wide, each) => {
    if (kernel.kind === "precomputed") {
      for (let i = 0; i < wide.rows; i++) {
        for (let s = 0; s < size; s++) values[s] = wide.data[i * wide.cols + indices[s]!]!;
        each(i, values, 0);
      }
      return;
    }
    const own = centred(wide, centre);
    const squares = squaredNorms(own);
    for (let from = 0; from < own.rows; from += BLOCK) {
      const to = Math.min(own.rows, from + BLOCK);
      rowDots(own, { from, to }, rows, { from: 0, to: size }, values, size);
      for (let i = from; i < to; i++) {
        const offset = (i - from) * size;
        applyKernel(kernel, values, offset, size, squares[i]!, norms, 0);
        each(i, values, offset);
      }
    }
  };
}

/**
 * Adds the same to a graph, in float64.
 * @param x - float32 `[n, dim]`.
 * @returns float64 `[n, size]`.
 */
export function writeBasisValues(graph: GraphBuilder, basis: KernelBasis, x: TensorName): TensorName {
  const { kernel, rows, indices, centre, size } = basis;
  if (kernel.kind === "precomputed") {
    const own = graph.op("Gather", [x, graph.int64(indices, [size], "support")], { axis: { int: 1 } });
    return graph.op("Cast", [own], { to: { int: 11 } });
  }
  const wide = graph.op("Cast", [x], { to: { int: 11 } });
  if (centre === null) return writeKernel(graph, kernel, wide, rows, squaredNorms(rows));
  const middle = graph.float64(centre, [1, centre.length], "centre");
  const own = graph.op("Sub", [wide, middle]);
  return writeKernel(graph, kernel, own, rows, squaredNorms(centred(rows, centre)), middle);
}
