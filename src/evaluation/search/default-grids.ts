import type { HeadName } from "../../heads/registry.js";

/** Values to try of each option, by its name. */
export type Grid = Readonly<Record<string, readonly unknown[]>>;

/**
 * What is tried of a head where nothing is asked for: the options that matter most, over the range in which they do,
 * the simplest model first, as a tie goes to the earlier one.
 */
export const DEFAULT_GRIDS: Readonly<Record<HeadName, Grid>> = Object.freeze({
  "linear-svm": { C: [0.01, 0.1, 1, 10] },
  svm: { C: [0.1, 1, 10], gamma: ["scale", 0.01, 0.001] },
  "random-forest": { nEstimators: [100], maxDepth: [8, null], minSamplesLeaf: [3, 1] },
  "extra-trees": { nEstimators: [100], maxDepth: [8, null], minSamplesLeaf: [3, 1] },
  "gradient-boosting": { maxLeafNodes: [7, 31], learningRate: [0.05, 0.1] },
  "logistic-regression": { C: [0.01, 0.1, 1, 10, 100] },
  mlp: { learningRate: [1e-3, 1e-2], dropout: [0.5, 0.2] },
  knn: { nNeighbors: [25, 15, 9, 5, 3, 1], metric: ["euclidean", "cosine"] },
  ridge: { alpha: [100, 10, 1, 0.1, 0.01] },
  "nearest-centroid": {},
  lda: {},
  "gaussian-nb": {},
});

/** The same for the heads of ml.js, which take minutes where others take seconds. */
export const MLJS_GRIDS: Readonly<Record<string, Grid>> = Object.freeze({
  svm: { C: [0.1, 1, 10] },
  "random-forest": {},
});
