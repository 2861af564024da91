/** A way to split a node: rows with `bin <= edge` go left. `gain` orders the splits of one node. */
export interface Split {
  edge: number;
  gain: number;
}

/** What a feature offers in a node: a split, nothing because all rows are in one bin, or none that is allowed. */
export type Offer = "split" | "constant" | "none";

/** Looks for splits of one node after another; holds what it knows of the present one. */
export interface Splits {
  /**
   * Takes a node's rows, `rows[from…to)`, each `counts[row]` times.
   * @returns whether their targets differ.
   */
  enter(rows: Int32Array, counts: Int32Array, from: number, to: number): boolean;
  /** The best split on a feature is written to `found`. */
  find(feature: number): Offer;
  readonly found: Split;
  /** The gain of not splitting: a split lowers the impurity, times the weight, by `gain - unsplit()`. */
  unsplit(): number;
  /** Weight of the node's rows. */
  weight(): number;
  /** The values of the node as a leaf; if all its rows are of one class, that class, whose leaves are all alike. */
  leaf(): { readonly values: ArrayLike<number>; readonly pure: number | null };
}

/** The edge in the middle of the empty bins between two that are next to each other in the node. */
export const edgeBetween = (low: number, high: number): number => (low + high - 1) >> 1;

/** The bin after which a split at `t` comes: the last one of `lowest…highest - 1` whose top is at most t. */
export function edgeAt(tops: Float32Array, lowest: number, highest: number, t: number): number {
  let low = lowest;
  let high = highest - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle]! <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}
