import { columnOf, type LabelSets } from "../../heads/multi-label/label-sets.js";
import type { Matrix } from "../../linalg/matrix.js";
import { type BootstrapOptions, bootstrapIntervals, type Interval } from "../bootstrap-intervals.js";
import type { ClassFigures } from "../classification-report.js";
import { averagePrecision } from "../metrics/average-precision.js";
import { brierScore } from "../metrics/brier-score.js";
import { calibrationError } from "../metrics/calibration-error.js";
import type { LabelCounts } from "../metrics/label-counts.js";
import { logLoss } from "../metrics/log-loss.js";
import { rankRows } from "../metrics/ranked-rows.js";
import { rocAuc } from "../metrics/roc-auc.js";
import { weightedMean } from "../metrics/weighted-metric.js";
import { wilsonInterval } from "../wilson-interval.js";
import { f1Averages, meansOverLabels } from "./label-averages.js";
import { labelRankingPrecisions } from "./label-ranking.js";
import { countsByLabel, labelSetCells, rowErrors, rowF1 } from "./label-set-counts.js";

/** A head's answers to n rows that may have several labels. */
export interface MeasuredLabelSets {
  readonly truth: LabelSets;
  /** `[n, labels]`, 1 where the row is given the label. */
  readonly decided: Uint8Array;
  /** `[n, labels]`. */
  readonly scores: Matrix;
  /** `[n, labels]`, of each label by itself; null where the head has none. */
  readonly probabilities: Matrix | null;
}

/** Figures whose intervals are drawn. */
export type LabelSetFigure =
  | "hammingLoss"
  | "macroF1"
  | "microF1"
  | "weightedF1"
  | "samplesF1"
  | "labelRankingAveragePrecision";

/** One label's figures, in [0, 1]. */
export interface LabelFigures extends ClassFigures {
  /** Of the ranking of rows by its score; null where all rows have it, or none. */
  readonly averagePrecision: number | null;
}

export interface LabelSetReport {
  /** Rows whose set is right as a whole, with the 95 % Wilson interval. */
  readonly subsetAccuracy: { readonly value: number; readonly low: number; readonly high: number };
  /** Share of rows times labels that are wrong. */
  readonly hammingLoss: number;
  /** Mean over all labels; 0 for one that no row has or is given. */
  readonly macroF1: number;
  /** Of all rows and labels together. */
  readonly microF1: number;
  /** Mean over labels, by their rows. */
  readonly weightedF1: number;
  /** Mean over rows; 1 where a row has no label and is given none. */
  readonly samplesF1: number;
  readonly labelRankingAveragePrecision: number;
  /** Mean over labels of the mean recall of rows with and without it. */
  readonly balancedAccuracy: number;
  /** Mean over labels of Matthews' correlation. */
  readonly mcc: number;
  /** Mean over the labels that some rows have and some do not; null where there is none. */
  readonly rocAuc: number | null;
  readonly prAuc: number | null;
  /** Mean over labels of the figure of its own probability; null without probabilities. */
  readonly logLoss: number | null;
  readonly brier: number | null;
  readonly calibrationError: number | null;
  readonly perLabel: readonly LabelFigures[];
  /** 95 % bootstrap intervals over rows; null for very many rows. */
  readonly intervals: Readonly<Record<LabelSetFigure, Interval | null>>;
}

/** Above so many cells with a label there are no intervals: a thousand resamples would take several seconds. */
const MOST_RESAMPLED_CELLS = 1_000_000;

/**
 * All figures of several labels a row, as scikit-learn defines them (F1 over rows with `zero_division=1`, over labels
 * with 0).
 * @param options - of the intervals; null for none.
 * @throws {HeadstartError} `interrupted` once the signal is aborted.
 */
