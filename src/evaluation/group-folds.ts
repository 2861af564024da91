import { HeadstartError, ShapeError } from "../core/errors.js";
import { random } from "../core/random.js";
import type { Labels } from "../heads/classifier.js";

/**
 * Assigns whole groups to folds: rows of one group (a patient, an author, near-duplicates) are never on both sides.
 * Groups are placed from the largest to the smallest, each where it upsets the balance least: of each class's share
 * if there are labels, of the sizes if not. Without labels the folds differ by no more than the largest group.
 * @param groups - one group a row: names, or numbers.
 * @param y - labels to be spread evenly over the folds; omitted: sizes alone count.
 * @returns n fold numbers in [0, folds). The same seed gives the same folds.
 * @throws {ShapeError} if groups and labels disagree in length.
 * @throws {HeadstartError} `usage` unless 2 ≤ folds; `data` for one group only or fewer than folds, or for a class whose rows all
 *   ended in one fold, as no model could be trained without that fold.
 */
export function groupFolds(
  groups: readonly (string | number)[] | Int32Array,
  folds: number,
  seed: number,
  y?: Labels,
): Int32Array {
  if (!Number.isInteger(folds) || folds < 2) {
    throw new HeadstartError(
      "usage",
      `Cross-validation needs a whole number of folds, at least 2; got ${folds}`,
      { facts: { folds } },
    );
  }
  const rows = groups.length;
  if (y !== undefined && y.codes.length !== rows) throw new ShapeError("groups", [y.codes.length], [rows]);
  const rowsOf = new Map<string | number, number[]>();
  for (let row = 0; row < rows; row++) {
    const members = rowsOf.get(groups[row]!);
    if (members === undefined) rowsOf.set(groups[row]!, [row]);
    else members.push(row);
  }
  if (rowsOf.size < 2) {
    throw new HeadstartError(
      "data",
      rowsOf.size === 0
        ? "There are no rows to be divided into folds"
        : `All ${rows} rows are of one group: grouped cross-validation needs two at least`,
      { facts: { groups: rowsOf.size, folds } },
    );
  }
  if (rowsOf.size < folds) {
    throw new HeadstartError("data", `There are ${rowsOf.size} groups, fewer than the ${folds} folds`, {
      facts: { groups: rowsOf.size, folds },
      hint: `Use at most ${rowsOf.size} folds.`,
    });
  }
  const codes = y?.codes ?? new Int32Array(rows);
  const classes = y?.classes.length ?? 1;
  const inClass = new Float64Array(classes);
  for (const code of codes) inClass[code]!++;
  const placed = Array.from({ length: folds }, () => ({ rows: 0, ofClass: new Float64Array(classes) }));
  const assigned = new Int32Array(rows);
  // The shuffle decides between groups of one size; sorting keeps its order.
  const members = random(seed)
    .shuffle([...rowsOf.values()])
    .sort((a, b) => b.length - a.length);
  for (const group of members) {
    const best = leastUpset(group, codes, inClass, placed);
    const fold = placed[best]!;
    fold.rows += group.length;
    for (const row of group) {
      assigned[row] = best;
      fold.ofClass[codes[row]!]!++;
    }
  }
  if (y !== undefined) {
    const alone = y.classes.findIndex((_, code) =>
      placed.some((fold) => inClass[code]! > 0 && fold.ofClass[code] === inClass[code]),
    );
    if (alone >= 0) {
      throw new HeadstartError(
        "data",
        `The groups leave all ${inClass[alone]} rows of class '${y.classes[alone]}' in one fold: nothing is left to learn it from`,
        { facts: { class: y.classes[alone], folds }, hint: "Each class needs rows in at least two groups." },
      );
    }
  }
  return assigned;
}

interface Fold {
  readonly rows: number;
  readonly ofClass: Float64Array;
}

/** The fold to which adding the group raises the sum of squared class shares least; of equals the smallest. */
function leastUpset(
  group: readonly number[],
  codes: Int32Array,
  inClass: Float64Array,
  folds: readonly Fold[],
): number {
  const adds = new Map<number, number>();
  for (const row of group) adds.set(codes[row]!, (adds.get(codes[row]!) ?? 0) + 1);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  folds.forEach((fold, f) => {
    let rise = 0;
    for (const [code, added] of adds) {
      rise += (added * (2 * fold.ofClass[code]! + added)) / (inClass[code]! * inClass[code]!);
    }
    if (rise < least || (rise === least && fold.rows < folds[best]!.rows)) {
      best = f;
      least = rise;
    }
  });
  return best;
}
