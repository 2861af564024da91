import { HeadstartError } from "../../core/errors.js";
import { random } from "../../core/random.js";
import { countLabels, type LabelSets } from "../../heads/multi-label/label-sets.js";

/**
 * Assigns rows of several labels to folds so that each label's rows spread over them: the rarest label's rows are
 * placed first, each where most of that label is still wanted.
 * @returns n fold numbers in [0, folds). The same seed gives the same folds.
 * @throws {HeadstartError} `usage` unless 2 ≤ folds; `data` for fewer rows than folds.
 * @see Sechidis, Tsoumakas & Vlahavas 2011, "On the stratification of multi-label data".
 */
export function labelSetFolds(sets: LabelSets, folds: number, seed: number): Int32Array {
  const { labels, rows, members } = sets;
  if (!Number.isInteger(folds) || folds < 2) {
    throw new HeadstartError(
      "usage",
      `Cross-validation needs a whole number of folds, at least 2; got ${folds}`,
      { hint: "Use --cv 5, or --cv 0 to train without it." },
    );
  }
  if (rows < folds) {
    throw new HeadstartError("data", `There are ${rows} rows, fewer than the ${folds} folds`, {
      facts: { rows, folds },
      hint: rows < 2 ? "Use --cv 0 to train without cross-validation." : `Use --cv ${rows}, or --cv 0.`,
    });
  }
  const width = labels.length;
  const rowsOf: number[][] = labels.map(() => []);
  const order = random(seed).shuffle(Array.from({ length: rows }, (_, row) => row));
  for (const row of order) {
    for (let k = 0; k < width; k++) if (members[row * width + k] === 1) rowsOf[k]!.push(row);
  }
  const left = Int32Array.from(countLabels(sets));
  /** How many rows of each label, and of all, each fold is still to get. */
  const wanted = Array.from({ length: folds }, () => Float64Array.from(left, (count) => count / folds));
  const room = new Float64Array(folds).fill(rows / folds);
  const assigned = new Int32Array(rows).fill(-1);
  const place = (row: number, label: number | null): void => {
    let best = 0;
    for (let fold = 1; fold < folds; fold++) {
      const more = label === null ? 0 : wanted[fold]![label]! - wanted[best]![label]!;
      if (more > 0 || (more === 0 && room[fold]! > room[best]!)) best = fold;
    }
    assigned[row] = best;
    room[best]!--;
    for (let k = 0; k < width; k++) {
      if (members[row * width + k] === 0) continue;
      left[k]!--;
      wanted[best]![k]!--;
    }
  };
  for (let label = rarest(left); label >= 0; label = rarest(left)) {
    for (const row of rowsOf[label]!) if (assigned[row] === -1) place(row, label);
  }
  for (const row of order) if (assigned[row] === -1) place(row, null);
  return assigned;
}

/** The label with fewest rows left, of those that have any; -1 where none has. */
function rarest(left: Int32Array): number {
  let found = -1;
  left.forEach((count, k) => {
    if (count > 0 && (found < 0 || count < left[found]!)) found = k;
  });
  return found;
}
