import type { SearchMetric } from "../../evaluation/search/search-metric.js";
import type {
  CalibrationResult,
  HeadName,
  Metrics,
  RunControl,
  ThresholdResult,
  TrainOptions,
} from "../types.js";
import type { GroupReport } from "./group-types.js";
import type { MultiLabelSearch } from "./multi-label-types.js";

type Scale = "standard" | "minmax" | "l2" | "none";

/** `calibrate`, `threshold` and `positive` are laid over the winner, by its answers in the folds of the search. */
export interface SearchOptions
  extends RunControl,
    Pick<TrainOptions, "groupOf" | "calibrate" | "threshold" | "positive" | "sample" | "threads"> {
  readonly embeddings: string;
  /** The winner, refitted on all rows; omitted: nothing is saved. */
  readonly out?: string;
  /** In the order in which ties are settled. Default: `linear-svm` and `logistic-regression`. */
  readonly heads?: readonly HeadName[];
  /** Default `headstart`. */
  readonly engine?: "headstart" | "mljs";
  /**
   * Values by option, such as `{ C: [0.1, 1, 10] }`: each goes to the heads that have that option, `"svm.gamma"` to
   * the svm alone. A head that gets none is searched over a grid of its own.
   */
  readonly grid?: Readonly<Record<string, readonly unknown[]>>;
  /** Default `["auto"]`: what suits the head. */
  readonly scales?: readonly (Scale | "auto")[];
  /** Projections, as in `train`; null for none. Default `[null]`. */
  readonly pcas?: readonly (number | { readonly components: number; readonly whiten?: boolean } | null)[];
  /** What candidates are compared by, the mean over folds. Default `accuracy`; of several labels a row `macro-f1`. */
  readonly metric?: SearchMetric;
  /** Folds in which candidates are compared. Default 5. */
  readonly cv?: number;
  /** How often candidates are cross-validated, each time in other folds; outer folds are gone through once. Default 1. */
  readonly repeats?: number;
  /** Successive halving: all candidates on few rows, the best third on three times as many, and so on. */
  readonly halving?: boolean;
  /** Outer folds of a nested cross-validation of the whole search. Default 0: none. */
  readonly nested?: number;
  /** A kept column: rows that have one value in it are never on both sides of a fold, outer or inner. */
  readonly group?: string;
  /** Keep rows that are near-duplicates in one fold. */
  readonly groupDuplicates?: boolean;
  /** Default 0. */
  readonly seed?: number;
  /** Search on the rows of this split. Default: `train` where the file has such a split, else all labelled rows. */
  readonly split?: string;
}

/** A candidate and how it did. */
export interface CandidateResult {
  /** From 1, the best. */
  readonly rank: number;
  readonly head: string;
  /** The options that were asked for; others have their defaults. */
  readonly set: Readonly<Record<string, unknown>>;
  readonly scale: Scale;
  readonly pca: { readonly components: number; readonly whiten: boolean } | null;
  /** Rounds of halving that it took part in; 1 without halving. */
  readonly rounds: number;
  /** Rows that it learnt from in the last of them, about. */
  readonly trainingRows: number;
  /** The metric, one a fold (repeat after repeat), of the last round that it took part in. */
  readonly scores: readonly number[];
  /** Null where it could not be trained. */
  readonly mean: number | null;
  readonly standardError: number | null;
  /** Folds in which the solver did not converge. */
  readonly unconverged: number;
  /** Why it could not be trained; null where it could. */
  readonly problem: string | null;
}

/** The honest figure of the whole search. */
export interface NestedResult {
  readonly folds: number;
  /** The metric, one an outer fold. */
  readonly scores: readonly number[];
  readonly mean: number;
  readonly standardError: number;
  /** The winning candidate of each outer fold, by its place in `candidates`. */
  readonly winners: readonly number[];
  /** The best mean of the grid less this mean. */
  readonly optimism: number;
}

export interface SearchResult {
  readonly out: string | null;
  readonly rows: number;
  readonly split: string | null;
  readonly dim: number;
  readonly classes: readonly { readonly name: string; readonly rows: number }[];
  readonly seed: number;
  /** What the folds kept whole; null where rows stand alone. */
  readonly groups: GroupReport | null;
  /** How many heads were fitted to compare them. */
  readonly fits: number;
  readonly metric: SearchMetric;
  readonly folds: number;
  readonly repeats: number;
  readonly halving: boolean;
  readonly best: {
    /** Its place in `candidates`. */
    readonly candidate: number;
    /** Versioned estimator. */
    readonly head: string;
    /** All of them. */
    readonly options: Readonly<Record<string, unknown>>;
    readonly scale: Scale;
    readonly pca: { readonly components: number; readonly whiten: boolean; readonly dim: number } | null;
    /** Of the folds' figures: too high, as it was chosen for being high. */
    readonly mean: number;
    readonly standardError: number;
  };
  /** In the order of the grid. */
  readonly candidates: readonly CandidateResult[];
  /** Null without `nested`. */
  readonly nested: NestedResult | null;
  /** Of the nested search's out-of-fold predictions, else of the winner's. */
  readonly metrics: Metrics;
  /** How `metrics` were measured. */
  readonly measured: string;
  /** Of the winner; null where probabilities are its own. */
  readonly calibration: CalibrationResult | null;
  /** Of the winner; null where labels are its own. `metrics` are then of the answers with it. */
  readonly threshold: ThresholdResult | null;
  readonly convergence: { readonly converged: boolean; readonly iterations: number } | null;
  readonly warnings: readonly string[];
  readonly seconds: {
    readonly load: number;
    readonly search: number;
    readonly nested: number;
    readonly fit: number;
    readonly save: number;
  };
  /** Present where rows have several labels: `classes` are then the labels, each with the rows that have it. */
  readonly multiLabel?: MultiLabelSearch;
}
