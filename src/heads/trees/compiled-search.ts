import type { BinnedFeatures } from "./bin-features.js";
import { compiledTrees, type WasmGlobal } from "./compiled-trees.js";
import { leastScore, NO_SPLIT, type SplitRules, type SplitSearch } from "./split-search.js";

/** What assembly/gradient-histograms.ts exports; globals that end in At are byte offsets in the memory. */
interface HistogramExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  prepareHistograms(rows: number, cols: number, bins: number, slots: number): number;
  countRows(slot: number, features: number, n: number): void;
  takeAway(slot: number, less: number, features: number): void;
  bestSplit(
    slot: number,
    features: number,
    rows: number,
    gradient: number,
    hessian: number,
    minRows: number,
    l2: number,
    least: number,
  ): number;
  readonly columnsAt: WasmGlobal;
  readonly featuresAt: WasmGlobal;
  readonly nodeRowsAt: WasmGlobal;
  readonly nodeGradientsAt: WasmGlobal;
  readonly splitScore: WasmGlobal;
  readonly splitEdge: WasmGlobal;
  readonly splitGradient: WasmGlobal;
  readonly splitHessian: WasmGlobal;
}

/** Bytes of bins and histograms at most. */
const MOST_BYTES = 2 ** 30;

/**
 * Looks for splits in WebAssembly, the very same ones as `interpretedSearch`.
 * @param slots - histograms at a time at most.
 * @returns null where they take more than a gigabyte, or there is no WebAssembly with SIMD.
 */
export function compiledSearch(
  X: BinnedFeatures,
  rows: Int32Array,
  width: number,
  slots: number,
  { minSamplesLeaf, l2 }: SplitRules,
): SplitSearch | null {
  const { cols, bins } = X;
  if (bins.length + 20 * X.rows + slots * cols * width * 20 > MOST_BYTES) return null;
  const module = compiledTrees<HistogramExports>();
  if (!module?.prepareHistograms(X.rows, cols, width, slots)) return null;
  const { buffer } = module.memory;
  new Uint8Array(buffer, module.columnsAt.value, bins.length).set(bins);
  const own = new Int32Array(buffer, module.featuresAt.value, cols);
  const nodeRows = new Int32Array(buffer, module.nodeRowsAt.value, X.rows);
  const nodeGradients = new Float64Array(buffer, module.nodeGradientsAt.value, 2 * X.rows);
  let pairs: Float64Array = new Float64Array(0);
  let features = 0;
  const minRows = Math.min(minSamplesLeaf, 2 ** 30);

  return {
    start(ofRows, given) {
      pairs = ofRows;
      features = given.length;
      own.set(given);
    },
    run(steps) {
      return steps.map(({ slot, less, from, to, gradient, hessian, wanted }) => {
        if (less >= 0) module.takeAway(slot, less, features);
        else {
          nodeRows.set(rows.subarray(from, to));
          for (let k = from, at = 0; k < to; k++, at += 2) {
            const row = rows[k]!;
            nodeGradients[at] = pairs[2 * row]!;
            nodeGradients[at + 1] = pairs[2 * row + 1]!;
          }
          module.countRows(slot, features, to - from);
        }
        if (!wanted) return NO_SPLIT;
        const least = leastScore(gradient, hessian, l2);
        const feature = module.bestSplit(slot, features, to - from, gradient, hessian, minRows, l2, least);
        if (feature < 0) return NO_SPLIT;
        const { splitScore, splitEdge, splitGradient, splitHessian } = module;
        return {
          score: splitScore.value,
          feature,
          edge: splitEdge.value,
          leftGradient: splitGradient.value,
          leftHessian: splitHessian.value,
        };
      });
    },
  };
}
