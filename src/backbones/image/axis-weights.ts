import { nearestPositions } from "./nearest-positions.js";
import { RESAMPLE_FILTERS, type ResampleFilterName } from "./resample-filter.js";
import { type ResampleWeights, resampleWeights, WEIGHT_BITS } from "./resample-weights.js";

/**
 * The weights of one axis, for every filter: where a pixel is only copied, its one weight is one.
 * Pillow skips a pass that leaves the size alone; these weights give the same bytes.
 * @param from - first output pixel wanted; the arrays start there.
 * @param to - one past the last output pixel wanted.
 */
export function axisWeights(
  filter: ResampleFilterName,
  source: number,
  target: number,
  from: number,
  to: number,
): ResampleWeights {
  if (filter !== "nearest" && source !== target) {
    return resampleWeights(RESAMPLE_FILTERS[filter], source, target, from, to);
  }
  const length = to - from;
  return {
    first: nearestPositions(source, target).subarray(from, to),
    count: new Int32Array(length).fill(1),
    weights: new Int32Array(length).fill(1 << WEIGHT_BITS),
    taps: 1,
  };
}
