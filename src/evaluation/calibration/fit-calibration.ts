import type { Calibration, CalibrationMap, CalibrationMethod } from "../../heads/calibration-map.js";
import type { Matrix } from "../../linalg/matrix.js";
import { fitIsotonic } from "./fit-isotonic.js";
import { fitPlatt } from "./fit-platt.js";

/**
 * Fits a head's calibration: of two classes one map, of the second's decision value less the first's; of more one a
 * class, against the rest.
 * @param scores - `[n, classes]` decision values of rows that did not train the head; at least one row and two classes.
 * @param truth - n codes.
 */
export function fitCalibration(
  method: CalibrationMethod,
  scores: Matrix,
  truth: ArrayLike<number>,
): Calibration {
  const { data, rows, cols } = scores;
  const mapOf = (value: (row: number) => number, code: number): CalibrationMap => {
    const values = Float64Array.from({ length: rows }, (_, i) => value(i));
    const positive = Uint8Array.from({ length: rows }, (_, i) => Number(truth[i] === code));
    return method === "platt" ? fitPlatt(values, positive) : fitIsotonic(values, positive);
  };
  const maps =
    cols === 2
      ? [mapOf((i) => data[2 * i + 1]! - data[2 * i]!, 1)]
      : Array.from({ length: cols }, (_, k) => mapOf((i) => data[i * cols + k]!, k));
  return Object.freeze({ method, maps });
}
