import { HeadstartError } from "../../core/errors.js";
import { fitCalibration } from "../../evaluation/calibration/fit-calibration.js";
import { heldOutPositives } from "../../evaluation/calibration/held-out-positives.js";
import { heldOutProbabilities } from "../../evaluation/calibration/held-out-probabilities.js";
import { pickThreshold, type ThresholdTarget } from "../../evaluation/calibration/pick-threshold.js";
import { calibrationError } from "../../evaluation/metrics/calibration-error.js";
import { logLoss } from "../../evaluation/metrics/log-loss.js";
import type { CalibrationMethod } from "../../heads/calibration-map.js";
import { columnOf, type LabelSets } from "../../heads/multi-label/label-sets.js";
import type { MultiLabelDecision } from "../../heads/multi-label/multi-label-head.js";
import { type Matrix, zeros } from "../../linalg/matrix.js";
import type { CalibrationResult, ThresholdResult } from "../types.js";
import type { OutOfFoldSets } from "./out-of-fold-sets.js";

/** What is to be laid over a head of several labels. */
export interface WantedLabelDecision {
  readonly method: CalibrationMethod | null;
  readonly threshold: {
    readonly target: ThresholdTarget;
    /** The only label that gets one; null for all. */
    readonly label: string | null;
  } | null;
}

/** What was laid over it, and what it does on rows out of fold. */
export interface LabelDecision {
  readonly decision: MultiLabelDecision;
  readonly calibration: CalibrationResult | null;
  readonly thresholds: readonly ThresholdResult[] | null;
  /** `[n, labels]` by repeat, each fold by thresholds picked on the others; null without thresholds. */
  readonly decided: readonly Uint8Array[] | null;
  readonly warnings: readonly string[];
}

/**
 * Fits what is wanted to the answers out of fold (of the first repeat), label by label, and measures it on folds that
 * it was not fitted to.
 * @throws {HeadstartError} `usage` for a threshold of a label that no row has.
 */
export function decideLabels(
  { method, threshold }: WantedLabelDecision,
  answers: readonly OutOfFoldSets[],
  sets: LabelSets,
): LabelDecision {
  const first = answers[0]!;
  const picked = threshold && pickThresholds(threshold, answers, sets);
  return {
    decision: {
      calibrations:
        method &&
        sets.labels.map((_, k) => fitCalibration(method, pairsOf(first.scores, k), columnOf(sets, k))),
      thresholds: picked?.values ?? null,
    },
    calibration: method && {
      method,
      rows: sets.rows,
      before: first.probabilities && figures(sets, first.probabilities),
      after: figures(sets, calibrated(method, first, sets)),
      measured: "rows out of fold, each fold by maps fitted to the other folds; means over labels",
    },
    thresholds: picked?.results ?? null,
    decided: picked?.decided ?? null,
    warnings: picked?.warnings ?? [],
  };
}

/** A label's scores as decision values of two classes. */
function pairsOf({ data, rows, cols }: Matrix, code: number): Matrix<Float64Array> {
  const out = zeros(rows, 2);
  for (let i = 0; i < rows; i++) {
    out.data[2 * i] = -data[i * cols + code]!;
    out.data[2 * i + 1] = data[i * cols + code]!;
  }
  return out;
}

function calibrated(
  method: CalibrationMethod,
  { scores, assigned }: OutOfFoldSets,
  sets: LabelSets,
): Matrix<Float64Array> {
  const out = zeros(scores.rows, scores.cols);
  sets.labels.forEach((_, k) => {
    const truth = Int32Array.from(columnOf(sets, k));
    const { data } = heldOutProbabilities(method, pairsOf(scores, k), truth, assigned);
    for (let i = 0; i < out.rows; i++) out.data[i * out.cols + k] = data[2 * i + 1]!;
  });
  return out;
}

/** Means over labels. */
function figures(sets: LabelSets, { data, rows, cols }: Matrix): CalibrationResult["after"] {
  let loss = 0;
  let error = 0;
  for (let k = 0; k < cols; k++) {
    const table = zeros(rows, 2);
    for (let i = 0; i < rows; i++) {
      table.data[2 * i] = 1 - data[i * cols + k]!;
      table.data[2 * i + 1] = data[i * cols + k]!;
    }
    const truth = columnOf(sets, k);
    loss += logLoss(truth, table)() / cols;
    error += calibrationError(truth, table)() / cols;
  }
  return { logLoss: loss, calibrationError: error };
}

function pickThresholds(
  { target, label }: NonNullable<WantedLabelDecision["threshold"]>,
  answers: readonly OutOfFoldSets[],
  sets: LabelSets,
): {
  values: Float64Array;
  results: ThresholdResult[];
  decided: Uint8Array[];
  warnings: string[];
} {
  const { labels, rows } = sets;
  if (label !== null && !labels.includes(label)) {
    throw new HeadstartError("usage", `The positive class '${label}' is no label of the rows`, {
      facts: { positive: label, labels },
      hint: "Leave --positive out for a threshold for every label.",
    });
  }
  const values = new Float64Array(labels.length);
  const results: ThresholdResult[] = [];
  const missed: string[] = [];
  const decided = answers.map(({ scores }) => Uint8Array.from(scores.data, (score) => Number(score > 0)));
  labels.forEach((name, k) => {
    const truth = columnOf(sets, k);
    const positives = truth.reduce((sum, one) => sum + one, 0);
    if ((label !== null && label !== name) || positives === 0 || positives === rows) return;
    const columns = answers.map(({ scores: { data, cols } }) =>
      Float64Array.from(truth, (_, i) => data[i * cols + k]!),
    );
    const picked = pickThreshold(columns[0]!, truth, target);
    if (!picked.reached) missed.push(`'${name}' (${picked.precision.toFixed(3)})`);
    values[k] = picked.value;
    const called = columns.map((column, i) => heldOutPositives(column, truth, target, answers[i]!.assigned));
    called.forEach((given, repeat) => {
      given.forEach((one, i) => {
        decided[repeat]![i * labels.length + k] = one;
      });
    });
    const hits = called[0]!.reduce((sum, one, i) => sum + (one & truth[i]!), 0);
    const sum = called[0]!.reduce((total, one) => total + one, 0);
    results.push({
      positive: name,
      target,
      value: picked.value,
      precision: sum === 0 ? null : hits / sum,
      recall: hits / positives,
      measured: "rows out of fold, each fold by a threshold picked on the other folds",
    });
  });
  const shown = `${missed.slice(0, 5).join(", ")}${missed.length > 5 ? ` and ${missed.length - 5} more` : ""}`;
  const warnings =
    missed.length === 0
      ? []
      : [`no threshold reaches a precision of ${target.value} for ${shown}: the highest there is was taken`];
  return { values, results, decided, warnings };
}