export async function measureLabelSets(
  answers: MeasuredLabelSets,
  options: BootstrapOptions | null = {},
): Promise<LabelSetReport> {
  const { truth, decided, scores } = answers;
  const { rows, labels } = truth;
  const cells = labelSetCells(truth, decided);
  const errors = rowErrors(cells);
  const byRow = {
    hammingLoss: weightedMean(errors.map((count) => count / labels.length)),
    samplesF1: weightedMean(rowF1(cells)),
    labelRankingAveragePrecision: weightedMean(labelRankingPrecisions(truth, scores)),
  };
  const figures = (weights?: Int32Array): Record<LabelSetFigure, number> => {
    const f1 = f1Averages(countsByLabel(cells, weights));
    return {
      ...f1,
      hammingLoss: byRow.hammingLoss(weights),
      samplesF1: byRow.samplesF1(weights),
      labelRankingAveragePrecision: byRow.labelRankingAveragePrecision(weights),
    };
  };
  const counts = countsByLabel(cells);
  const perLabel = labels.map((name, k) => labelFigures(name, k, counts, answers));
  const work = cells.row.length + rows;
  const intervals =
    options === null || work > MOST_RESAMPLED_CELLS ? {} : await bootstrapIntervals(rows, figures, options);
  return {
    ...figures(),
    subsetAccuracy: wilsonInterval(
      errors.reduce((n, count) => n + Number(count === 0), 0),
      rows,
    ),
    ...meansOverLabels(counts, rows),
    rocAuc: meanOf(labels.map((_, k) => rocAuc(ranked(answers, k))())),
    prAuc: meanOf(perLabel.map((one) => one.averagePrecision ?? Number.NaN)),
    ...probabilityFigures(answers),
    perLabel,
    intervals: { ...NO_INTERVALS, ...intervals },
  };
}

const NO_INTERVALS: Readonly<Record<LabelSetFigure, null>> = {
  hammingLoss: null,
  macroF1: null,
  microF1: null,
  weightedF1: null,
  samplesF1: null,
  labelRankingAveragePrecision: null,
};

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Rankings of a label's rows: by probabilities where there are some, else by scores. */
function ranked({ truth, scores, probabilities }: MeasuredLabelSets, code: number) {
  const { data, rows, cols } = probabilities ?? scores;
  const column = Float64Array.from({ length: rows }, (_, i) => data[i * cols + code]!);
  return rankRows(column, columnOf(truth, code));
}

function labelFigures(
  name: string,
  k: number,
  { hits, actual, called }: LabelCounts,
  answers: MeasuredLabelSets,
): LabelFigures {
  const precision = averagePrecision(ranked(answers, k))();
  return {
    name,
    precision: ratio(hits[k]!, called[k]!),
    recall: ratio(hits[k]!, actual[k]!),
    f1: ratio(2 * hits[k]!, actual[k]! + called[k]!),
    rows: actual[k]!,
    averagePrecision: Number.isNaN(precision) ? null : precision,
  };
}

function probabilityFigures({
  truth,
  probabilities,
}: MeasuredLabelSets): Pick<LabelSetReport, "logLoss" | "brier" | "calibrationError"> {
  if (probabilities === null) return { logLoss: null, brier: null, calibrationError: null };
  const { data, rows, cols } = probabilities;
  const each = truth.labels.map((_, k) => {
    const pair = new Float64Array(2 * rows);
    for (let i = 0; i < rows; i++) {
      pair[2 * i] = 1 - data[i * cols + k]!;
      pair[2 * i + 1] = data[i * cols + k]!;
    }
    const table = { data: pair, rows, cols: 2 };
    const codes = columnOf(truth, k);
    return [logLoss(codes, table)(), brierScore(codes, table)(), calibrationError(codes, table)()] as const;
  });
  const mean = (at: 0 | 1 | 2): number => each.reduce((total, one) => total + one[at], 0) / each.length;
  return { logLoss: mean(0), brier: mean(1), calibrationError: mean(2) };
}

/** Those that are defined; null where none is. */
function meanOf(values: readonly number[]): number | null {
  const defined = values.filter((value) => !Number.isNaN(value));
  return defined.length === 0 ? null : defined.reduce((total, value) => total + value, 0) / defined.length;
}
