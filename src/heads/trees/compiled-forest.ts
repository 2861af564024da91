import { compiledTrees, type WasmGlobal } from "./compiled-trees.js";
import { exactShares } from "./exact-shares.js";
import type { ForestJob } from "./forest-job.js";
import { type GrownTree, normalised, thresholdsOf } from "./grow-tree.js";

/** What assembly/grow-tree.ts exports; globals that end in At are byte offsets in the memory. */
interface GrowTreeExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  prepare(
    rows: number,
    cols: number,
    classes: number,
    features: number,
    minSamplesSplit: number,
    minSamplesLeaf: number,
    maxDepth: number,
    bootstrap: number,
    tops: number,
  ): number;
  grow(seed: number): number;
  readonly nodes: WasmGlobal;
  readonly leaves: WasmGlobal;
  readonly unseen: WasmGlobal;
  readonly binsAt: WasmGlobal;
  readonly topsAt: WasmGlobal;
  readonly codesAt: WasmGlobal;
  readonly featureAt: WasmGlobal;
  readonly edgeAt: WasmGlobal;
  readonly leftAt: WasmGlobal;
  readonly rightAt: WasmGlobal;
  readonly importancesAt: WasmGlobal;
  readonly leavesAt: WasmGlobal;
  readonly unseenAt: WasmGlobal;
  readonly unseenLeavesAt: WasmGlobal;
}

/** Bytes of bins, and counters of a histogram, that each thread may have a copy of. */
const MOST_BYTES = 2 ** 28;
const MOST_COUNTERS = 2 ** 24;

/**
 * Grows a forest's trees in WebAssembly, the very same ones as `forestGrower` in TypeScript.
 * @returns null for a job that it does not do (numbers, entropy, class weights, more than 256 MB of bins), and where the module was not built or this runtime has no WebAssembly with SIMD; the function, null for a
 * tree that memory is lacking for.
 */
export function compiledForest(job: ForestJob): ((t: number) => GrownTree | null) | null {
  const { X, target, grow, extra, bootstrap, seeds } = job;
  const { rows, cols, bins } = X;
  if (target.kind !== "classes" || target.criterion !== "gini") return null;
  const classes = target.multipliers.length;
  if (target.multipliers.some((weight) => weight !== 1)) return null;
  if (rows * cols > MOST_BYTES || rows * 80 > MOST_BYTES || classes * 256 > MOST_COUNTERS) return null;
  const module = compiledTrees<GrowTreeExports>();
  const { maxDepth, features, minSamplesSplit, minSamplesLeaf } = grow;
  const limits = [minSamplesSplit, minSamplesLeaf, maxDepth ?? Infinity].map((n) => Math.min(n, 2 ** 29));
  const [toSplit, ofLeaf, levels] = limits as [number, number, number];
  const mostTops = extra ? X.tops.reduce((most, tops) => Math.max(most, tops.length), 0) : 0;
  if (!module?.prepare(rows, cols, classes, features, toSplit, ofLeaf, levels, bootstrap ? 1 : 0, mostTops))
    return null;
  const ints = (at: WasmGlobal, n: number): Int32Array => new Int32Array(module.memory.buffer, at.value, n);
  new Uint8Array(module.memory.buffer, module.binsAt.value, bins.length).set(bins);
  ints(module.codesAt, rows).set(target.codes);
  if (extra) {
    const all = new Float32Array(module.memory.buffer, module.topsAt.value, cols * mostTops);
    all.fill(Infinity);
    X.tops.forEach((tops, f) => {
      all.set(tops, f * mostTops);
    });
  }
  const sharesOf = exactShares(seeds.length);
  return (t) => {
    if (!module.grow(seeds[t]!)) return null;
    const nodes = module.nodes.value;
    const feature = ints(module.featureAt, nodes).slice();
    const weights = Float64Array.from(ints(module.leavesAt, module.leaves.value * classes));
    const values = new Float32Array(weights.length);
    for (let at = 0; at < weights.length; at += classes) {
      values.set(sharesOf(weights.subarray(at, at + classes)), at);
    }
    return {
      tree: {
        feature,
        threshold: thresholdsOf(X, feature, ints(module.edgeAt, nodes)),
        left: ints(module.leftAt, nodes).slice(),
        right: ints(module.rightAt, nodes).slice(),
        values,
      },
      importances: normalised(
        new Float64Array(module.memory.buffer, module.importancesAt.value, cols).slice(),
      ),
      unseen: ints(module.unseenAt, module.unseen.value).slice(),
      unseenLeaves: ints(module.unseenLeavesAt, module.unseen.value).slice(),
    };
  };
}
