import type { LabelSetReport } from "../../evaluation/multi-label/measure-label-sets.js";
import { wilsonInterval } from "../../evaluation/wilson-interval.js";
import type { Metrics, MultiLabelFigures } from "../types.js";

/** The set that rows have most often, the first of several in sorted order. */
export function commonestSet(sets: readonly (readonly string[])[]): readonly string[] {
  const counts = new Map<string, { set: readonly string[]; rows: number }>();
  for (const set of sets) {
    const key = JSON.stringify(set);
    const found = counts.get(key);
    if (found) found.rows++;
    else counts.set(key, { set, rows: 1 });
  }
  return [...counts]
    .sort(([a, one], [b, other]) => other.rows - one.rows || (a < b ? -1 : 1))
    .map(([, { set }]) => set)[0]!;
}

/** Share of the rows that have exactly this set. */
export function shareOfSet(sets: readonly (readonly string[])[], set: readonly string[]): number {
  const key = JSON.stringify(set);
  return sets.reduce((n, one) => n + Number(JSON.stringify(one) === key), 0) / sets.length;
}

/** The figures that heads of one label have too; of several reports the mean. @param rows - measured in each. */
export function setMetrics(reports: readonly LabelSetReport[], rows: number, floor: number): Metrics {
  const mean = (figure: (report: LabelSetReport) => number): number =>
    reports.reduce((sum, report) => sum + figure(report), 0) / reports.length;
  return {
    accuracy: wilsonInterval(mean((report) => report.subsetAccuracy.value) * rows, rows),
    floor,
    balancedAccuracy: mean((report) => report.balancedAccuracy),
    macroF1: mean((report) => report.macroF1),
    microF1: mean((report) => report.microF1),
    weightedF1: mean((report) => report.weightedF1),
    mcc: mean((report) => report.mcc),
  };
}

/** The figures of several labels alone; of several reports the mean, intervals and labels those of the first. */
export function setFigures(reports: readonly LabelSetReport[]): MultiLabelFigures {
  const mean = (figure: (report: LabelSetReport) => number): number =>
    reports.reduce((sum, report) => sum + figure(report), 0) / reports.length;
  const { intervals, perLabel } = reports[0]!;
  return {
    hammingLoss: mean((report) => report.hammingLoss),
    samplesF1: mean((report) => report.samplesF1),
    labelRankingAveragePrecision: mean((report) => report.labelRankingAveragePrecision),
    intervals,
    perLabel,
  };
}
