import { type BinnedFeatures, MAX_BINS } from "./bin-features.js";
import { PLACE_BITS, PLACE_MASK, sortByInsertion } from "./sorted-bins.js";
import { edgeAt, edgeBetween, type Split, type Splits } from "./splits.js";

export interface MeanSplitOptions {
  readonly minSamplesLeaf: number;
  /** Uniform in [0, 1): one threshold a feature is drawn, between its extremes; null: the best one is taken. */
  readonly draw: (() => number) | null;
}

/** Up to this many rows, sorting by insertion beats counting through 256 bins. */
const FEW = 48;

/** Splits that lower the squared error of the targets about their means. */
export function meanSplits(X: BinnedFeatures, targets: Float64Array, options: MeanSplitOptions): Splits {
  const { minSamplesLeaf, draw } = options;
  const { bins, rows: allRows } = X;
  const nodeRows = new Int32Array(allRows);
  const nodeWeights = new Float64Array(allRows);
  const nodeSums = new Float64Array(allRows);
  const keys = new Int32Array(FEW);
  const weights = new Float64Array(MAX_BINS);
  const sums = new Float64Array(MAX_BINS);
  const rowsOf = new Int32Array(MAX_BINS);
  const cellBins = new Uint8Array(MAX_BINS);
  const found: Split = { edge: -1, gain: 0 };
  let n = 0;
  let weight = 0;
  let sum = 0;

  /** Fills a cell a bin, or a cell a row; returns how many. */
  const cells = (base: number): number => {
    if (n <= FEW) {
      for (let k = 0; k < n; k++) keys[k] = (bins[base + nodeRows[k]!]! << PLACE_BITS) | k;
      sortByInsertion(keys, n);
      for (let k = 0; k < n; k++) {
        const place = keys[k]! & PLACE_MASK;
        cellBins[k] = keys[k]! >> PLACE_BITS;
        weights[k] = nodeWeights[place]!;
        sums[k] = nodeSums[place]!;
        rowsOf[k] = 1;
      }
      return n;
    }
    weights.fill(0);
    sums.fill(0);
    rowsOf.fill(0);
    for (let k = 0; k < n; k++) {
      const bin = bins[base + nodeRows[k]!]!;
      weights[bin]! += nodeWeights[k]!;
      sums[bin]! += nodeSums[k]!;
      rowsOf[bin]!++;
    }
    let at = 0;
    for (let bin = 0; bin < MAX_BINS; bin++) {
      if (rowsOf[bin] === 0) continue;
      cellBins[at] = bin;
      weights[at] = weights[bin]!;
      sums[at] = sums[bin]!;
      rowsOf[at++] = rowsOf[bin]!;
    }
    return at;
  };

  return {
    found,
    enter(rows, counts, from, to) {
      n = to - from;
      weight = 0;
      sum = 0;
      const first = targets[rows[from]!]!;
      let differs = false;
      for (let k = 0; k < n; k++) {
        const row = rows[from + k]!;
        const w = counts[row]!;
        const target = targets[row]!;
        nodeRows[k] = row;
        nodeWeights[k] = w;
        nodeSums[k] = w * target;
        weight += w;
        sum += w * target;
        if (target !== first) differs = true;
      }
      return differs;
    },
    find(feature) {
      const count = cells(feature * allRows);
      const lowest = cellBins[0]!;
      const highest = cellBins[count - 1]!;
      if (lowest === highest) return "constant";
      let drawn = -1;
      if (draw !== null) {
        const tops = X.tops[feature]!;
        const low = tops[lowest]!;
        drawn = edgeAt(tops, lowest, highest, low + draw() * (tops[highest]! - low));
      }
      let leftWeight = 0;
      let leftSum = 0;
      let leftRows = 0;
      found.edge = -1;
      found.gain = -Infinity;
      for (let k = 0; k + 1 < count; k++) {
        leftWeight += weights[k]!;
        leftSum += sums[k]!;
        leftRows += rowsOf[k]!;
        const bin = cellBins[k]!;
        const next = cellBins[k + 1]!;
        if (bin === next || leftRows < minSamplesLeaf || n - leftRows < minSamplesLeaf) continue;
        if (draw !== null && (drawn < bin || drawn >= next)) continue;
        const rest = sum - leftSum;
        const gain = (leftSum * leftSum) / leftWeight + (rest * rest) / (weight - leftWeight);
        if (gain > found.gain) {
          found.gain = gain;
          found.edge = draw !== null ? drawn : edgeBetween(bin, next);
        }
      }
      return found.edge >= 0 ? "split" : "none";
    },
    unsplit: () => (sum * sum) / weight,
    weight: () => weight,
    leaf: () => ({ values: [sum / weight], pure: null }),
  };
}
