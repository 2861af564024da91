import type { Random } from "../../core/random.js";
import type { BinnedFeatures } from "./bin-features.js";
import type { DecisionTree } from "./decision-tree.js";
import type { Splits } from "./splits.js";

export interface GrowOptions {
  readonly maxDepth: number | null;
  /** Features that a split chooses from. */
  readonly features: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  /** Values of a leaf. */
  readonly outputs: number;
}

/** A tree and what was learnt on the way. */
export interface GrownTree {
  readonly tree: DecisionTree;
  /** By feature, the share of the impurity that its splits took away; they sum to 1, or are all 0. */
  readonly importances: Float64Array;
  /** The rows that the tree did not see, and the row of `values` that each falls into. */
  readonly unseen: Int32Array;
  readonly unseenLeaves: Int32Array;
}

/** Grows one tree from rows that count as often as `counts` says; those of 0 are not seen. */
export type GrowTree = (counts: Int32Array, draw: Random) => GrownTree;

/**
 * A CART grower over binned features; it keeps its scratch memory from tree to tree.
 * @see Breiman, "Random forests", Machine Learning 45, 2001.
 */
export function treeGrower(X: BinnedFeatures, splits: Splits, options: GrowOptions): GrowTree {
  const { features, minSamplesSplit, minSamplesLeaf, outputs } = options;
  const maxDepth = options.maxDepth ?? Infinity;
  const fewest = Math.max(minSamplesSplit, 2 * minSamplesLeaf);
  const rows = new Int32Array(X.rows);
  const spare = new Int32Array(X.rows);
  const candidates = new Int32Array(X.cols);
  const mostNodes = 2 * X.rows;
  const featureOf = new Int32Array(mostNodes);
  const edgeOf = new Int32Array(mostNodes);
  const leftOf = new Int32Array(mostNodes);
  const rightOf = new Int32Array(mostNodes);
  const best = { feature: -1, edge: -1, gain: 0 };

  /** The best split over freshly drawn features; where none of them varies, more are drawn until one does. */
  const search = (draw: Random): boolean => {
    best.feature = -1;
    best.gain = -Infinity;
    let varying = false;
    for (let drawn = 0; drawn < X.cols && (drawn < features || !varying); drawn++) {
      const pick = drawn + draw.integer(X.cols - drawn);
      const feature = candidates[pick]!;
      candidates[pick] = candidates[drawn]!;
      candidates[drawn] = feature;
      const offer = splits.find(feature);
      if (offer !== "constant") varying = true;
      if (offer !== "split" || splits.found.gain <= best.gain) continue;
      best.gain = splits.found.gain;
      best.feature = feature;
      best.edge = splits.found.edge;
    }
    return best.feature >= 0;
  };

  /** Moves the rows that go left to the front, both sides in their order; returns where the right begins. */
  const partition = (from: number, to: number, feature: number, edge: number): number => {
    const base = feature * X.rows;
    let left = from;
    let right = 0;
    for (let k = from; k < to; k++) {
      const row = rows[k]!;
      if (X.bins[base + row]! <= edge) rows[left++] = row;
      else spare[right++] = row;
    }
    for (let k = 0; k < right; k++) rows[left + k] = spare[k]!;
    return left;
  };

  const leafOfBins = (row: number): number => {
    let node = 0;
    for (;;) {
      const feature = featureOf[node]!;
      if (feature < 0) return leftOf[node]!;
      node = X.bins[feature * X.rows + row]! <= edgeOf[node]! ? leftOf[node]! : rightOf[node]!;
    }
  };

  return (counts, draw) => {
    let seen = 0;
    for (let i = 0; i < X.rows; i++) if (counts[i]! > 0) rows[seen++] = i;
    for (let f = 0; f < X.cols; f++) candidates[f] = f;
    const importances = new Float64Array(X.cols);
    const values: number[] = [];
    const pure = new Map<number, number>();
    const pending: number[] = [0, seen, 0, -1];
    let nodes = 0;
    while (pending.length > 0) {
      const parent = pending.pop()!;
      const depth = pending.pop()!;
      const to = pending.pop()!;
      const from = pending.pop()!;
      const id = nodes++;
      // A left child follows its parent at once; whatever else comes is a right child.
      if (parent >= 0) {
        if (id === parent + 1) leftOf[parent] = id;
        else rightOf[parent] = id;
      }
      const differs = splits.enter(rows, counts, from, to);
      if (differs && to - from >= fewest && depth < maxDepth && search(draw)) {
        featureOf[id] = best.feature;
        edgeOf[id] = best.edge;
        importances[best.feature]! += best.gain - splits.unsplit();
        const middle = partition(from, to, best.feature, best.edge);
        pending.push(middle, to, depth + 1, id, from, middle, depth + 1, id);
        continue;
      }
      const leaf = splits.leaf();
      // Leaves of one class alone share a row: with many classes they would fill the memory with zeros.
      const known = leaf.pure === null ? undefined : pure.get(leaf.pure);
      featureOf[id] = -1;
      rightOf[id] = -1;
      leftOf[id] = known ?? values.length / outputs;
      if (known !== undefined) continue;
      if (leaf.pure !== null) pure.set(leaf.pure, values.length / outputs);
      for (let c = 0; c < outputs; c++) values.push(leaf.values[c]!);
    }
    const feature = featureOf.slice(0, nodes);
    const unseen = new Int32Array(X.rows - seen);
    const unseenLeaves = new Int32Array(X.rows - seen);
    for (let i = 0, at = 0; at < unseen.length; i++) {
      if (counts[i]! > 0) continue;
      unseen[at] = i;
      unseenLeaves[at++] = leafOfBins(i);
    }
    return {
      tree: {
        feature,
        threshold: thresholdsOf(X, feature, edgeOf),
        left: leftOf.slice(0, nodes),
        right: rightOf.slice(0, nodes),
        values: Float32Array.from(values),
      },
      importances: normalised(importances),
      unseen,
      unseenLeaves,
    };
  };
}

/** The thresholds of nodes that split on `feature` at `edge`; 0 for leaves. */
export function thresholdsOf(X: BinnedFeatures, feature: Int32Array, edge: Int32Array): Float32Array {
  const threshold = new Float32Array(feature.length);
  for (let id = 0; id < feature.length; id++) {
    const f = feature[id]!;
    if (f >= 0) threshold[id] = X.edges[f]![edge[id]!]!;
  }
  return threshold;
}

/** Importances as shares, in place; what rounding left below zero becomes zero. */
export function normalised(importances: Float64Array): Float64Array {
  let sum = 0;
  for (let f = 0; f < importances.length; f++) {
    if (importances[f]! < 0) importances[f] = 0;
    sum += importances[f]!;
  }
  if (sum > 0) for (let f = 0; f < importances.length; f++) importances[f]! /= sum;
  return importances;
}
