import type { RunControl, TrainOptions } from "../types.js";
import type { GroupReport } from "./group-types.js";

export interface AuditOptions
  extends RunControl,
    Pick<
      TrainOptions,
      "engine" | "set" | "scale" | "pca" | "group" | "groupDuplicates" | "seed" | "split" | "threads"
    > {
  readonly embeddings: string;
  /** A CSV file of the suspects, to be looked through and corrected; omitted: nothing is written. */
  readonly out?: string;
  /** Default `logistic-regression`, as it has probabilities. */
  readonly head?: NonNullable<TrainOptions["head"]>;
  /** Folds; each row is judged by a head that did not see it. Default 5. */
  readonly cv?: number;
}

/**
 * A row whose label is probably wrong. Of several labels a row it is one that the row probably has wrongly, or wrongly
 * lacks; a row may then stand here for several of them.
 */
export interface SuspectRow {
  readonly id: string;
  readonly source: string | null;
  readonly label: string;
  /** The class that it confidently belongs to; of several labels a row `yes` or `no`: whether it should have the label. */
  readonly suggested: string;
  /** Of several labels a row: whether it has this one. */
  readonly given?: "yes" | "no";
  /** Of several labels a row: all that it has. */
  readonly labels?: readonly string[];
  /** Probability of the label that it has. */
  readonly selfConfidence: number;
  /** That less the largest probability of another class, in [-1, 1]; -1 is the surest error. */
  readonly margin: number;
}

/** Rows of one label that seem to be of another class; of several labels a row those that should have it (`yes`), or should not. */
export interface NoisyPair {
  readonly label: string;
  readonly suggested: string;
  /** Rows that were found. */
  readonly rows: number;
  /** Likewise by the joint: rows that are not confidently of any class are shared out as the others are. */
  readonly estimatedRows: number;
}

/** Rows in which a label is probably wrong, found and estimated. */
export interface AuditedLabel {
  readonly name: string;
  readonly rows: number;
  /** Mean probability of the label over the rows that have it; null where it was left out. */
  readonly threshold: number | null;
  /** Rows that have it and should not. */
  readonly unwarranted: Pick<NoisyPair, "rows" | "estimatedRows">;
  /** Rows that lack it and should have it. */
  readonly missing: Pick<NoisyPair, "rows" | "estimatedRows">;
}

/** What an audit of several labels a row tells beside the rest. */
export interface MultiLabelAudit {
  readonly perLabel: readonly AuditedLabel[];
  /** Labels that too few rows have, or lack. */
  readonly leftOut: readonly string[];
  readonly emptyRows: number;
  readonly unlabelledRows: number;
}

export interface AuditResult {
  readonly out: string | null;
  /** Versioned estimator. */
  readonly head: string;
  readonly rows: number;
  readonly split: string | null;
  readonly folds: number;
  readonly seed: number;
  /** What the folds kept whole; null where rows stand alone. */
  readonly groups: GroupReport | null;
  /** `softmax`: of the scores, where the head has no probabilities. */
  readonly probabilities: "probabilities" | "softmax";
  /** Of the head on the labels as they are, out of fold; of several labels a row that of whole sets. */
  readonly accuracy: number;
  /** With each class's threshold: the mean probability of the class over its rows. */
  readonly classes: readonly {
    readonly name: string;
    readonly rows: number;
    /** Null of a label that was left out. */
    readonly threshold: number | null;
  }[];
  /** `[label][class]`: rows with that label that confidently belong to that class; empty of several labels a row. */
  readonly confidentJoint: readonly (readonly number[])[];
  /** Wrong labels by the estimated joint; what the head gets confidently wrong counts too, so a poor head says too many. */
  readonly estimatedErrors: number;
  readonly noise: readonly NoisyPair[];
  /** The surest errors first. */
  readonly suspects: readonly SuspectRow[];
  readonly warnings: readonly string[];
  readonly seconds: { readonly load: number; readonly cv: number; readonly audit: number };
  /** Present where rows have several labels: `classes` are then the labels. */
  readonly multiLabel?: MultiLabelAudit;
}
