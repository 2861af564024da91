/** A trained tree as flat arrays, by node; node 0 is the root. */
export interface DecisionTree {
  /** The feature that a node asks for; -1 for a leaf. */
  readonly feature: Int32Array;
  /** A row goes left if its feature is at most this. */
  readonly threshold: Float32Array;
  /** The node on the left; of a leaf, its row in `values`. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** `[rows, outputs]`: shares of the classes that sum to 1, or what a leaf adds; leaves may have a row in common. */
  readonly values: Float32Array;
}

/** The leaf, as a row of `values`, that the features at `data[offset…]` fall into. */
export function leafOf(tree: DecisionTree, data: Float32Array, offset: number): number {
  const { feature, threshold, left, right } = tree;
  let node = 0;
  for (;;) {
    const f = feature[node]!;
    if (f < 0) return left[node]!;
    node = data[offset + f]! <= threshold[node]! ? left[node]! : right[node]!;
  }
}
