import { type Dimension, ShapeError } from "../core/errors.js";

/** The number arrays that a matrix may lie in. */
export type FloatArray = Float32Array | Float64Array;

/** A dense row-major matrix over one buffer: element (i, j) is `data[i * cols + j]`. */
export interface Matrix<Data extends FloatArray = FloatArray> {
  readonly data: Data;
  readonly rows: number;
  readonly cols: number;
}

/**
 * A view of `data` as `rows` × `cols`; nothing is copied.
 * @throws {ShapeError} if the sizes disagree.
 */
export function matrix<Data extends FloatArray>(data: Data, rows: number, cols: number): Matrix<Data> {
  if (data.length !== rows * cols) throw new ShapeError("data", [rows * cols], [data.length]);
  return { data, rows, cols };
}

/** A matrix of zeros, float64. */
export function zeros(rows: number, cols: number): Matrix<Float64Array> {
  return { data: new Float64Array(rows * cols), rows, cols };
}

/** Row `i` as a view. */
export function rowOf<Data extends FloatArray>(X: Matrix<Data>, i: number): Data {
  return X.data.subarray(i * X.cols, (i + 1) * X.cols) as Data;
}

/** The rows at `indices`, copied into a new matrix of the same dtype. */
export function selectRows<Data extends FloatArray>(
  X: Matrix<Data>,
  indices: ArrayLike<number>,
): Matrix<Data> {
  const Type = X.data.constructor as new (length: number) => Data;
  const data = new Type(indices.length * X.cols);
  for (let i = 0; i < indices.length; i++) data.set(rowOf(X, indices[i]!), i * X.cols);
  return { data, rows: indices.length, cols: X.cols };
}

/** @throws {ShapeError} unless `X` is `[rows, cols]`, `"*"` matching anything. */
export function checkShape(name: string, X: Matrix, rows: Dimension, cols: Dimension): void {
  if ((rows !== "*" && X.rows !== rows) || (cols !== "*" && X.cols !== cols)) {
    throw new ShapeError(name, [rows, cols], [X.rows, X.cols]);
  }
}
