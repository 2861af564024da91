import type { BinnedFeatures } from "./bin-features.js";
import type { DecisionTree } from "./decision-tree.js";
import {
  bestGradientSplit,
  fillHistogram,
  type GradientHistogram,
  type GradientSplit,
  subtractHistogram,
} from "./gradient-histogram.js";

export interface BoostedTreeOptions {
  readonly maxLeafNodes: number;
  readonly maxDepth: number | null;
  readonly minSamplesLeaf: number;
  readonly l2: number;
  readonly learningRate: number;
  /** Bins of a feature at most. */
  readonly maxBins: number;
}

/** A tree that lowers the loss, and where its leaves put the training rows. */
export interface BoostedTree {
  /** One value a leaf: the step, shrunk. */
  readonly tree: DecisionTree;
  /** By node, the bin after which it splits. */
  readonly edges: Int32Array;
  /** The training rows in the order of the leaves; leaf l holds those from `starts[l]` to `starts[l + 1]`. */
  readonly rows: Int32Array;
  readonly starts: Int32Array;
}

interface Leaf {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly gradient: number;
  readonly hessian: number;
  readonly histogram: GradientHistogram | null;
  readonly split: GradientSplit | null;
}

/** Rows of a larger child from which on taking its sibling from their parent costs less than counting it. */
const SUBTRACT_FROM = 256;

/**
 * Grows trees leaf by leaf, the one that gains most first, from histograms of gradients and hessians.
 * @param train - the rows to learn from.
 * @returns a grower: `pairs` holds the gradient and the hessian of row i at 2 i and 2 i + 1.
 * @see Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017.
 */
