import { HeadstartError, ShapeError } from "../core/errors.js";
import { allFinite } from "../linalg/all-finite.js";
import type { Matrix } from "../linalg/matrix.js";
import type { Labels } from "./classifier.js";

/**
 * Refuses what no classifier can learn from; every `fit` calls it first.
 * @throws {ShapeError} if X and y disagree in length.
 * @throws {HeadstartError} `data` for no rows, no columns, NaN or infinity (naming row and column), one class only,
 *   or a class without rows.
 */
export function checkTrainingData(X: Matrix, y: Labels): void {
  checkTrainingLabels(X, y);
  checkFinite("X", X);
}

/** The same, but for NaN and infinity: what takes no pass over X. */
export function checkTrainingLabels(X: Matrix, y: Labels): void {
  if (X.rows !== y.codes.length) throw new ShapeError("X", [y.codes.length, "*"], [X.rows, X.cols]);
  if (X.rows === 0 || X.cols === 0) {
    throw new HeadstartError("data", `There is nothing to train on: X is [${X.rows}, ${X.cols}]`, {
      facts: { rows: X.rows, cols: X.cols },
      hint: "Give at least one row of each of two classes.",
    });
  }
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
  if (allFinite(data)) return;
  for (let k = 0; k < data.length; k++) {
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
