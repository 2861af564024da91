import { HeadstartError } from "../core/errors.js";
import type { Matrix } from "../linalg/matrix.js";
import { argmaxRows } from "./argmax.js";
import { calibratedProbabilities } from "./calibrated-probabilities.js";
import type { Calibration } from "./calibration-map.js";
import { type DecisionThreshold, thresholdedScores } from "./decision-threshold.js";
import type { FittedHead } from "./head.js";

/** What is laid over a trained head; null: nothing. */
export interface Decision {
  readonly calibration: Calibration | null;
  readonly threshold: DecisionThreshold | null;
}

/**
 * A trained head with calibrated probabilities, with a threshold, or with both; the head itself stays as it is.
 * Without a threshold, the largest probability is always the label's. A threshold moves labels and leaves
 * probabilities alone: a label may then be less probable than the other class, as was asked for.
 * @throws {HeadstartError} `usage` for a head that has either already, or a threshold for other than two classes.
 */
export function calibratedHead(head: FittedHead, { calibration, threshold }: Decision): FittedHead {
  if (head.calibration !== null || head.threshold !== null) {
    throw new HeadstartError("usage", "The head is calibrated, or has a threshold, already", {
      hint: "Start from the head as it was fitted.",
    });
  }
  if (threshold !== null && head.classes.length !== 2) {
    throw new HeadstartError("usage", `A threshold needs two classes, the head has ${head.classes.length}`, {
      facts: { classes: head.classes },
      hint: "Leave the threshold out, or relabel the rows as one class against the rest.",
    });
  }
  const scores =
    threshold === null ? head.scores : (X: Matrix) => thresholdedScores(head.scores(X), threshold);
  return Object.freeze({
    ...head,
    calibration,
    threshold,
    scores,
    probabilities:
      calibration === null
        ? head.probabilities
        : (X: Matrix) => calibratedProbabilities(calibration, head.scores(X)),
    predict: (X) => Array.from(argmaxRows(scores(X)), (code) => head.classes[code]!),
  } satisfies FittedHead);
}
