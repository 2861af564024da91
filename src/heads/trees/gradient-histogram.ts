import type { BinnedFeatures } from "./bin-features.js";

/** Sums of a node's rows by feature and bin: gradient and hessian side by side in `sums`, rows in `rows`. */
export interface GradientHistogram {
  readonly sums: Float64Array;
  readonly rows: Int32Array;
}

/** Rows of a node, with their gradients and hessians side by side. */
export interface GradientRows {
  readonly rows: Int32Array;
  readonly pairs: Float64Array;
}

/** Adds up `node`'s first `n` rows on the given features; bins beyond those that a feature has stay as they are. */
export function fillHistogram(
  X: BinnedFeatures,
  width: number,
  features: Int32Array,
  node: GradientRows,
  n: number,
  into: GradientHistogram,
): void {
  into.sums.fill(0);
  into.rows.fill(0);
  for (let j = 0; j < features.length; j++) {
    const base = features[j]! * X.rows;
    addColumn(X.bins, base, node.rows, node.pairs, n, into.sums, into.rows, j * width);
  }
}

function addColumn(
  bins: Uint8Array,
  base: number,
  rows: Int32Array,
  pairs: Float64Array,
  n: number,
  sums: Float64Array,
  counts: Int32Array,
  start: number,
): void {
  for (let k = 0; k < n; k++) {
    const at = start + bins[base + rows[k]!]!;
    sums[2 * at]! += pairs[2 * k]!;
    sums[2 * at + 1]! += pairs[2 * k + 1]!;
    counts[at]!++;
  }
}

/** The histogram of a node's other child, in place of the node's own. */
export function subtractHistogram(node: GradientHistogram, child: GradientHistogram): void {
  const { sums, rows } = node;
  const { sums: childSums, rows: childRows } = child;
  for (let k = 0; k < sums.length; k++) sums[k]! -= childSums[k]!;
  for (let k = 0; k < rows.length; k++) rows[k]! -= childRows[k]!;
}

export interface GradientSplitRules {
  readonly minSamplesLeaf: number;
  readonly l2: number;
}

/** The split of a leaf that lowers the loss most; `gain` is 0 where none does. */
export interface GradientSplit {
  gain: number;
  /** Place in the list of features. */
  feature: number;
  edge: number;
  leftGradient: number;
  leftHessian: number;
}

/** Hessian that each side of a split needs. */
const LEAST_HESSIAN = 1e-3;

/** Looks through all bins of all features. */
export function bestGradientSplit(
  histogram: GradientHistogram,
  width: number,
  features: number,
  total: { readonly rows: number; readonly gradient: number; readonly hessian: number },
  { minSamplesLeaf, l2 }: GradientSplitRules,
): GradientSplit {
  const { sums, rows } = histogram;
  const { gradient, hessian } = total;
  const unsplit = (gradient * gradient) / (hessian + l2);
  const found: GradientSplit = { gain: 0, feature: -1, edge: -1, leftGradient: 0, leftHessian: 0 };
  let best = unsplit * (1 + 1e-12) + 1e-12;
  for (let f = 0; f < features; f++) {
    let g = 0;
    let h = 0;
    let count = 0;
    for (let bin = 0, at = f * width; bin < width; bin++, at++) {
      const here = rows[at]!;
      if (here === 0) continue;
      g += sums[2 * at]!;
      h += sums[2 * at + 1]!;
      count += here;
      if (count < minSamplesLeaf || h < LEAST_HESSIAN) continue;
      const rest = hessian - h;
      if (total.rows - count < minSamplesLeaf || rest < LEAST_HESSIAN) break;
      const other = gradient - g;
      const score = (g * g) / (h + l2) + (other * other) / (rest + l2);
      if (score <= best) continue;
      best = score;
      found.feature = f;
      found.edge = bin;
      found.leftGradient = g;
      found.leftHessian = h;
    }
  }
  if (found.feature >= 0) found.gain = best - unsplit;
  return found;
}
