import type { LabelSets } from "../../heads/multi-label/label-sets.js";
import type { Matrix } from "../../linalg/matrix.js";

/**
 * Label ranking average precision of each row: for each of its labels the share of its own among those scored as high
 * or higher, on average. 1 for a row with no labels, or with all.
 * @param scores - `[n, labels]`.
 * @returns n values in (0, 1]; their mean is scikit-learn's `label_ranking_average_precision_score`.
 */
export function labelRankingPrecisions({ members }: LabelSets, { data, rows, cols }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    const row = data.subarray(i * cols, (i + 1) * cols);
    let sum = 0;
    let own = 0;
    for (let k = 0; k < cols; k++) {
      if (members[i * cols + k] === 0) continue;
      own++;
      let above = 0;
      let ownAbove = 0;
      for (let j = 0; j < cols; j++) {
        if (row[j]! < row[k]!) continue;
        above++;
        ownAbove += members[i * cols + j]!;
      }
      sum += ownAbove / above;
    }
    return own === 0 || own === cols ? 1 : sum / own;
  });
}
