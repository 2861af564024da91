import type { SharedGroups } from "./group-types.js";
import type { MultiLabelEvaluation } from "./multi-label-types.js";
import type { RunControl } from "./run-types.js";
import type { Metrics, NearDuplicateReport, Share } from "./train-types.js";

/** Figures of a head on rows that it was not trained on. */
export interface EvaluationMetrics extends Metrics {
  /** Of probabilities, natural logarithm; null where the head has none, or does not know a label. */
  readonly logLoss: number | null;
  /**
   * Of two classes with the second as positive; of more the mean of each against the rest. By probabilities, else by
   * scores; null where the head does not know a label, or only one class occurs.
   */
  readonly rocAuc: number | null;
  /** Average precision; as `rocAuc`. */
  readonly prAuc: number | null;
  /** As `logLoss`; in [0, 1] for two classes, in [0, 2] for more. */
  readonly brier: number | null;
  /** Expected calibration error of the top label over 15 bins; as `logLoss`. */
  readonly calibrationError: number | null;
  /** 95 % bootstrap intervals (1,000 resamples, seeded); null where the figure is, or for very many rows. */
  readonly intervals: Readonly<
    Record<
      | "balancedAccuracy"
      | "macroF1"
      | "microF1"
      | "weightedF1"
      | "mcc"
      | "logLoss"
      | "rocAuc"
      | "prAuc"
      | "brier"
      | "calibrationError",
      { readonly low: number; readonly high: number } | null
    >
  >;
}

export interface EvaluateOptions extends RunControl {
  readonly head: string;
  readonly embeddings: string;
  /** Default: `test` where the file has such a split, else all labelled rows. */
  readonly split?: string;
  /** A kept column: warns of tested rows whose value in it training rows have too. */
  readonly group?: string;
  /** Also measure what is left when rows whose answer is less probable get none. Needs probabilities. */
  readonly abstainBelow?: number;
}

/** What a head does when it leaves rows out that it is unsure of. */
export interface AbstentionResult {
  readonly below: number;
  /** Rows that got an answer. */
  readonly answered: number;
  /** Their share of all rows. */
  readonly coverage: number;
  /** Of the answered rows; null where there are none. */
  readonly accuracy: Share | null;
}

export interface EvaluateResult {
  readonly head: string;
  readonly split: string | null;
  readonly rows: number;
  readonly metrics: EvaluationMetrics;
  readonly perClass: readonly {
    readonly name: string;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
    readonly rows: number;
  }[];
  /** `counts[i][j]`: rows of class i that were called class j. */
  readonly confusion: {
    readonly classes: readonly string[];
    readonly counts: readonly (readonly number[])[];
  };
  /** Rows whose label the head was never trained on; they count as wrong. */
  readonly unknownLabels: readonly string[];
  /**
   * Against the file's `train` split, or its rows of other splits where it has no such split; null without one.
   */
  readonly nearDuplicates: NearDuplicateReport | null;
  /** As `nearDuplicates`, by the values of `group`; null without it. */
  readonly sharedGroups: SharedGroups | null;
  /** Null where abstaining was not asked for; the other figures are of all rows. */
  readonly abstention: AbstentionResult | null;
  readonly warnings: readonly string[];
  readonly seconds: { readonly load: number; readonly predict: number; readonly measure: number };
  /** Present for a head of several labels a row: `perClass` is then by label, and `confusion` empty. */
  readonly multiLabel?: MultiLabelEvaluation;
}
