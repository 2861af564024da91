import { f1Averages, meansOverLabels } from "../../evaluation/multi-label/label-averages.js";
import {
  countsByLabel,
  labelSetCells,
  rowErrors,
  rowF1,
} from "../../evaluation/multi-label/label-set-counts.js";
import { wilsonInterval } from "../../evaluation/wilson-interval.js";
import type { LabelSets } from "../../heads/multi-label/label-sets.js";
import type { MultiLabelDecided } from "../types/multi-label-types.js";
import type { Metrics } from "../types.js";

/**
 * The figures that need no more than which labels were given.
 * @param decided - `[n, labels]` by repeat; figures are the mean of the repeats, those by label the first one's.
 * @param floor - whole sets that are right where the commonest one is always given.
 */
export function decidedFigures(
  sets: LabelSets,
  decided: readonly Uint8Array[],
  floor: number,
): MultiLabelDecided & { readonly metrics: Metrics } {
  const { rows, labels } = sets;
  const repeats = decided.map((given) => {
    const cells = labelSetCells(sets, given);
    const errors = rowErrors(cells);
    const counts = countsByLabel(cells);
    return {
      counts,
      right: errors.reduce((sum, one) => sum + Number(one === 0), 0),
      hammingLoss: errors.reduce((sum, one) => sum + one, 0) / (rows * labels.length),
      samplesF1: rowF1(cells).reduce((sum, one) => sum + one, 0) / rows,
      ...f1Averages(counts),
      ...meansOverLabels(counts, rows),
    };
  });
  const mean = (figure: (one: (typeof repeats)[number]) => number): number =>
    repeats.reduce((sum, one) => sum + figure(one), 0) / repeats.length;
  const { hits, actual, called } = repeats[0]!.counts;
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    metrics: {
      accuracy: wilsonInterval(
        mean((one) => one.right),
        rows,
      ),
      floor,
      balancedAccuracy: mean((one) => one.balancedAccuracy),
      macroF1: mean((one) => one.macroF1),
      microF1: mean((one) => one.microF1),
      weightedF1: mean((one) => one.weightedF1),
      mcc: mean((one) => one.mcc),
    },
    hammingLoss: mean((one) => one.hammingLoss),
    samplesF1: mean((one) => one.samplesF1),
    perLabel: labels.map((name, k) => ({
      name,
      precision: share(hits[k]!, called[k]!),
      recall: share(hits[k]!, actual[k]!),
      f1: share(2 * hits[k]!, actual[k]! + called[k]!),
      rows: actual[k]!,
    })),
  };
}
