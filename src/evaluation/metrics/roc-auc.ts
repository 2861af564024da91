import type { RankedRows } from "./ranked-rows.js";
import type { WeightedMetric } from "./weighted-metric.js";

/**
 * Area under the ROC curve: the chance that a positive row is scored above a negative one, a tie counting half.
 * @returns in [0, 1]; NaN without rows of both kinds.
 */
export function rocAuc({ order, ends, positive }: RankedRows): WeightedMetric {
  return (weights) => {
    let above = 0;
    let negatives = 0;
    let area = 0;
    let tiedPositive = 0;
    let tiedNegative = 0;
    for (let at = 0; at < order.length; at++) {
      const weight = weights === undefined ? 1 : weights[order[at]!]!;
      if (positive[at] === 1) tiedPositive += weight;
      else tiedNegative += weight;
      if (ends[at] === 0) continue;
      area += tiedNegative * (above + tiedPositive / 2);
      above += tiedPositive;
      negatives += tiedNegative;
      tiedPositive = 0;
      tiedNegative = 0;
    }
    return area / (above * negatives);
  };
}
