import { type Matrix, matrix } from "../../linalg/matrix.js";
import { float32Data, squaredNorms, widenFloat32 } from "../../linalg/row-dots.js";
import type { KnnOptions } from "./knn-options.js";
import { mostlyRepeated } from "./knn-repeated-rows.js";

/** Rows in the coordinates of the search. */
export interface Placed {
  /** Euclidean: centred. Cosine: of length 1, or all zeros. */
  readonly rows: Matrix<Float64Array>;
  /** Squared lengths; 1 for every row under cosine. */
  readonly norms: Float64Array;
  /** 1 for a row of zeros under cosine, which has distance 1 from every row; else 0. */
  readonly missing: Float64Array;
}

/** The training rows, and how they are searched. */
export interface NeighbourTable {
  readonly metric: KnnOptions["metric"];
  /** Neighbours asked for, at most the rows. */
  readonly k: number;
  /** The training rows as they came, in float32: not a copy, where they came so. */
  readonly source: Matrix<Float32Array>;
  /**
   * The mean of the training rows, under the Euclidean metric, which is subtracted to lose no digits to a common offset;
   * else zeros. Float32-exact.
   */
  centre(): Float64Array;
  /** Squared lengths of the training rows about the centre. */
  squares(): Float64Array;
  /** Whether most of them come many times. */
  repeated(): boolean;
  /** The training rows in the coordinates of the search. */
  placed(): Placed;
}

/** A table of rows that are not copied where they are float32; all else is computed when it is first asked for, and kept. */
export function neighbourTable({ metric, nNeighbors }: KnnOptions, X: Matrix): NeighbourTable {
  const source = matrix(float32Data(X), X.rows, X.cols);
  const centre = once(() => (metric === "euclidean" ? meanRow(source) : new Float64Array(X.cols)));
  return {
    metric,
    k: Math.min(nNeighbors, X.rows),
    source,
    centre,
    squares: once(() => squaresAbout(centre(), source)),
    repeated: once(() => mostlyRepeated(source)),
    placed: once(() => place(metric, centre(), source)),
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function meanRow({ data, rows, cols }: Matrix): Float64Array {
  const mean = new Float64Array(cols);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < cols; j++, at++) mean[j]! += data[at]!;
  return mean.map((sum) => Math.fround(sum / rows));
}

function squaresAbout(centre: Float64Array, { data, rows, cols }: Matrix): Float64Array {
  const squares = new Float64Array(rows);
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++, at++) {
      const value = data[at]! - centre[j]!;
      sum += value * value;
    }
    squares[i] = sum;
  }
  return squares;
}

/** Rows as the search needs them. @param X - rounded to float32 first, as a graph sees it. */
export function place(metric: KnnOptions["metric"], centre: Float64Array, X: Matrix): Placed {
  const { rows: n, cols } = X;
  const { data } = widenFloat32(X);
  for (let i = 0, at = 0; i < n; i++) for (let k = 0; k < cols; k++, at++) data[at]! -= centre[k]!;
  const rows = { data, rows: n, cols };
  const norms = squaredNorms(rows);
  const missing = new Float64Array(n);
  if (metric === "euclidean") return { rows, norms, missing };
  for (let i = 0; i < n; i++) {
    const length = Math.sqrt(norms[i]!);
    if (length === 0) missing[i] = 1;
    else for (let at = i * cols; at < (i + 1) * cols; at++) data[at]! /= length;
    norms[i] = 1;
  }
  return { rows, norms, missing };
}
