import type { BinnedFeatures } from "./random-forest-bins.js";
import { MAX_BINS } from "./random-forest-bins.js";

/** The rows of a node, gathered for the scan: parallel arrays of length `count`. */
export interface NodeRows {
  count: number;
  readonly rows: Int32Array;
  readonly codes: Int32Array;
  readonly weights: Float64Array;
  /** Weight of each class in the node. */
  readonly totals: Float64Array;
}

/** A way to split: rows with `bin <= edge` go left. `gain` orders splits of one node. */
export interface Split {
  readonly edge: number;
  readonly gain: number;
}

/** What a feature offers in a node: a split, nothing because all rows are in one bin, or no split that is allowed. */
export type Offer = Split | "constant" | null;

/** Below this many rows, sorting by insertion beats counting through 256 bins. */
const FEW = 40;

/** Finds the best split of a node on one feature; holds scratch memory for nodes of up to `rows` rows. */
export function splitFinder(
  features: BinnedFeatures,
  classes: number,
  criterion: "gini" | "entropy",
  minSamplesLeaf: number,
): (node: NodeRows, feature: number) => Offer {
  const counts = new Int32Array(MAX_BINS + 1);
  const bins = new Uint8Array(features.rows);
  const order = new Int32Array(features.rows);
  const sortedBins = new Uint8Array(features.rows);
  const left = new Float64Array(classes);
  const right = new Float64Array(classes);
  const scan = criterion === "gini" ? scanGini : scanEntropy;
  return (node, feature) => {
    const n = node.count;
    const base = feature * features.rows;
    let lowest = MAX_BINS;
    let highest = -1;
    for (let k = 0; k < n; k++) {
      const bin = features.bins[base + node.rows[k]!]!;
      bins[k] = bin;
      if (bin < lowest) lowest = bin;
      if (bin > highest) highest = bin;
    }
    if (lowest === highest) return "constant";
    if (n <= FEW) sortByInsertion(bins, n, order, sortedBins);
    else sortByCounting(bins, n, lowest, highest, counts, order, sortedBins);
    left.fill(0);
    right.set(node.totals);
    return scan(node, order, sortedBins, left, right, minSamplesLeaf);
  };
}

function sortByInsertion(bins: Uint8Array, n: number, order: Int32Array, sorted: Uint8Array): void {
  for (let k = 0; k < n; k++) {
    const bin = bins[k]!;
    let at = k;
    while (at > 0 && sorted[at - 1]! > bin) {
      sorted[at] = sorted[at - 1]!;
      order[at] = order[at - 1]!;
      at--;
    }
    sorted[at] = bin;
    order[at] = k;
  }
}

function sortByCounting(
  bins: Uint8Array,
  n: number,
  lowest: number,
  highest: number,
  counts: Int32Array,
  order: Int32Array,
  sorted: Uint8Array,
): void {
  counts.fill(0, lowest, highest + 2);
  for (let k = 0; k < n; k++) counts[bins[k]! + 1]!++;
  counts[lowest] = 0;
  for (let bin = lowest + 1; bin <= highest; bin++) counts[bin]! += counts[bin - 1]!;
  for (let k = 0; k < n; k++) {
    const bin = bins[k]!;
    const at = counts[bin]!++;
    order[at] = k;
    sorted[at] = bin;
  }
}

type Scan = (
  node: NodeRows,
  order: Int32Array,
  bins: Uint8Array,
  left: Float64Array,
  right: Float64Array,
  minSamplesLeaf: number,
) => Split | null;

/** The edge in the middle of the empty bins between two that are next to each other in the node. */
const edgeBetween = (low: number, high: number): number => (low + high - 1) >> 1;

/** Moves rows from right to left one by one; the sums of squares follow in a few operations whatever the classes. */
const scanGini: Scan = (node, order, bins, left, right, minSamplesLeaf) => {
  let leftWeight = 0;
  let rightWeight = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (const weight of right) {
    rightWeight += weight;
    rightSquares += weight * weight;
  }
  let best = -Infinity;
  let edge = -1;
  const last = node.count - minSamplesLeaf;
  for (let k = 0; k < last; k++) {
    const row = order[k]!;
    const code = node.codes[row]!;
    const w = node.weights[row]!;
    const l = left[code]!;
    const r = right[code]!;
    leftSquares += w * (2 * l + w);
    rightSquares -= w * (2 * r - w);
    left[code] = l + w;
    right[code] = r - w;
    leftWeight += w;
    rightWeight -= w;
    if (bins[k] === bins[k + 1] || k + 1 < minSamplesLeaf) continue;
    const gain = leftSquares / leftWeight + rightSquares / rightWeight;
    if (gain > best) {
      best = gain;
      edge = edgeBetween(bins[k]!, bins[k + 1]!);
    }
  }
  return edge < 0 ? null : { edge, gain: best };
};

const xLogX = (x: number): number => (x > 0 ? x * Math.log(x) : 0);

const scanEntropy: Scan = (node, order, bins, left, right, minSamplesLeaf) => {
  let leftWeight = 0;
  let rightWeight = 0;
  let sum = 0;
  for (const weight of right) {
    rightWeight += weight;
    sum += xLogX(weight);
  }
  let best = -Infinity;
  let edge = -1;
  const last = node.count - minSamplesLeaf;
  for (let k = 0; k < last; k++) {
    const row = order[k]!;
    const code = node.codes[row]!;
    const w = node.weights[row]!;
    const l = left[code]!;
    const r = right[code]!;
    sum += xLogX(l + w) - xLogX(l) + xLogX(r - w) - xLogX(r);
    left[code] = l + w;
    right[code] = r - w;
    leftWeight += w;
    rightWeight -= w;
    if (bins[k] === bins[k + 1] || k + 1 < minSamplesLeaf) continue;
    const gain = sum - xLogX(leftWeight) - xLogX(rightWeight);
    if (gain > best) {
      best = gain;
      edge = edgeBetween(bins[k]!, bins[k + 1]!);
    }
  }
  return edge < 0 ? null : { edge, gain: best };
};
