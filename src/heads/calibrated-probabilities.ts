import { type Matrix, zeros } from "../linalg/matrix.js";
import { argmaxRows } from "./argmax.js";
import { applyMap, type Calibration } from "./calibration-map.js";

/** By how much a label's probability exceeds the others at least: more than float32 rounds away. */
export const LABEL_MARGIN = 1 + 2 ** -20;

/**
 * Calibrated probabilities of decision values: each class by its own map (two classes by one), scaled to sum to 1
 * (equal shares where every map says 0), as scikit-learn's CalibratedClassifierCV does.
 * Beyond that, the label (the first largest decision value) is never less probable than another class: where the maps
 * say otherwise, its probability is raised to the largest, so that labels and probabilities always agree.
 * @param scores - `[n, classes]`, at least two classes.
 * @returns `[n, classes]`; rows sum to 1, and the largest of each is the label's.
 */
export function calibratedProbabilities(calibration: Calibration, scores: Matrix): Matrix<Float64Array> {
  const { rows, cols } = scores;
  const out = mappedScores(calibration, scores);
  const labels = argmaxRows(scores);
  for (let i = 0; i < rows; i++) {
    const row = out.data.subarray(i * cols, (i + 1) * cols);
    if (row.every((value) => value === 0)) row.fill(1);
    const label = labels[i]!;
    let others = 0;
    for (let k = 0; k < cols; k++) if (k !== label) others = Math.max(others, row[k]!);
    row[label] = Math.max(row[label]!, others * LABEL_MARGIN);
    const sum = row.reduce((total, value) => total + value, 0);
    for (let k = 0; k < cols; k++) row[k]! /= sum;
  }
  return out;
}

/**
 * By how much a calibrated probability may differ where decision values differ by rounding: isotonic maps may be steep.
 * @param error - of each decision value, relative to max(1, |value|).
 * @returns n bounds; infinite where the label itself hangs on the rounding.
 */
export function calibrationErrorBounds(
  calibration: Calibration,
  scores: Matrix,
  error: number,
): Float64Array {
  const { rows, cols } = scores;
  const slack = scores.data.map((value) => error * Math.max(1, Math.abs(value)));
  const shifted = (sign: (k: number) => number): Matrix =>
    mappedScores(calibration, {
      data: Float64Array.from(scores.data, (value, i) => value + sign(i % cols) * slack[i]!),
      rows,
      cols,
    });
  const low = shifted((k) => (cols === 2 && k === 0 ? 1 : -1));
  const high = shifted((k) => (cols === 2 && k === 0 ? -1 : 1));
  return Float64Array.from({ length: rows }, (_, i) => {
    let change = 0;
    let sum = 0;
    for (let k = i * cols; k < (i + 1) * cols; k++) {
      change += Math.abs(high.data[k]! - low.data[k]!);
      sum += Math.min(high.data[k]!, low.data[k]!);
    }
    const row = Float64Array.from(scores.data.subarray(i * cols, (i + 1) * cols)).sort();
    const gap = row.at(-1)! - row.at(-2)!;
    if (gap <= 2 * Math.max(...slack.subarray(i * cols, (i + 1) * cols))) return Number.POSITIVE_INFINITY;
    return change === 0 ? 0 : (2 * change) / sum;
  });
}

/** What the maps say of each class; not yet scaled. */
function mappedScores({ maps }: Calibration, { data, rows, cols }: Matrix): Matrix<Float64Array> {
  const out = zeros(rows, cols);
  for (let i = 0; i < rows; i++) {
    if (cols === 2) {
      const second = applyMap(maps[0]!, data[2 * i + 1]! - data[2 * i]!);
      out.data[2 * i] = 1 - second;
      out.data[2 * i + 1] = second;
    } else {
      for (let k = 0; k < cols; k++) out.data[i * cols + k] = applyMap(maps[k]!, data[i * cols + k]!);
    }
  }
  return out;
}
