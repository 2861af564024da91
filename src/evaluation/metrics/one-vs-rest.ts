import type { Matrix } from "../../linalg/matrix.js";
import { type RankedRows, rankRows } from "./ranked-rows.js";
import type { WeightedMetric } from "./weighted-metric.js";

/**
 * Ranks rows once for each class against the rest; two classes make one ranking, the second class positive.
 * @param truth - n codes, each a column.
 * @param scores - `[n, classes]`: probabilities, or decision values (of two classes their difference is ranked).
 */
export function rankOneVsRest(
  truth: ArrayLike<number>,
  scores: Matrix,
  kind: "probabilities" | "scores",
): RankedRows[] {
  const { data, rows, cols } = scores;
  const flags = (code: number): Uint8Array => Uint8Array.from(truth, (is) => Number(is === code));
  const column = (k: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, i) => data[i * cols + k]!);
  if (cols === 2) {
    const second = column(1);
    if (kind === "scores") for (let i = 0; i < rows; i++) second[i]! -= data[i * cols]!;
    return [rankRows(second, flags(1))];
  }
  return Array.from({ length: cols }, (_, k) => rankRows(column(k), flags(k)));
}

/** The mean of a figure over rankings, those where it is not defined (a class that does not occur) left out. */
export function meanOverRankings(
  rankings: readonly RankedRows[],
  figure: (ranked: RankedRows) => WeightedMetric,
): WeightedMetric {
  const figures = rankings.map(figure);
  return (weights) => {
    let sum = 0;
    let defined = 0;
    for (const one of figures) {
      const value = one(weights);
      if (Number.isNaN(value)) continue;
      sum += value;
      defined++;
    }
    return sum / defined;
  };
}
