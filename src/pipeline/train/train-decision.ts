import { HeadstartError } from "../../core/errors.js";
import { fitCalibration } from "../../evaluation/calibration/fit-calibration.js";
import { heldOutPositives } from "../../evaluation/calibration/held-out-positives.js";
import { heldOutProbabilities } from "../../evaluation/calibration/held-out-probabilities.js";
import { pickThreshold, type ThresholdTarget } from "../../evaluation/calibration/pick-threshold.js";
import { calibrationError } from "../../evaluation/metrics/calibration-error.js";
import { logLoss } from "../../evaluation/metrics/log-loss.js";
import type { Decision } from "../../heads/calibrated-head.js";
import type { CalibrationMethod } from "../../heads/calibration-map.js";
import type { Labels } from "../../heads/classifier.js";
import type { HeadMeta } from "../../heads/head-onnx.js";
import type { Matrix } from "../../linalg/matrix.js";
import type { OutOfFoldAnswers } from "../out-of-fold-answers.js";
import type { CalibrationResult, ThresholdResult, TrainOptions } from "../types.js";

/** What a training was asked to lay over its head. */
export interface WantedDecision {
  readonly method: CalibrationMethod | null;
  readonly threshold: { readonly positive: 0 | 1; readonly target: ThresholdTarget } | null;
}

/** What was laid over the head, and what it does on rows out of fold. */
export interface TrainedDecision {
  readonly decision: Decision;
  readonly calibration: CalibrationResult | null;
  readonly threshold: ThresholdResult | null;
  /** With a threshold, by repeat the code of each row, by a threshold picked on the other folds; else null. */
  readonly predictions: readonly Int32Array[] | null;
}

/** What was asked for, checked as far as that needs no labels. */
export interface CheckedDecision {
  readonly method: CalibrationMethod | null;
  readonly threshold: { readonly target: ThresholdTarget; readonly label: string | null } | null;
}

/**
 * What the options ask for; null where they ask for neither a calibration nor a threshold.
 * @throws {HeadstartError} `usage` without cross-validation, for a target that cannot be, or a positive class without
 *   a threshold.
 */
export function checkDecision(
  options: Pick<TrainOptions, "calibrate" | "threshold" | "positive" | "cv">,
): CheckedDecision | null {
  const { calibrate, threshold, positive } = options;
  if (positive !== undefined && threshold === undefined) {
    throw new HeadstartError("usage", "A positive class is of use with a threshold only", {
      hint: "For example: --positive spam --threshold precision=0.9",
    });
  }
  if (calibrate === undefined && threshold === undefined) return null;
  if (threshold !== undefined && !(threshold.value > 0 && threshold.value <= 1)) {
    throw new HeadstartError(
      "usage",
      `A threshold cannot reach a ${threshold.metric} of ${threshold.value}`,
      {
        facts: { threshold },
        hint: "Give a number above 0, and 1 at most, such as 0.9.",
      },
    );
  }
  if (options.cv === 0) {
    throw new HeadstartError("usage", "Calibration and thresholds need cross-validation", {
      facts: { cv: 0 },
      hint: "They are fitted to answers out of fold: give --cv 2 or more.",
    });
  }
  return {
    method: calibrate ?? null,
    threshold: threshold === undefined ? null : { target: threshold, label: positive ?? null },
  };
}

/**
 * The same for one label a row.
 * @throws as `checkDecision`; {HeadstartError} `usage` for a threshold of other than two classes, without a positive
 *   class or with one that the rows do not have.
 */
export function wantedDecision(
  options: Pick<TrainOptions, "calibrate" | "threshold" | "positive" | "cv">,
  classes: readonly string[],
): WantedDecision | null {
  const checked = checkDecision(options);
  if (checked === null) return null;
  const { method, threshold } = checked;
  return {
    method,
    threshold: threshold && {
      positive: positiveCode(threshold.label ?? undefined, classes),
      target: threshold.target,
    },
  };
}

