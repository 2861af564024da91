import type { LabelCounts } from "../metrics/label-counts.js";

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** F1 over labels: their mean (0 for one that no row has or is given), of all together, and weighted by their rows. */
export function f1Averages({
  hits,
  actual,
  called,
}: LabelCounts): Record<"macroF1" | "microF1" | "weightedF1", number> {
  const each = hits.map((both, k) => ratio(2 * both, actual[k]! + called[k]!));
  return {
    macroF1: sum(each) / each.length,
    microF1: ratio(2 * sum(hits), sum(actual) + sum(called)),
    weightedF1: ratio(sum(each.map((f1, k) => f1 * actual[k]!)), sum(actual)),
  };
}

/** Means over labels of balanced accuracy (over what a label has: rows with it, rows without) and of Matthews' correlation. */
export function meansOverLabels(
  { hits, actual, called }: LabelCounts,
  rows: number,
): { balancedAccuracy: number; mcc: number } {
  const balanced = hits.map((both, k) => {
    const without = rows - actual[k]!;
    const rejected = without - (called[k]! - both);
    const recalls = [
      ...(actual[k]! > 0 ? [both / actual[k]!] : []),
      ...(without > 0 ? [rejected / without] : []),
    ];
    return recalls.reduce((total, one) => total + one, 0) / recalls.length;
  });
  const correlations = hits.map((both, k) => {
    const [has, given] = [actual[k]!, called[k]!];
    const spread = has * (rows - has) * given * (rows - given);
    return spread === 0 ? 0 : (both * rows - has * given) / Math.sqrt(spread);
  });
  return { balancedAccuracy: sum(balanced) / hits.length, mcc: sum(correlations) / hits.length };
}
