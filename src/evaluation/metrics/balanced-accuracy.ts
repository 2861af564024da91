import type { LabelCounts } from "./label-counts.js";

/** Mean recall of the classes that occur; NaN without rows. */
export function balancedAccuracy({ hits, actual }: LabelCounts): number {
  let sum = 0;
  let classes = 0;
  for (let k = 0; k < actual.length; k++) {
    if (actual[k] === 0) continue;
    sum += hits[k]! / actual[k]!;
    classes++;
  }
  return sum / classes;
}
