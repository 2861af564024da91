/** The split of a node that lowers the loss most; `feature` is -1 where none is allowed or lowers it. */
export interface GradientSplit {
  /** G² / (H + l2), summed over both sides, G and H being sums of gradients and hessians. */
  readonly score: number;
  readonly feature: number;
  /** The bin after which it comes. */
  readonly edge: number;
  readonly leftGradient: number;
  readonly leftHessian: number;
}

export const NO_SPLIT: GradientSplit = Object.freeze({
  score: -Infinity,
  feature: -1,
  edge: -1,
  leftGradient: 0,
  leftHessian: 0,
});

/** A node whose histogram is made, and whether it is looked through for a split. */
export interface HistogramStep {
  /** The place of the histogram. */
  readonly slot: number;
  /** The place of what is taken away from the histogram that is there; -1: the node's rows are counted instead. */
  readonly less: number;
  /** The node's rows: from `from` to `to` of those that the search was made with. */
  readonly from: number;
  readonly to: number;
  readonly gradient: number;
  readonly hessian: number;
  readonly wanted: boolean;
}

export interface SplitRules {
  readonly minSamplesLeaf: number;
  readonly l2: number;
}

/** Keeps the histograms of a tree's nodes and finds the best split of each. */
export interface SplitSearch {
  /** Begins a tree: gradient and hessian of row i at 2 i and 2 i + 1, the features that it may split, ascending. */
  start(pairs: Float64Array, features: Int32Array): void;
  /** Does the steps in order; a split for each, of the lowest feature and bin where several are equal. */
  run(steps: readonly HistogramStep[]): GradientSplit[];
}

/** Hessian that each side of a split needs. */
export const LEAST_HESSIAN = 1e-3;

/** The score of a node that is not split. */
export function unsplitScore(gradient: number, hessian: number, l2: number): number {
  return (gradient * gradient) / (hessian + l2);
}

/** What a split's score must be above, so that rounding makes none. */
export function leastScore(gradient: number, hessian: number, l2: number): number {
  return unsplitScore(gradient, hessian, l2) * (1 + 1e-12) + 1e-12;
}
