import type { GroupReport, SharedGroups } from "./group-types.js";
import type { MultiLabelTraining } from "./multi-label-types.js";
import type { ComputeOptions, RunControl } from "./run-types.js";

/** Names of the heads that can be trained. */
export type HeadName =
  | "linear-svm"
  | "svm"
  | "random-forest"
  | "extra-trees"
  | "gradient-boosting"
  | "logistic-regression"
  | "mlp"
  | "knn"
  | "ridge"
  | "nearest-centroid"
  | "lda"
  | "gaussian-nb";

/** `threads` are those of a fit: the model is the same but for rounding. */
export interface TrainOptions extends RunControl, Pick<ComputeOptions, "threads"> {
  readonly embeddings: string;
  /** The head to write; omitted: nothing is saved. */
  readonly out?: string;
  /** Default `linear-svm`. */
  readonly head?: HeadName;
  /** `headstart` (default) or `mljs` (ml-svm, ml-random-forest). */
  readonly engine?: "headstart" | "mljs";
  /** Options of the head, such as `{ C: 1 }`. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** `auto` (default): what suits the head. */
  readonly scale?: "auto" | "standard" | "minmax" | "l2" | "none";
  /** Projects the scaled features to so many components, or below 1 to that share of their variance. Default: none. */
  readonly pca?: number | { readonly components: number; readonly whiten?: boolean };
  /** Folds of the cross-validation; 0 trains only. Default 5. */
  readonly cv?: number;
  /** How often it is cross-validated, each time with other folds. Default 1. */
  readonly repeats?: number;
  /** Names the group of a row, by its id and source: rows of one group are never on both sides of a fold. */
  readonly groupOf?: (row: { readonly id: string; readonly source: string | null }) => string;
  /** A kept column: rows that have one value in it are never on both sides of a fold; those without one stand alone. */
  readonly group?: string;
  /** Keep rows that are near-duplicates in one fold. Default: warn of those that lie in several. */
  readonly groupDuplicates?: boolean;
  /** Default 0. */
  readonly seed?: number;
  /** Train on the rows of this split. Default: `train` where the file has such a split, else all labelled rows. */
  readonly split?: string;
  /** Fit a map from decision values to probabilities to the answers out of fold; needs `cv` of at least 2. */
  readonly calibrate?: "platt" | "isotonic";
  /** Pick by the answers out of fold from where on rows are called `positive`; needs `cv` of at least 2. */
  readonly threshold?: { readonly metric: "precision" | "recall"; readonly value: number };
  /** The class that `threshold` is about; of two. Of several labels a row the only one that gets one; default all. */
  readonly positive?: string;
  /**
   * Store 8 training rows at most in the head, with its answers, so that it can be checked wherever it goes. Default true;
   * false keeps them out of the file (the graph of a kernel or nearest-neighbour head holds training rows in any case).
   */
  readonly sample?: boolean;
}

/** Figures of probabilities. */
export interface ProbabilityFigures {
  /** Natural logarithm. */
  readonly logLoss: number;
  /** Expected calibration error of the top label over 15 bins. */
  readonly calibrationError: number;
}

/** How a calibration does. */
export interface CalibrationResult {
  readonly method: "platt" | "isotonic";
  /** Rows whose out-of-fold decision values the saved maps were fitted to. */
  readonly rows: number;
  /** Of the head's own probabilities; null where it has none. */
  readonly before: ProbabilityFigures | null;
  readonly after: ProbabilityFigures;
  /** What the figures were measured on. */
  readonly measured: string;
}

/** From where on rows are called positive, and what that gives. */
export interface ThresholdResult {
  readonly positive: string;
  readonly target: { readonly metric: "precision" | "recall"; readonly value: number };
  /** Of the positive's decision value less the other's. */
  readonly value: number;
  /** Of the positive class; null where nothing was called positive. */
  readonly precision: number | null;
  readonly recall: number;
  /** What precision and recall were measured on. */
  readonly measured: string;
}

/** A share with its 95 % interval. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Metrics {
  readonly accuracy: Share;
  /** The majority class of the training rows, always predicted: the floor. */
  readonly floor: number;
  readonly balancedAccuracy: number;
  readonly macroF1: number;
  /** With one label a row, the accuracy. */
  readonly microF1: number;
  readonly weightedF1: number;
  /** Matthews' correlation, in [-1, 1]. */
  readonly mcc: number;
}

/** Rows that lie nearly in the direction of a row on the other side, and so are no fair test. */
export interface NearDuplicateReport {
  /** Cosines above it count. */
  readonly threshold: number;
  /** Rows that were looked at: all, or an even sample of very many. */
  readonly checked: number;
  /** Those of them that have a near-duplicate on the other side. */
  readonly rows: number;
  /** The nearest pair; null where there is none. */
  readonly example: { readonly id: string; readonly otherId: string; readonly cosine: number } | null;
}

export interface TrainResult {
  readonly out: string | null;
  readonly head: string;
  readonly engine: "headstart" | "mljs";
  readonly options: Readonly<Record<string, unknown>>;
  readonly scale: "standard" | "minmax" | "l2" | "none";
  /** The projection that was asked for, and how many columns it gave; null without one. */
  readonly pca: { readonly components: number; readonly whiten: boolean; readonly dim: number } | null;
  readonly seed: number;
  readonly rows: number;
  readonly split: string | null;
  readonly dim: number;
  readonly classes: readonly { readonly name: string; readonly rows: number }[];
  /** Null where `cv` is 0. */
  readonly cv: {
    readonly folds: number;
    readonly repeats: number;
    /** One a fold, repeat after repeat. */
    readonly accuracies: readonly number[];
  } | null;
  /** Of the out-of-fold predictions, the mean of the repeats; null where `cv` is 0. */
  readonly metrics: Metrics | null;
  readonly convergence: { readonly converged: boolean; readonly iterations: number } | null;
  /** Null where probabilities are the head's own. */
  readonly calibration: CalibrationResult | null;
  /** Null where labels are the head's own. */
  readonly threshold: ThresholdResult | null;
  /** What the cross-validation kept whole; null where rows stand alone. */
  readonly groups: GroupReport | null;
  /** Groups of the file's `test` split that training rows are of; null without `group` or such a split. */
  readonly sharedGroups: SharedGroups | null;
  /**
   * Rows with a near-duplicate in another fold (null where nothing was cross-validated, or they were grouped), and
   * rows of the file's `test` split with one among the training rows (null where it has none).
   */
  readonly nearDuplicates: {
    readonly folds: NearDuplicateReport | null;
    readonly test: NearDuplicateReport | null;
  };
  readonly warnings: readonly string[];
  readonly seconds: {
    readonly load: number;
    readonly fit: number;
    readonly cv: number;
    readonly save: number;
  };
  /** Present where rows have several labels: `classes` are then the labels, each with the rows that have it. */
  readonly multiLabel?: MultiLabelTraining;
}
