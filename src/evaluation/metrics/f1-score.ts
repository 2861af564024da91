import type { LabelCounts } from "./label-counts.js";

/**
 * F1, the harmonic mean of precision and recall, over classes.
 * @param average - `macro`: the mean of the classes that occur or were predicted; `weighted`: by their rows;
 *   `micro`: of all rows together, which for one label a row is the accuracy.
 * @returns in [0, 1]; 0 for a class that was never called rightly; NaN without rows.
 */
export function f1Score(
  { hits, actual, called }: LabelCounts,
  average: "macro" | "micro" | "weighted",
): number {
  let sum = 0;
  let weight = 0;
  for (let k = 0; k < actual.length; k++) {
    const both = actual[k]! + called[k]!;
    if (both === 0) continue;
    if (average === "micro") {
      sum += 2 * hits[k]!;
      weight += both;
    } else {
      const share = average === "macro" ? 1 : actual[k]!;
      sum += (share * 2 * hits[k]!) / both;
      weight += share;
    }
  }
  return sum / weight;
}
