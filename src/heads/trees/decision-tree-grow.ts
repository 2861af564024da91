import type { Random } from "../../core/random.js";
import type { DecisionTree } from "./decision-tree.js";
import { type NodeRows, splitFinder } from "./decision-tree-split.js";
import type { BinnedFeatures } from "./random-forest-bins.js";

export interface GrowOptions {
  readonly criterion: "gini" | "entropy";
  readonly maxDepth: number | null;
  /** Features that a split chooses from. */
  readonly features: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  /** Turns the class weights of a leaf into its shares. */
  readonly sharesOf: (weights: Float64Array) => ArrayLike<number>;
}

/** Grows one tree from the rows whose weight is above zero. */
export type GrowTree = (weights: Float64Array, draw: Random) => DecisionTree;

/**
 * A CART grower over binned features; it keeps its scratch memory from tree to tree.
 * @see Breiman, "Random forests", Machine Learning 45, 2001.
 */
export function treeGrower(
  X: BinnedFeatures,
  codes: Int32Array,
  classes: number,
  options: GrowOptions,
): GrowTree {
  const find = splitFinder(X, classes, options.criterion, options.minSamplesLeaf);
  const rows = new Int32Array(X.rows);
  const spare = new Int32Array(X.rows);
  const candidates = Int32Array.from({ length: X.cols }, (_, f) => f);
  const node: NodeRows = {
    count: 0,
    rows: new Int32Array(X.rows),
    codes: new Int32Array(X.rows),
    weights: new Float64Array(X.rows),
    totals: new Float64Array(classes),
  };

  /** Gathers a node's rows; tells whether more than one class is among them. */
  const gather = (from: number, to: number, weights: Float64Array): boolean => {
    node.count = to - from;
    node.totals.fill(0);
    let mixed = false;
    for (let k = 0; k < node.count; k++) {
      const row = rows[from + k]!;
      const code = codes[row]!;
      node.rows[k] = row;
      node.codes[k] = code;
      node.weights[k] = weights[row]!;
      node.totals[code]! += weights[row]!;
      mixed ||= code !== node.codes[0];
    }
    return mixed;
  };

  /** The best split over freshly drawn features; features that do not vary here are drawn past. */
  const search = (draw: Random): { feature: number; edge: number } | null => {
    let best: { feature: number; edge: number } | null = null;
    let bestGain = -Infinity;
    let varying = false;
    for (let drawn = 0; drawn < X.cols && (drawn < options.features || !varying); drawn++) {
      const pick = drawn + draw.integer(X.cols - drawn);
      const feature = candidates[pick]!;
      candidates[pick] = candidates[drawn]!;
      candidates[drawn] = feature;
      const offer = find(node, feature);
      if (offer === "constant") continue;
      varying = true;
      if (offer !== null && offer.gain > bestGain) {
        bestGain = offer.gain;
        best = { feature, edge: offer.edge };
      }
    }
    return best;
  };

  /** Moves the rows that go left to the front, both sides in their order; returns where the right begins. */
  const partition = (from: number, to: number, feature: number, edge: number): number => {
    let left = from;
    let right = 0;
    for (let k = from; k < to; k++) {
      const row = rows[k]!;
      if (X.bins[feature * X.rows + row]! <= edge) rows[left++] = row;
      else spare[right++] = row;
    }
    rows.set(spare.subarray(0, right), left);
    return left;
  };

  return (weights, draw) => {
    let count = 0;
    for (let i = 0; i < X.rows; i++) if (weights[i]! > 0) rows[count++] = i;
    for (let f = 0; f < X.cols; f++) candidates[f] = f;
    const feature: number[] = [];
    const threshold: number[] = [];
    const left: number[] = [];
    const right: number[] = [];
    const shares: number[] = [];
    const pure = new Map<number, number>();
    const pending = [{ from: 0, to: count, depth: 0, parent: -1 }];
    while (pending.length > 0) {
      const { from, to, depth, parent } = pending.pop()!;
      const id = feature.length;
      // A left child follows its parent at once; whatever else comes is a right child.
      if (parent >= 0) {
        if (id === parent + 1) left[parent] = id;
        else right[parent] = id;
      }
      const mixed = gather(from, to, weights);
      const large = node.count >= Math.max(options.minSamplesSplit, 2 * options.minSamplesLeaf);
      const shallow = options.maxDepth === null || depth < options.maxDepth;
      const split = mixed && large && shallow ? search(draw) : null;
      if (split === null) {
        feature.push(-1);
        threshold.push(0);
        right.push(-1);
        // Leaves of one class alone share a row: with many classes they would fill the memory with zeros.
        const code = node.codes[0]!;
        const known = mixed ? undefined : pure.get(code);
        left.push(known ?? shares.length / classes);
        if (known !== undefined) continue;
        if (!mixed) pure.set(code, shares.length / classes);
        const leaf = options.sharesOf(node.totals);
        for (let c = 0; c < classes; c++) shares.push(leaf[c]!);
        continue;
      }
      feature.push(split.feature);
      threshold.push(X.edges[split.feature]![split.edge]!);
      left.push(-1);
      right.push(-1);
      const middle = partition(from, to, split.feature, split.edge);
      pending.push({ from: middle, to, depth: depth + 1, parent: id });
      pending.push({ from, to: middle, depth: depth + 1, parent: id });
    }
    return {
      feature: Int32Array.from(feature),
      threshold: Float32Array.from(threshold),
      left: Int32Array.from(left),
      right: Int32Array.from(right),
      shares: Float32Array.from(shares),
    };
  };
}
