import { random } from "../../core/random.js";
import type { Labels } from "../../heads/classifier.js";

/** Rows that a class keeps where its share would be less. */
const LEAST_OF_CLASS = 2;

/**
 * A share of the rows, the same share of each class, in their order. A smaller share of the same rows with the same
 * seed is a part of a larger one.
 * @param rows - row numbers of `y`.
 */
export function sampleRows(
  y: Labels,
  rows: readonly number[],
  share: number,
  seed: number,
): readonly number[] {
  if (share >= 1) return rows;
  const rng = random(seed);
  const ofClass: number[][] = y.classes.map(() => []);
  for (const row of rows) ofClass[y.codes[row]!]!.push(row);
  return ofClass
    .flatMap((members) =>
      rng.shuffle(members).slice(0, Math.max(LEAST_OF_CLASS, Math.round(members.length * share))),
    )
    .sort((a, b) => a - b);
}
