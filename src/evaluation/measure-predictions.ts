import type { Matrix } from "../linalg/matrix.js";
import { type BootstrapOptions, bootstrapIntervals, type Interval } from "./bootstrap-intervals.js";
import { averagePrecision } from "./metrics/average-precision.js";
import { balancedAccuracy } from "./metrics/balanced-accuracy.js";
import { brierScore } from "./metrics/brier-score.js";
import { calibrationError } from "./metrics/calibration-error.js";
import { f1Score } from "./metrics/f1-score.js";
import { labelCounts } from "./metrics/label-counts.js";
import { logLoss } from "./metrics/log-loss.js";
import { matthewsCorrelation } from "./metrics/matthews-correlation.js";
import { meanOverRankings, rankOneVsRest } from "./metrics/one-vs-rest.js";
import { rocAuc } from "./metrics/roc-auc.js";
import type { WeightedMetric } from "./metrics/weighted-metric.js";

/** A head's answers to n rows, and the truth. */
export interface MeasuredPredictions {
  /** n codes in [0, classes). */
  readonly truth: ArrayLike<number>;
  /** n codes in [0, classes). */
  readonly predicted: ArrayLike<number>;
  readonly classes: number;
  /** `[n, columns]`, a column a class that the head knows, in the order of the codes. */
  readonly scores: Matrix;
  /** Likewise, rows that sum to 1; null where the head has none. */
  readonly probabilities: Matrix | null;
}

/** The figures beside accuracy. */
export type FigureName =
  | "balancedAccuracy"
  | "macroF1"
  | "microF1"
  | "weightedF1"
  | "mcc"
  | "logLoss"
  | "rocAuc"
  | "prAuc"
  | "brier"
  | "calibrationError";

/** Values and 95 % intervals; null where a figure does not apply or is not worth its cost. */
export interface PredictionFigures {
  readonly values: Readonly<Record<FigureName, number | null>>;
  readonly intervals: Readonly<Record<FigureName, Interval | null>>;
}

/** Above so many rows there are no intervals: a share's would be less than a point wide. */
const MOST_RESAMPLED_ROWS = 100_000;
/** Above so many rows times rankings the areas under curves have no intervals. */
const MOST_RESAMPLED_RANKS = 400_000;
/** Above so many rows times rankings there are no areas under curves: sorting would take several seconds. */
const MOST_RANKS = 5_000_000;

/**
 * All figures of labels, and where they apply those of probabilities (log-loss, Brier score, calibration error) and of
 * rankings (ROC-AUC, PR-AUC: of probabilities if there are any, else of scores; the second of two classes positive,
 * the mean of one-vs-rest for more, over the classes that occur), with bootstrap intervals.
 * Figures of probabilities and rankings are null where a row's true class has no column: they are not defined there.
 * @throws {HeadstartError} `interrupted` once the signal is aborted.
 */
export async function measurePredictions(
  predictions: MeasuredPredictions,
  options: BootstrapOptions = {},
): Promise<PredictionFigures> {
  const { truth } = predictions;
  const labels = labelFigures(predictions);
  const probabilities = probabilityFigures(predictions);
  const ranks = rankFigures(predictions);
  const { cols } = predictions.scores;
  const rankings = cols === 2 ? 1 : cols;
  const resampled =
    truth.length * rankings > MOST_RESAMPLED_RANKS ? probabilities : { ...probabilities, ...ranks };
  const found =
    truth.length > MOST_RESAMPLED_ROWS
      ? {}
      : await bootstrapIntervals(
          truth.length,
          (weights) => ({ ...labels(weights), ...measured(resampled, weights) }),
          options,
        );
  const values = Object.entries({ ...labels(), ...measured({ ...probabilities, ...ranks }) });
  return {
    values: {
      ...NOTHING,
      ...Object.fromEntries(values.map(([name, value]) => [name, Number.isNaN(value) ? null : value])),
    },
    intervals: { ...NOTHING, ...found },
  };
}

const NOTHING: Readonly<Record<FigureName, null>> = {
  balancedAccuracy: null,
  macroF1: null,
  microF1: null,
  weightedF1: null,
  mcc: null,
  logLoss: null,
  rocAuc: null,
  prAuc: null,
  brier: null,
  calibrationError: null,
};

type Figures = Partial<Record<FigureName, WeightedMetric>>;
type Values = Partial<Record<FigureName, number>>;

function measured(figures: Figures, weights?: Int32Array): Values {
  return Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, figure(weights)]));
}

function labelFigures({ truth, predicted, classes }: MeasuredPredictions): (weights?: Int32Array) => Values {
  return (weights) => {
    const counts = labelCounts(truth, predicted, classes, weights);
    return {
      balancedAccuracy: balancedAccuracy(counts),
      macroF1: f1Score(counts, "macro"),
      microF1: f1Score(counts, "micro"),
      weightedF1: f1Score(counts, "weighted"),
      mcc: matthewsCorrelation(counts),
    };
  };
}

function probabilityFigures({ truth, probabilities }: MeasuredPredictions): Figures {
  if (probabilities === null || !known(truth, probabilities)) return {};
  return {
    logLoss: logLoss(truth, probabilities),
    brier: brierScore(truth, probabilities),
    calibrationError: calibrationError(truth, probabilities),
  };
}

function rankFigures({ truth, scores, probabilities }: MeasuredPredictions): Figures {
  if (scores.cols < 2 || scores.rows * scores.cols > MOST_RANKS || !known(truth, scores)) return {};
  const rankings = rankOneVsRest(
    truth,
    probabilities ?? scores,
    probabilities === null ? "scores" : "probabilities",
  );
  return {
    rocAuc: meanOverRankings(rankings, rocAuc),
    prAuc: meanOverRankings(rankings, averagePrecision),
  };
}

function known(truth: ArrayLike<number>, { cols }: Matrix): boolean {
  for (let i = 0; i < truth.length; i++) if (truth[i]! >= cols) return false;
  return true;
}
