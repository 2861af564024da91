import type { LabelCounts } from "./label-counts.js";

/** Share of rows that were called rightly; NaN without rows. */
export function accuracy({ hits, actual }: LabelCounts): number {
  return total(hits) / total(actual);
}

function total(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
