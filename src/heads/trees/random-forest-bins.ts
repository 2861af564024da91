import type { Matrix } from "../../linalg/matrix.js";

/** Bins of a feature at most, so that a bin's number fits a byte. */
export const MAX_BINS = 256;

/** Features cut into bins, for trees to split between. */
export interface BinnedFeatures {
  readonly rows: number;
  readonly cols: number;
  /** Bin of row i in feature f at `f * rows + i`. */
  readonly bins: Uint8Array;
  /** By feature, ascending: a row is in bin b if `edges[b - 1] < x <= edges[b]`. One fewer than bins. */
  readonly edges: readonly Float32Array[];
}

/**
 * Cuts each feature into at most 256 bins of about equally many rows; equal values share a bin. Features with no
 * more than 256 values keep every one of them apart. Edges are float32 midpoints between neighbouring values, so
 * that `x <= edge` says the same in memory and in ONNX.
 */
export function binFeatures(X: Matrix<Float32Array>): BinnedFeatures {
  const { data, rows, cols } = X;
  const bins = new Uint8Array(rows * cols);
  const edges: Float32Array[] = [];
  const column = new Float32Array(rows);
  for (let f = 0; f < cols; f++) {
    for (let i = 0, at = f; i < rows; i++, at += cols) column[i] = data[at]!;
    const cuts = edgesOf(column.slice().sort());
    edges.push(cuts);
    for (let i = 0; i < rows; i++) bins[f * rows + i] = binOf(cuts, column[i]!);
  }
  return { rows, cols, bins, edges };
}

function edgesOf(sorted: Float32Array): Float32Array {
  const n = sorted.length;
  let distinct = 1;
  for (let i = 1; i < n; i++) if (sorted[i] !== sorted[i - 1]) distinct++;
  const edges: number[] = [];
  for (let i = 1; i < n && edges.length < MAX_BINS - 1; i++) {
    if (sorted[i] === sorted[i - 1]) continue;
    const due = (n * (edges.length + 1)) / MAX_BINS;
    if (distinct <= MAX_BINS || i >= due) edges.push(between(sorted[i - 1]!, sorted[i]!));
  }
  return Float32Array.from(edges);
}

/** A float32 t with `low <= t < high`, in the middle where there is one. */
function between(low: number, high: number): number {
  const middle = Math.fround(low + (high - low) / 2);
  return middle < high ? middle : low;
}

function binOf(edges: Float32Array, x: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
