import type { BinnedFeatures } from "./bin-features.js";
import {
  type GradientSplit,
  type HistogramStep,
  LEAST_HESSIAN,
  leastScore,
  NO_SPLIT,
  type SplitRules,
  type SplitSearch,
} from "./split-search.js";

/** Sums of a node's rows by feature and bin: gradient and hessian side by side in `sums`, rows in `rows`. */
interface GradientHistogram {
  readonly sums: Float64Array;
  readonly rows: Int32Array;
}

/**
 * Looks for splits in TypeScript.
 * @param rows - the rows that steps speak of; whoever grows the tree moves them. @param width - bins of a feature.
 */
export function interpretedSearch(
  X: BinnedFeatures,
  rows: Int32Array,
  width: number,
  rules: SplitRules,
): SplitSearch {
  const node = { rows: new Int32Array(rows.length), pairs: new Float64Array(2 * rows.length) };
  const slots: GradientHistogram[] = [];
  let pairs: Float64Array = new Float64Array(0);
  let features: Int32Array = new Int32Array(0);

  const count = (slot: number, from: number, to: number): void => {
    for (let k = from, at = 0; k < to; k++, at++) {
      const row = rows[k]!;
      node.rows[at] = row;
      node.pairs[2 * at] = pairs[2 * row]!;
      node.pairs[2 * at + 1] = pairs[2 * row + 1]!;
    }
    slots[slot] ??= { sums: new Float64Array(2 * X.cols * width), rows: new Int32Array(X.cols * width) };
    const { sums, rows: counts } = slots[slot];
    for (const f of features) {
      sums.fill(0, 2 * f * width, 2 * (f + 1) * width);
      counts.fill(0, f * width, (f + 1) * width);
      addColumn(X.bins, f * X.rows, node, to - from, sums, counts, f * width);
    }
  };
  return {
    start(ofRows, given) {
      pairs = ofRows;
      features = given;
    },
    run(steps) {
      return steps.map((step) => {
        if (step.less < 0) count(step.slot, step.from, step.to);
        else subtract(slots[step.slot]!, slots[step.less]!, features, width);
        return step.wanted ? bestSplit(slots[step.slot]!, features, width, step, rules) : NO_SPLIT;
      });
    },
  };
}

function addColumn(
  bins: Uint8Array,
  base: number,
  { rows, pairs }: { readonly rows: Int32Array; readonly pairs: Float64Array },
  n: number,
  sums: Float64Array,
  counts: Int32Array,
  start: number,
): void {
  for (let k = 0; k < n; k++) {
    const at = start + bins[base + rows[k]!]!;
    sums[2 * at]! += pairs[2 * k]!;
    sums[2 * at + 1]! += pairs[2 * k + 1]!;
    counts[at]!++;
  }
}

/** The histogram of a node's other child, in place of the node's own. */
function subtract(
  node: GradientHistogram,
  child: GradientHistogram,
  features: Int32Array,
  width: number,
): void {
  for (const f of features) {
    for (let k = f * width; k < (f + 1) * width; k++) {
      node.sums[2 * k]! -= child.sums[2 * k]!;
      node.sums[2 * k + 1]! -= child.sums[2 * k + 1]!;
      node.rows[k]! -= child.rows[k]!;
    }
  }
}

function bestSplit(
  { sums, rows }: GradientHistogram,
  features: Int32Array,
  width: number,
  { from, to, gradient, hessian }: HistogramStep,
  { minSamplesLeaf, l2 }: SplitRules,
): GradientSplit {
  const found = { ...NO_SPLIT };
  let best = leastScore(gradient, hessian, l2);
  for (const f of features) {
    let g = 0;
    let h = 0;
    let count = 0;
    for (let bin = 0, at = f * width; bin < width; bin++, at++) {
      const here = rows[at]!;
      if (here === 0) continue;
      g += sums[2 * at]!;
      h += sums[2 * at + 1]!;
      count += here;
      if (count < minSamplesLeaf || h < LEAST_HESSIAN) continue;
      const rest = hessian - h;
      if (to - from - count < minSamplesLeaf || rest < LEAST_HESSIAN) break;
      const other = gradient - g;
      const score = (g * g) / (h + l2) + (other * other) / (rest + l2);
      if (score <= best) continue;
      best = score;
      Object.assign(found, { score, feature: f, edge: bin, leftGradient: g, leftHessian: h });
    }
  }
  return found;
}
