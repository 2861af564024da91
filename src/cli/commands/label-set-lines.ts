import type { MultiLabelFigures } from "../../pipeline/types.js";
import { count, percent } from "../format-number.js";

/** `1,204 rows, the negatives of every label`; null where there are none. */
export function emptyRows({ emptyRows: rows }: { readonly emptyRows: number }): string | null {
  return rows === 0 ? null : `${count(rows)} rows, the negatives of every label`;
}

/** The lines of figures that only several labels a row have. */
export function labelSetLines(figures: MultiLabelFigures): [string, string][] {
  const { intervals } = figures;
  const line = (name: "hammingLoss" | "samplesF1" | "labelRankingAveragePrecision"): string => {
    const range = intervals[name];
    return `${figures[name].toFixed(3)}${range ? ` (${range.low.toFixed(3)} to ${range.high.toFixed(3)})` : ""}`;
  };
  return [
    ["Hamming loss", line("hammingLoss")],
    ["F1 over rows", line("samplesF1")],
    ["ranking", `${line("labelRankingAveragePrecision")}, average precision of labels`],
  ];
}

/** A row a label: precision, recall, F1, average precision and rows, as `formatTable` takes them. */
export function perLabelRows({ perLabel }: MultiLabelFigures): string[][] {
  return perLabel.map(({ name, precision, recall, f1, averagePrecision, rows }) => [
    name,
    percent(precision),
    percent(recall),
    f1.toFixed(3),
    averagePrecision === null ? "-" : averagePrecision.toFixed(3),
    count(rows),
  ]);
}