function positiveCode(positive: string | undefined, classes: readonly string[]): 0 | 1 {
  const facts = { positive, classes };
  if (classes.length !== 2) {
    throw new HeadstartError("usage", `A threshold needs two classes, the rows have ${classes.length}`, {
      facts,
      hint: "Leave it out, or relabel the rows as one class against the rest.",
    });
  }
  const code = classes.indexOf(positive ?? "");
  if (positive !== undefined && (code === 0 || code === 1)) return code;
  const message =
    positive === undefined
      ? "A threshold needs to know which class is the positive one"
      : `The positive class '${positive}' is no class of the rows`;
  throw new HeadstartError("usage", message, {
    facts,
    hint: `Give --positive ${classes.map((name) => `'${name}'`).join(" or ")}.`,
  });
}

/**
 * Fits what is wanted to the answers out of fold (of the first repeat), and measures it on folds that it was not
 * fitted to.
 * @param assignments - the folds, by repeat.
 * @throws {HeadstartError} `data` if no threshold reaches the precision that is wanted.
 */
export function trainDecision(
  wanted: WantedDecision,
  answers: readonly OutOfFoldAnswers[],
  y: Labels,
  assignments: readonly Int32Array[],
): TrainedDecision {
  const { method } = wanted;
  const first = answers[0]!;
  const folds = assignments[0]!;
  const picked = wanted.threshold && threshold(wanted.threshold, answers, y, assignments);
  return {
    decision: {
      calibration: method && fitCalibration(method, first.scores, y.codes),
      threshold: wanted.threshold &&
        picked && { positive: wanted.threshold.positive, value: picked.result.value },
    },
    calibration: method && {
      method,
      rows: y.codes.length,
      before: first.probabilities && figures(y, first.probabilities),
      after: figures(y, heldOutProbabilities(method, first.scores, y.codes, folds)),
      measured: "rows out of fold, each fold by maps fitted to the other folds",
    },
    threshold: picked?.result ?? null,
    predictions: picked?.predictions ?? null,
  };
}

/** What a head file says of a calibration and a threshold. */
export function decisionRecord(decided: TrainedDecision | null): Pick<HeadMeta, "calibration" | "threshold"> {
  return {
    ...(decided?.calibration && { calibration: decided.calibration }),
    ...(decided?.threshold && { threshold: decided.threshold }),
  };
}

function figures(y: Labels, probabilities: Matrix): CalibrationResult["after"] {
  return {
    logLoss: logLoss(y.codes, probabilities)(),
    calibrationError: calibrationError(y.codes, probabilities)(),
  };
}

function threshold(
  { positive, target }: NonNullable<WantedDecision["threshold"]>,
  answers: readonly OutOfFoldAnswers[],
  y: Labels,
  assignments: readonly Int32Array[],
): { result: ThresholdResult; predictions: Int32Array[] } {
  const truth = Uint8Array.from(y.codes, (code) => Number(code === positive));
  const values = answers.map(({ scores: { data } }) =>
    Float64Array.from(truth, (_, i) => data[2 * i + positive]! - data[2 * i + 1 - positive]!),
  );
  const picked = pickThreshold(values[0]!, truth, target);
  const name = y.classes[positive]!;
  if (!picked.reached) {
    throw new HeadstartError(
      "data",
      `No threshold gives '${name}' a precision of ${target.value}: ${picked.precision.toFixed(3)} is the highest out of fold`,
      {
        facts: { positive: name, target, precision: picked.precision, recall: picked.recall },
        hint: `Ask for less (--threshold precision=${Math.floor(picked.precision * 100) / 100}), or train another head.`,
      },
    );
  }
  const called = values.map((one, i) => heldOutPositives(one, truth, target, assignments[i]!));
  const positives = called[0]!;
  const hits = positives.reduce((sum, one, i) => sum + (one & truth[i]!), 0);
  const sum = positives.reduce((total, one) => total + one, 0);
  return {
    result: {
      positive: name,
      target,
      value: picked.value,
      precision: sum === 0 ? null : hits / sum,
      recall: hits / truth.reduce((total, one) => total + one, 0),
      measured: "rows out of fold, each fold by a threshold picked on the other folds",
    },
    predictions: called.map((one) =>
      Int32Array.from(one, (isPositive) => (isPositive === 1 ? positive : 1 - positive)),
    ),
  };
}
