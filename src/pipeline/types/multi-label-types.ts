import type { ThresholdResult } from "./train-types.js";

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * Figures of several labels a row. Beside them, `metrics` says `accuracy` of whole sets (every label right), `floor` of
 * always giving the set that training rows have most often, and means over labels.
 */
export interface MultiLabelFigures {
  /** Share of rows times labels that are wrong. */
  readonly hammingLoss: number;
  /** Mean F1 of rows; 1 where a row has no label and is given none. */
  readonly samplesF1: number;
  readonly labelRankingAveragePrecision: number;
  /** 95 % bootstrap intervals (1,000 resamples, seeded); null for very many rows. */
  readonly intervals: Readonly<
    Record<
      "hammingLoss" | "macroF1" | "microF1" | "weightedF1" | "samplesF1" | "labelRankingAveragePrecision",
      Bounds | null
    >
  >;
  readonly perLabel: readonly {
    readonly name: string;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
    readonly rows: number;
    /** Null where all rows have the label, or none, or the head does not know it. */
    readonly averagePrecision: number | null;
  }[];
}

/** Figures of the labels that are given, without those of rankings and probabilities. */
export interface MultiLabelDecided extends Pick<MultiLabelFigures, "hammingLoss" | "samplesF1"> {
  readonly perLabel: readonly Omit<MultiLabelFigures["perLabel"][number], "averagePrecision">[];
}

/** What a search on several labels a row tells beside the rest. */
export interface MultiLabelSearch
  extends MultiLabelDecided,
    Pick<MultiLabelTraining, "emptyRows" | "unlabelledRows" | "thresholds"> {}

/** What a training on several labels a row tells beside the rest. */
export interface MultiLabelTraining {
  /** Out of fold; of several repeats the mean, intervals and labels those of the first. Null where `cv` is 0. */
  readonly figures: MultiLabelFigures | null;
  /** Rows that have no label, the negatives of all. */
  readonly emptyRows: number;
  /** Rows whose labels are missing; they were not trained on. */
  readonly unlabelledRows: number;
  /** By label, where thresholds were asked for; `value` is taken off the label's score. */
  readonly thresholds: readonly ThresholdResult[] | null;
}

/** What an evaluation on several labels a row tells beside the rest. */
export interface MultiLabelEvaluation extends MultiLabelFigures {
  readonly emptyRows: number;
  readonly unlabelledRows: number;
}
