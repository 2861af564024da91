import { ShapeError } from "../core/errors.js";
import type { Labels } from "../heads/classifier.js";
import { type Matrix, rowOf } from "../linalg/matrix.js";

/** A row whose out-of-fold probabilities contradict its label. */
export interface Suspect {
  readonly row: number;
  /** Codes of the label that it has, and of the one that it confidently belongs to. */
  readonly label: number;
  readonly suggested: number;
  /** Probability of the label that it has. */
  readonly selfConfidence: number;
  /** Normalised margin: that less the largest probability of another class, in [-1, 1]; -1 is the surest error. */
  readonly margin: number;
}

/** What confident learning finds in labels. */
export interface LabelAudit {
  /** One a class: the mean probability of the class over the rows that are labelled so. */
  readonly thresholds: readonly number[];
  /** `[label][class]`: rows with that label that confidently belong to that class. */
  readonly confidentJoint: readonly (readonly number[])[];
  /** `[label][class]`: estimated share of all rows, label counts kept; sums to 1. Off the diagonal: label errors. */
  readonly joint: readonly (readonly number[])[];
  /** Rows off the diagonal of the confident joint, the smallest margin first. */
  readonly suspects: readonly Suspect[];
}

/** A mean and the equal values that it is the mean of may differ by so much. */
const ROUNDING = 1e-12;

/**
 * Confident learning. A row confidently belongs to the class of highest probability among those whose probability
 * reaches the class's threshold; rows that reach none are left out of the confident joint.
 * @param probabilities - `[n, classes]`, by models that did not see the row.
 * @param y - the labels as they are; a class may have no rows.
 * @throws {ShapeError} if they disagree.
 * @see Northcutt, Jiang & Chuang 2021, "Confident learning: estimating uncertainty in dataset labels".
 */
export function auditLabels(probabilities: Matrix, y: Labels): LabelAudit {
  const { codes, classes } = y;
  const k = classes.length;
  if (probabilities.rows !== codes.length || probabilities.cols !== k) {
    throw new ShapeError("probabilities", [codes.length, k], [probabilities.rows, probabilities.cols]);
  }
  const { counts, thresholds } = classThresholds(probabilities, y);
  const confidentJoint = classes.map(() => new Array<number>(k).fill(0));
  const suspects: Suspect[] = [];
  codes.forEach((label, row) => {
    const shares = rowOf(probabilities, row);
    let confident = -1;
    let rival = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < k; j++) {
      const share = shares[j]!;
      if (share >= thresholds[j]! - ROUNDING && (confident < 0 || share > shares[confident]!)) confident = j;
      if (j !== label) rival = Math.max(rival, share);
    }
    if (confident < 0) return;
    confidentJoint[label]![confident]!++;
    if (confident === label) return;
    const selfConfidence = shares[label]!;
    suspects.push({ row, label, suggested: confident, selfConfidence, margin: selfConfidence - rival });
  });
  suspects.sort((a, b) => a.margin - b.margin || a.row - b.row);
  return Object.freeze({
    thresholds: [...thresholds],
    confidentJoint,
    joint: calibrated(confidentJoint, counts),
    suspects,
  });
}

/** Infinite for a class without rows, which nothing can confidently belong to. */
function classThresholds(
  probabilities: Matrix,
  { codes, classes }: Labels,
): { counts: Int32Array; thresholds: Float64Array } {
  const counts = new Int32Array(classes.length);
  const sums = new Float64Array(classes.length);
  codes.forEach((label, row) => {
    counts[label]!++;
    sums[label]! += probabilities.data[row * probabilities.cols + label]!;
  });
  return {
    counts,
    thresholds: sums.map((sum, j) => (counts[j] === 0 ? Number.POSITIVE_INFINITY : sum / counts[j]!)),
  };
}

/** Each label's row of the joint scaled to its share of all rows; a label no row of which is confident is taken as right. */
function calibrated(joint: readonly (readonly number[])[], counts: Int32Array): number[][] {
  const rows = counts.reduce((sum, n) => sum + n, 0);
  return joint.map((row, label) => {
    const share = counts[label]! / rows;
    const total = row.reduce((sum, n) => sum + n, 0);
    return row.map((n, j) => (total === 0 ? (j === label ? share : 0) : (n / total) * share));
  });
}
