import { calibratedProbabilities } from "../../heads/calibrated-probabilities.js";
import type { CalibrationMethod } from "../../heads/calibration-map.js";
import { type Matrix, selectRows, zeros } from "../../linalg/matrix.js";
import { fitCalibration } from "./fit-calibration.js";
import { rowsOfFold } from "./rows-of-fold.js";

/**
 * Calibrated probabilities for an honest figure: those of each fold by maps that were fitted on the other folds.
 * @param scores - `[n, classes]` out-of-fold decision values. @param truth - n codes.
 * @param assigned - the fold of each row.
 */
export function heldOutProbabilities(
  method: CalibrationMethod,
  scores: Matrix,
  truth: Int32Array,
  assigned: Int32Array,
): Matrix<Float64Array> {
  const out = zeros(scores.rows, scores.cols);
  for (const { inside, held } of rowsOfFold(assigned)) {
    const codes = Int32Array.from(inside, (row) => truth[row]!);
    const calibration = fitCalibration(method, selectRows(scores, inside), codes);
    const answers = calibratedProbabilities(calibration, selectRows(scores, held));
    held.forEach((row, i) => {
      out.data.set(answers.data.subarray(i * scores.cols, (i + 1) * scores.cols), row * scores.cols);
    });
  }
  return out;
}
