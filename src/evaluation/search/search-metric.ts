import { HeadstartError } from "../../core/errors.js";
import type { LabelSets } from "../../heads/multi-label/label-sets.js";
import { classificationReport } from "../classification-report.js";
import { confusionMatrix } from "../confusion-matrix.js";
import { f1Averages, meansOverLabels } from "../multi-label/label-averages.js";
import { countsByLabel, labelSetCells, rowErrors, rowF1 } from "../multi-label/label-set-counts.js";

/**
 * The figures that a search can choose by. Of several labels a row `accuracy` is the share of rows whose whole set is
 * right, `samples-f1` the mean over rows; the others are means over labels.
 */
export const SEARCH_METRICS = [
  "accuracy",
  "balanced-accuracy",
  "macro-f1",
  "micro-f1",
  "weighted-f1",
  "samples-f1",
  "mcc",
] as const;

/** One of {@link SEARCH_METRICS}. */
export type SearchMetric = (typeof SEARCH_METRICS)[number];

/**
 * Refuses what is measured of several labels a row only.
 * @throws {HeadstartError} `usage` for `samples-f1`.
 */
export function checkClassMetric(metric: SearchMetric): void {
  if (metric !== "samples-f1") return;
  throw new HeadstartError(
    "usage",
    "samples-f1 is the mean F1 of rows' label sets, and these rows have one label each",
    {
      facts: { metric },
      hint: "With one label a row it would be the accuracy: leave --metric out.",
    },
  );
}

/** Of codes against codes, over `classes`. */
export function classFigure(
  metric: SearchMetric,
  truth: Int32Array,
  answers: ArrayLike<number>,
  classes: readonly string[],
): number {
  if (metric === "accuracy" || metric === "micro-f1") {
    return truth.reduce((hits, code, i) => hits + Number(code === answers[i]), 0) / truth.length;
  }
  const report = classificationReport(
    confusionMatrix(truth, Int32Array.from(answers), classes.length),
    classes,
  );
  const figures = {
    "balanced-accuracy": report.balancedAccuracy,
    "macro-f1": report.macroF1,
    "weighted-f1": report.weightedF1,
    "samples-f1": report.accuracy.value,
    mcc: report.mcc,
  };
  return figures[metric];
}

/** Of label sets against `decided`, `[n, labels]`. */
export function labelSetFigure(metric: SearchMetric, truth: LabelSets, decided: Uint8Array): number {
  const cells = labelSetCells(truth, decided);
  if (metric === "accuracy") {
    return rowErrors(cells).reduce((sum, errors) => sum + Number(errors === 0), 0) / truth.rows;
  }
  if (metric === "samples-f1") return rowF1(cells).reduce((sum, f1) => sum + f1, 0) / truth.rows;
  const counts = countsByLabel(cells);
  if (metric === "balanced-accuracy") return meansOverLabels(counts, truth.rows).balancedAccuracy;
  if (metric === "mcc") return meansOverLabels(counts, truth.rows).mcc;
  const { macroF1, microF1, weightedF1 } = f1Averages(counts);
  return { "macro-f1": macroF1, "micro-f1": microF1, "weighted-f1": weightedF1 }[metric];
}
