import type { Matrix } from "../../linalg/matrix.js";
import { sortFloats } from "./sort-floats.js";

/** Bins of a feature at most, so that a bin's number fits a byte. */
export const MAX_BINS = 256;

/** Features cut into bins, for trees to split between. */
export interface BinnedFeatures {
  readonly rows: number;
  readonly cols: number;
  /** Bin of row i in feature f at `f * rows + i`; in memory that threads may share. */
  readonly bins: Uint8Array;
  /** By feature, ascending: a row is in bin b if `edges[b - 1] < x <= edges[b]`. One fewer than bins. */
  readonly edges: readonly Float32Array[];
  /** By feature, the largest value of each bin. */
  readonly tops: readonly Float32Array[];
}

/**
 * Cuts each feature into at most `most` bins (256, by default) of about equally many rows; equal values share a bin. Features with no
 * more values than that keep every one of them apart. Edges are float32 midpoints between neighbouring values, so
 * that `x <= edge` says the same in memory and in ONNX.
 */
export function binFeatures(X: Matrix<Float32Array>, most = MAX_BINS): BinnedFeatures {
  const { data, rows, cols } = X;
  const bins = new Uint8Array(new SharedArrayBuffer(rows * cols));
  const edges: Float32Array[] = [];
  const tops: Float32Array[] = [];
  const column = new Float32Array(rows);
  const sort = sortFloats(rows);
  for (let f = 0; f < cols; f++) {
    for (let i = 0, at = f; i < rows; i++, at += cols) column[i] = data[at]!;
    const { values, order } = sort(column);
    const cuts = edgesOf(values, most);
    const highest = new Float32Array(cuts.length + 1);
    let bin = 0;
    for (let k = 0; k < rows; k++) {
      const value = values[k]!;
      if (bin < cuts.length && value > cuts[bin]!) bin++;
      highest[bin] = value;
      bins[f * rows + order[k]!] = bin;
    }
    edges.push(cuts);
    tops.push(highest);
  }
  return { rows, cols, bins, edges, tops };
}

function edgesOf(sorted: Float32Array, most: number): Float32Array {
  const n = sorted.length;
  let distinct = 1;
  for (let i = 1; i < n; i++) if (sorted[i] !== sorted[i - 1]) distinct++;
  const edges = new Float32Array(most - 1);
  let count = 0;
  for (let i = 1; i < n && count < most - 1; i++) {
    if (sorted[i] === sorted[i - 1]) continue;
    if (distinct <= most || i >= (n * (count + 1)) / most) {
      edges[count++] = between(sorted[i - 1]!, sorted[i]!);
    }
  }
  return edges.slice(0, count);
}

/** A float32 t with `low <= t < high`, in the middle where there is one. */
function between(low: number, high: number): number {
  const middle = Math.fround(low + (high - low) / 2);
  return middle < high ? middle : low;
}
