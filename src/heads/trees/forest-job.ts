import { random } from "../../core/random.js";
import type { BinnedFeatures } from "./bin-features.js";
import { classSplits } from "./class-splits.js";
import { compiledForest } from "./compiled-forest.js";
import { exactShares } from "./exact-shares.js";
import { type GrownTree, type GrowOptions, treeGrower } from "./grow-tree.js";
import { meanSplits } from "./mean-splits.js";

/** What a forest's trees are grown for. */
export type ForestTarget =
  | {
      readonly kind: "classes";
      readonly codes: Int32Array;
      /** Weight of a row of each class. */
      readonly multipliers: Float64Array;
      readonly criterion: "gini" | "entropy";
    }
  | { readonly kind: "means"; readonly values: Float64Array };

/** All that a thread needs to grow any tree of a forest; plain data. */
export interface ForestJob {
  readonly X: BinnedFeatures;
  readonly target: ForestTarget;
  readonly grow: GrowOptions;
  readonly bootstrap: boolean;
  /** Whether thresholds are drawn instead of searched for. */
  readonly extra: boolean;
  /** A seed a tree. */
  readonly seeds: Uint32Array;
}

/**
 * Prepares scratch memory; what comes back grows tree t, which depends on the job and t alone: in WebAssembly where
 * `compiledForest` does such jobs, else here.
 */
export function forestGrower(job: ForestJob): (t: number) => GrownTree {
  const compiled = compiledForest(job);
  if (compiled === null) return interpretedForest(job);
  let interpreted: ((t: number) => GrownTree) | null = null;
  return (t) => {
    const grown = interpreted === null ? compiled(t) : null;
    if (grown !== null) return grown;
    interpreted ??= interpretedForest(job);
    return interpreted(t);
  };
}

/** The same in TypeScript, for any job. */
export function interpretedForest(job: ForestJob): (t: number) => GrownTree {
  const { X, target, grow, bootstrap, extra, seeds } = job;
  let draw = random(0);
  const next = extra ? () => draw.next() : null;
  const { minSamplesLeaf } = grow;
  const splits =
    target.kind === "means"
      ? meanSplits(X, target.values, { minSamplesLeaf, draw: next })
      : classSplits(X, target.codes, {
          criterion: target.criterion,
          multipliers: target.multipliers,
          minSamplesLeaf,
          sharesOf: exactShares(seeds.length),
          draw: next,
        });
  const growTree = treeGrower(X, splits, grow);
  const counts = new Int32Array(X.rows).fill(1);
  return (t) => {
    draw = random(seeds[t]!);
    if (bootstrap) {
      counts.fill(0);
      for (let k = 0; k < X.rows; k++) counts[draw.integer(X.rows)]!++;
    }
    return growTree(counts, draw);
  };
}
