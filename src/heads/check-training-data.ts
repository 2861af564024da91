import { HeadstartError, ShapeError } from "../core/errors.js";
import type { FloatArray, Matrix } from "../linalg/matrix.js";
import type { Labels } from "./classifier.js";

/**
 * Refuses what no classifier can learn from; every `fit` calls it first.
 * @throws {ShapeError} if X and y disagree in length.
 * @throws {HeadstartError} `data` for no rows, no columns, NaN or infinity (naming row and column), one class only,
 *   or a class without rows.
 */
export function checkTrainingData(X: Matrix, y: Labels): void {
  if (X.rows !== y.codes.length) throw new ShapeError("X", [y.codes.length, "*"], [X.rows, X.cols]);
  if (X.rows === 0 || X.cols === 0) {
    throw new HeadstartError("data", `There is nothing to train on: X is [${X.rows}, ${X.cols}]`, {
      facts: { rows: X.rows, cols: X.cols },
      hint: "Give at least one row of each of two classes.",
    });
  }
  checkFinite("X", X);
  if (y.classes.length < 2) {
    throw new HeadstartError("data", `All ${X.rows} rows are of one class, '${y.classes[0] ?? ""}'`, {
      facts: { classes: y.classes },
      hint: "A classifier needs rows of at least two classes.",
    });
  }
  const seen = new Uint8Array(y.classes.length);
  for (let i = 0; i < y.codes.length; i++) {
    const code = y.codes[i]!;
    if (code < 0 || code >= y.classes.length) {
      throw new HeadstartError(
        "data",
        `Row ${i} has label code ${code}, outside 0 to ${y.classes.length - 1}`,
        {
          facts: { row: i, code },
          hint: "Make the codes with encodeLabels.",
        },
      );
    }
    seen[code] = 1;
  }
  const absent = seen.indexOf(0);
  if (absent >= 0) {
    throw new HeadstartError("data", `Class '${y.classes[absent]}' has no row to train on`, {
      facts: { class: y.classes[absent] },
      hint: "Encode the labels of the training rows alone.",
    });
  }
}

/** @throws {HeadstartError} `data` at the first NaN or infinity, naming its row and column (from 0). */
export function checkFinite(name: string, X: Matrix): void {
  const { data, cols } = X;
  for (let start = 0; start < data.length; start += RUN) {
    const end = Math.min(data.length, start + RUN);
    if (sumsToFinite(data, start, end)) continue;
    for (let k = start; k < end; k++) {
      const value = data[k]!;
      if (value - value !== 0) {
        const row = Math.floor(k / cols);
        throw new HeadstartError("data", `${name} has ${value} in row ${row}, column ${k % cols}`, {
          facts: { row, column: k % cols, value },
          hint: "Remove the row, or embed it again.",
        });
      }
    }
  }
}

/** Elements that are summed at a time. */
const RUN = 4096;

/** A sum is finite only where all its terms are; four side by side, so that none waits for the one before. */
function sumsToFinite(data: FloatArray, start: number, end: number): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let k = start;
  for (; k + 3 < end; k += 4) {
    a += data[k]!;
    b += data[k + 1]!;
    c += data[k + 2]!;
    d += data[k + 3]!;
  }
  for (; k < end; k++) a += data[k]!;
  const sum = a + b + c + d;
  return sum - sum === 0;
}
