import { type Matrix, matrix, rowOf } from "../../linalg/matrix.js";
import { rowDots, squaredNorms, widenFloat32 } from "../../linalg/row-dots.js";
import type { KnnOptions } from "./knn-options.js";

/**
 * Squared distances below this share of the squared lengths are zero: a difference of large numbers that is
 * this small is rounding, and depends on the order in which they were summed.
 */
export const SAME = 1e-12;

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
  /** The training rows as they came, in float32. */
  readonly source: Matrix<Float32Array>;
  /**
   * The mean of the training rows, under the Euclidean metric, which is subtracted to lose no digits to a common offset;
   * else zeros. Float32-exact.
   */
  centre(): Float64Array;
  /** Squared lengths of the training rows about the centre. */
  squares(): Float64Array;
  /** The training rows in the coordinates of the search. */
  placed(): Placed;
}

/** A table of rows that are copied; all else is computed when it is first asked for, and kept. */
export function neighbourTable({ metric, nNeighbors }: KnnOptions, X: Matrix): NeighbourTable {
  const source = matrix(new Float32Array(X.data), X.rows, X.cols);
  const centre = once(() => (metric === "euclidean" ? meanRow(source) : new Float64Array(X.cols)));
  return {
    metric,
    k: Math.min(nNeighbors, X.rows),
    source,
    centre,
    squares: once(() => squaresAbout(centre(), source)),
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

/** @param X - rounded to float32 first, as a graph sees it. */
function place(metric: KnnOptions["metric"], centre: Float64Array, X: Matrix): Placed {
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

/** Rows whose distances are held at a time. */
const BLOCK = 64;

/**
 * Finds the nearest training rows of each row of Q, nearest first, the lower index first where float32 sees no
 * difference. The search works on scalar products; the distances of those found are computed again from the
 * differences, which keeps them exact however close they are.
 * @param each - called once a row; its arrays are overwritten by the next.
 */
export function nearest(
  table: NeighbourTable,
  Q: Matrix,
  each: (row: number, neighbours: Int32Array, distances: Float64Array) => void,
): void {
  const queries = place(table.metric, table.centre(), Q);
  const trained = table.placed();
  const n = trained.rows.rows;
  const dots = new Float64Array(BLOCK * n);
  const found = new Int32Array(table.k);
  const keys = new Float64Array(table.k);
  const distances = new Float64Array(table.k);
  for (let from = 0; from < Q.rows; from += BLOCK) {
    const block = { from, to: Math.min(Q.rows, from + BLOCK) };
    rowDots(queries.rows, block, trained.rows, { from: 0, to: n }, dots, n);
    for (let i = from; i < block.to; i++) {
      selectNearest(dots, (i - from) * n, queries.norms[i]!, trained.norms, found, keys);
      for (let j = 0; j < table.k; j++) distances[j] = distanceBetween(queries, i, trained, found[j]!);
      each(i, found, distances);
    }
  }

  /** Under cosine 1 - u·v is half of |u - v|² for rows of length 1. */
  function distanceBetween(a: Placed, i: number, b: Placed, j: number): number {
    const x = rowOf(a.rows, i);
    const y = rowOf(b.rows, j);
    let squared = 0;
    for (let k = 0; k < x.length; k++) squared += (x[k]! - y[k]!) ** 2;
    if (squared <= SAME * (a.norms[i]! + b.norms[j]!)) squared = 0;
    return table.metric === "euclidean" ? Math.sqrt(squared) : (squared + a.missing[i]! + b.missing[j]!) / 2;
  }
}

/** Keeps the k smallest squared distances, rounded to float32, by insertion into a sorted list. */
function selectNearest(
  dots: Float64Array,
  offset: number,
  square: number,
  norms: Float64Array,
  found: Int32Array,
  keys: Float64Array,
): void {
  const k = found.length;
  let size = 0;
  for (let j = 0; j < norms.length; j++) {
    const scale = square + norms[j]!;
    const squared = scale - 2 * dots[offset + j]!;
    const key = squared <= SAME * scale ? 0 : Math.fround(squared);
    if (size === k && key >= keys[k - 1]!) continue;
    let at = size < k ? size++ : k - 1;
    while (at > 0 && keys[at - 1]! > key) {
      keys[at] = keys[at - 1]!;
      found[at] = found[at - 1]!;
      at--;
    }
    keys[at] = key;
    found[at] = j;
  }
}
