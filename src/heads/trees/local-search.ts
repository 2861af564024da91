import type { BinnedFeatures } from "./bin-features.js";
import type { BoostingJob, BoostingMemory } from "./boosting-job.js";
import { compiledSearch } from "./compiled-search.js";
import { interpretedSearch } from "./interpreted-search.js";
import { NO_SPLIT, type SplitSearch } from "./split-search.js";

/**
 * Looks for splits on this thread, of the features from `first` to before `end`: in WebAssembly where `compiledSearch`
 * does that, else in TypeScript.
 */
export function localSearch(
  { X, options }: BoostingJob,
  { rows }: BoostingMemory,
  first = 0,
  end = X.cols,
): SplitSearch {
  const own = columnsOf(X, first, end);
  const { maxBins, maxLeafNodes, minSamplesLeaf, l2Regularization: l2 } = options;
  const rules = { minSamplesLeaf, l2 };
  const search =
    compiledSearch(own, rows, maxBins, maxLeafNodes + 1, rules) ??
    interpretedSearch(own, rows, maxBins, rules);
  if (first === 0 && end === X.cols) return search;
  return {
    start(pairs, features) {
      const within = features.filter((f) => f >= first && f < end);
      search.start(
        pairs,
        within.map((f) => f - first),
      );
    },
    run(steps) {
      return search
        .run(steps)
        .map((split) => (split.feature < 0 ? NO_SPLIT : { ...split, feature: split.feature + first }));
    },
  };
}

function columnsOf(X: BinnedFeatures, first: number, end: number): BinnedFeatures {
  return {
    rows: X.rows,
    cols: end - first,
    bins: X.bins.subarray(first * X.rows, end * X.rows),
    edges: X.edges.slice(first, end),
    tops: X.tops.slice(first, end),
  };
}
