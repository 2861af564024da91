import { HeadstartError } from "../core/errors.js";
import { random } from "../core/random.js";
import type { Labels } from "../heads/classifier.js";

/**
 * Assigns each row to one of `folds` parts so that every part has each class in the same share, to within a row.
 * @returns n fold numbers in [0, folds). The same seed gives the same folds.
 * @throws {HeadstartError} `usage` unless 2 ≤ folds; `data` naming the class with fewest rows if they are fewer than the folds.
 */
export function stratifiedFolds(y: Labels, folds: number, seed: number): Int32Array {
  if (!Number.isInteger(folds) || folds < 2) {
    throw new HeadstartError(
      "usage",
      `Cross-validation needs a whole number of folds, at least 2; got ${folds}`,
      {
        hint: "Use --cv 5, or --cv 0 to train without it.",
      },
    );
  }
  const rng = random(seed);
  const rowsOf: number[][] = y.classes.map(() => []);
  y.codes.forEach((code, row) => {
    rowsOf[code]!.push(row);
  });
  const rarest = rowsOf.reduce(
    (least, rows, code) => (rows.length < rowsOf[least]!.length ? code : least),
    0,
  );
  const rarestRows = rowsOf[rarest]?.length ?? 0;
  if (rarestRows < folds) {
    throw new HeadstartError(
      "data",
      `Class '${y.classes[rarest]}' has ${rarestRows} row${rarestRows === 1 ? "" : "s"}, fewer than the ${folds} folds`,
      {
        facts: { class: y.classes[rarest], rows: rarestRows, folds },
        hint:
          rarestRows < 2
            ? "Add rows of it, or train without cross-validation: --cv 0."
            : `Use --cv ${rarestRows}, or --cv 0 to train without it.`,
      },
    );
  }
  const assigned = new Int32Array(y.codes.length);
  // Each class goes on where the one before it stopped, so that the parts are of equal size too.
  let next = 0;
  for (const rows of rowsOf) for (const row of rng.shuffle(rows)) assigned[row] = next++ % folds;
  return assigned;
}
