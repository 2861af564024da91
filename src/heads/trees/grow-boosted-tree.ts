import type { BinnedFeatures } from "./bin-features.js";
import type { DecisionTree } from "./decision-tree.js";
import {
  type GradientSplit,
  type HistogramStep,
  NO_SPLIT,
  type SplitSearch,
  unsplitScore,
} from "./split-search.js";

export interface BoostedTreeOptions {
  readonly maxLeafNodes: number;
  readonly maxDepth: number | null;
  readonly minSamplesLeaf: number;
  readonly l2: number;
  readonly learningRate: number;
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

/** A node that may be split. */
interface Leaf {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly gradient: number;
  readonly hessian: number;
  /** The place of its histogram; -1 where it has none. */
  slot: number;
  split: GradientSplit;
  /** What its split takes off the loss; 0 without one. */
  gain: number;
}

/** Rows of a larger child from which on taking its sibling from their parent costs less than counting it. */
const SUBTRACT_FROM = 256;

/**
 * Grows trees leaf by leaf, the one that gains most first, from histograms of gradients and hessians.
 * @param train - the rows to learn from. @param rows - as many numbers, which `search` reads.
 * @returns a grower: `pairs` holds the gradient and the hessian of row i at 2 i and 2 i + 1.
 * @see Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017.
 */
export function boostedTreeGrower(
  X: BinnedFeatures,
  train: Int32Array,
  rows: Int32Array,
  search: SplitSearch,
  options: BoostedTreeOptions,
): (pairs: Float64Array, features: Int32Array) => BoostedTree {
  const { maxLeafNodes, minSamplesLeaf, l2, learningRate } = options;
  const maxDepth = options.maxDepth ?? Infinity;
  const spare = new Int32Array(train.length);

  return (pairs, features) => {
    rows.set(train);
    search.start(pairs, features);
    const free: number[] = [];
    let slots = 0;
    const takeSlot = (): number => free.pop() ?? slots++;
    const leafAt = (node: number, from: number, to: number, depth: number, g: number, h: number): Leaf => ({
      node,
      from,
      to,
      depth,
      gradient: g,
      hessian: h,
      slot: -1,
      split: NO_SPLIT,
      gain: 0,
    });
    const splittable = ({ from, to, depth }: Leaf): boolean =>
      to - from >= 2 * minSamplesLeaf && depth < maxDepth;
    /** Makes histograms, of the leaf itself or from that in `less`; those that are not wanted are freed at once. */
    const find = (asked: readonly { leaf: Leaf; slot: number; less: number; wanted: boolean }[]): void => {
      const steps = asked.map(
        ({ leaf: { from, to, gradient, hessian }, slot, less, wanted }): HistogramStep => ({
          slot,
          less,
          from,
          to,
          gradient,
          hessian,
          wanted,
        }),
      );
      search.run(steps).forEach((split, k) => {
        const { leaf, slot } = asked[k]!;
        const gain = split.feature < 0 ? 0 : split.score - unsplitScore(leaf.gradient, leaf.hessian, l2);
        if (gain > 0) Object.assign(leaf, { slot, split, gain });
        else free.push(slot);
      });
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
    const root = leafAt(0, 0, n, 0, gradient, hessian);
    if (splittable(root)) find([{ leaf: root, slot: takeSlot(), less: -1, wanted: true }]);
    const leaves = [root];
    let nodes = 1;
    while (leaves.length < maxLeafNodes) {
      let at = -1;
      for (let k = 0; k < leaves.length; k++) {
        if (leaves[k]!.gain > (at < 0 ? 0 : leaves[at]!.gain)) at = k;
      }
      if (at < 0) break;
      const parent = leaves[at]!;
      const { split } = parent;
      const f = split.feature;
      const middle = partition(X, rows, spare, parent.from, parent.to, f, split.edge);
      feature[parent.node] = f;
      edges[parent.node] = split.edge;
      threshold[parent.node] = X.edges[f]![split.edge]!;
      left[parent.node] = nodes;
      right[parent.node] = nodes + 1;
      const { leftGradient, leftHessian } = split;
      const depth = parent.depth + 1;
      const lower = leafAt(nodes++, parent.from, middle, depth, leftGradient, leftHessian);
      const rest = [parent.gradient - leftGradient, parent.hessian - leftHessian] as const;
      const upper = leafAt(nodes++, middle, parent.to, depth, ...rest);
      const [small, large] = lower.to - lower.from <= upper.to - upper.from ? [lower, upper] : [upper, lower];
      const last = leaves.length + 1 === maxLeafNodes;
      const wantsSmall = !last && splittable(small);
      const wantsLarge = !last && splittable(large);
      if (wantsLarge && large.to - large.from >= SUBTRACT_FROM) {
        const slot = takeSlot();
        find([
          { leaf: small, slot, less: -1, wanted: wantsSmall },
          { leaf: large, slot: parent.slot, less: slot, wanted: true },
        ]);
      } else {
        free.push(parent.slot);
        const wanted = [...(wantsSmall ? [small] : []), ...(wantsLarge ? [large] : [])];
        if (wanted.length > 0)
          find(wanted.map((leaf) => ({ leaf, slot: takeSlot(), less: -1, wanted: true })));
      }
      leaves[at] = lower;
      leaves.push(upper);
    }
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
