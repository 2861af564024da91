import type { RankedRows } from "./ranked-rows.js";
import type { WeightedMetric } from "./weighted-metric.js";

/**
 * Average precision, the area under the precision-recall curve without interpolation: the precision at each
 * threshold, weighted by the recall that it gains.
 * @returns in [0, 1]; NaN without positive rows, or without negative ones.
 */
export function averagePrecision({ order, ends, positive }: RankedRows): WeightedMetric {
  return (weights) => {
    let hits = 0;
    let called = 0;
    let gained = 0;
    let sum = 0;
    for (let at = 0; at < order.length; at++) {
      const weight = weights === undefined ? 1 : weights[order[at]!]!;
      called += weight;
      if (positive[at] === 1) gained += weight;
      if (ends[at] === 0) continue;
      hits += gained;
      if (gained > 0) sum += (gained * hits) / called;
      gained = 0;
    }
    return hits === 0 || hits === called ? Number.NaN : sum / hits;
  };
}