export function boostedTreeGrower(
  X: BinnedFeatures,
  train: Int32Array,
  options: BoostedTreeOptions,
): (pairs: Float64Array, features: Int32Array) => BoostedTree {
  const { maxLeafNodes, minSamplesLeaf, l2, learningRate, maxBins: width } = options;
  const maxDepth = options.maxDepth ?? Infinity;
  const rules = { minSamplesLeaf, l2 };
  const rows = new Int32Array(train.length);
  const spare = new Int32Array(train.length);
  const scratch = { rows: new Int32Array(train.length), pairs: new Float64Array(2 * train.length) };
  const free: GradientHistogram[] = [];

  return (pairs, features) => {
    rows.set(train);
    const cells = features.length * width;
    const take = (): GradientHistogram => {
      const kept = free.pop();
      return kept?.rows.length === cells
        ? kept
        : { sums: new Float64Array(2 * cells), rows: new Int32Array(cells) };
    };
    const count = (from: number, to: number): GradientHistogram => {
      for (let k = from, at = 0; k < to; k++, at++) {
        const row = rows[k]!;
        scratch.rows[at] = row;
        scratch.pairs[2 * at] = pairs[2 * row]!;
        scratch.pairs[2 * at + 1] = pairs[2 * row + 1]!;
      }
      const histogram = take();
      fillHistogram(X, width, features, scratch, to - from, histogram);
      return histogram;
    };
    const splittable = (n: number, depth: number): boolean => n >= 2 * minSamplesLeaf && depth < maxDepth;
    const leafWith = (
      place: Pick<Leaf, "node" | "from" | "to" | "depth" | "gradient" | "hessian">,
      histogram: GradientHistogram | null,
    ): Leaf => {
      if (histogram === null) return { ...place, histogram, split: null };
      const total = { rows: place.to - place.from, gradient: place.gradient, hessian: place.hessian };
      const split = bestGradientSplit(histogram, width, features.length, total, rules);
      if (split.gain > 0) return { ...place, histogram, split };
      free.push(histogram);
      return { ...place, histogram: null, split: null };
    };

    const most = 2 * maxLeafNodes;
    const feature = new Int32Array(most).fill(-1);
    const edges = new Int32Array(most);
    const threshold = new Float32Array(most);
    const left = new Int32Array(most);
    const right = new Int32Array(most).fill(-1);
    let gradient = 0;
    let hessian = 0;
    for (const row of train) {
      gradient += pairs[2 * row]!;
      hessian += pairs[2 * row + 1]!;
    }
    const n = train.length;
    const root = { node: 0, from: 0, to: n, depth: 0, gradient, hessian };
    const leaves = [leafWith(root, splittable(n, 0) ? count(0, n) : null)];
    let nodes = 1;
    while (leaves.length < maxLeafNodes) {
      let at = -1;
      for (let k = 0; k < leaves.length; k++) {
        const gain = leaves[k]!.split?.gain ?? 0;
        if (gain > 0 && (at < 0 || gain > leaves[at]!.split!.gain)) at = k;
      }
      if (at < 0) break;
      const parent = leaves[at]!;
      const split = parent.split!;
      const f = features[split.feature]!;
      const middle = partition(X, rows, spare, parent.from, parent.to, f, split.edge);
      feature[parent.node] = f;
      edges[parent.node] = split.edge;
      threshold[parent.node] = X.edges[f]![split.edge]!;
      left[parent.node] = nodes;
      right[parent.node] = nodes + 1;
      const depth = parent.depth + 1;
      const lower = {
        node: nodes++,
        from: parent.from,
        to: middle,
        depth,
        gradient: split.leftGradient,
        hessian: split.leftHessian,
      };
      const upper = {
        node: nodes++,
        from: middle,
        to: parent.to,
        depth,
        gradient: parent.gradient - split.leftGradient,
        hessian: parent.hessian - split.leftHessian,
      };
      const [small, large] = lower.to - lower.from <= upper.to - upper.from ? [lower, upper] : [upper, lower];
      const last = leaves.length + 1 === maxLeafNodes;
      const wanted = (child: typeof lower): boolean => !last && splittable(child.to - child.from, depth);
      const subtract = wanted(large) && large.to - large.from >= SUBTRACT_FROM;
      const smallHistogram = subtract || wanted(small) ? count(small.from, small.to) : null;
      let largeHistogram: GradientHistogram | null = null;
      if (subtract) {
        largeHistogram = parent.histogram!;
        subtractHistogram(largeHistogram, smallHistogram!);
      } else {
        free.push(parent.histogram!);
        if (wanted(large)) largeHistogram = count(large.from, large.to);
      }
      if (smallHistogram !== null && !wanted(small)) free.push(smallHistogram);
      const grownSmall = leafWith(small, wanted(small) ? smallHistogram : null);
      const grownLarge = leafWith(large, largeHistogram);
      leaves[at] = small === lower ? grownSmall : grownLarge;
      leaves.push(small === lower ? grownLarge : grownSmall);
    }
    for (const leaf of leaves) if (leaf.histogram !== null) free.push(leaf.histogram);
    leaves.sort((a, b) => a.from - b.from);
    const values = new Float32Array(leaves.length);
    const starts = new Int32Array(leaves.length + 1);
    leaves.forEach((leaf, l) => {
      left[leaf.node] = l;
      starts[l] = leaf.from;
      values[l] = (-learningRate * leaf.gradient) / (leaf.hessian + l2 + 1e-15);
    });
    starts[leaves.length] = n;
    const tree = {
      feature: feature.slice(0, nodes),
      threshold: threshold.slice(0, nodes),
      left: left.slice(0, nodes),
      right: right.slice(0, nodes),
      values,
    };
    return { tree, edges: edges.slice(0, nodes), rows, starts };
  };
}

/** Moves the rows that go left to the front, both sides in their order; returns where the right begins. */
function partition(
  X: BinnedFeatures,
  rows: Int32Array,
  spare: Int32Array,
  from: number,
  to: number,
  feature: number,
  edge: number,
): number {
  const base = feature * X.rows;
  const { bins } = X;
  let left = from;
  let right = 0;
  for (let k = from; k < to; k++) {
    const row = rows[k]!;
    if (bins[base + row]! <= edge) rows[left++] = row;
    else spare[right++] = row;
  }
  for (let k = 0; k < right; k++) rows[left + k] = spare[k]!;
  return left;
}

/** The value that a tree gives a row of the binned features. */
export function boostedValue({ tree, edges }: BoostedTree, X: BinnedFeatures, row: number): number {
  let node = 0;
  for (;;) {
    const f = tree.feature[node]!;
    if (f < 0) return tree.values[tree.left[node]!]!;
    node = X.bins[f * X.rows + row]! <= edges[node]! ? tree.left[node]! : tree.right[node]!;
  }
}
