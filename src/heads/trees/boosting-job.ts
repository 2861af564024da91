import { setImmediate } from "node:timers/promises";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { random } from "../../core/random.js";
import type { BinnedFeatures } from "./bin-features.js";
import { logLossGradients, meanLogLoss } from "./boosting-loss.js";
import type { GradientBoostingOptions } from "./boosting-options.js";
import type { DecisionTree } from "./decision-tree.js";
import { boostedTreeGrower, boostedValue } from "./grow-boosted-tree.js";
import type { SplitSearch } from "./split-search.js";

/** All that boosting takes; plain data. */
export interface BoostingJob {
  readonly options: GradientBoostingOptions;
  readonly X: BinnedFeatures;
  readonly codes: Int32Array;
  /** Of each row. */
  readonly weights: Float64Array;
  /** Rows to learn from. */
  readonly train: Int32Array;
  /** Rows held out; none without early stopping. */
  readonly held: Int32Array;
  /** By column of raw scores, what they begin with. */
  readonly baseline: Float64Array;
  /** Of the draws of features. */
  readonly seed: number;
}

/** What the search for splits and the growing of trees share; in memory that threads may share. */
export interface BoostingMemory {
  /** By column, gradient and hessian of row i at 2 i and 2 i + 1. */
  readonly pairs: readonly Float64Array[];
  /** The training rows, as the tree at hand orders them. */
  readonly rows: Int32Array;
}

/** The trees of a job. */
export interface Boosted {
  readonly trees: readonly DecisionTree[];
  /** Held-out loss before the first round and after each; empty without early stopping. */
  readonly losses: readonly number[];
  /** Whether it ended for want of gain. */
  readonly stopped: boolean;
}

export function boostingMemory({ baseline, codes, train }: BoostingJob): BoostingMemory {
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
  return {
    pairs: Array.from(baseline, () => new Float64Array(shared(16 * codes.length))),
    rows: new Int32Array(shared(4 * train.length)),
  };
}

/**
 * Boosts trees on the log-loss, round after round.
 * @param search - looks for splits of the rows and pairs in `memory`.
 * @throws {HeadstartError} `interrupted` once the signal is aborted.
 */
export async function boost(
  job: BoostingJob,
  memory: BoostingMemory,
  search: SplitSearch,
  onRound: (round: number) => void,
  signal?: AbortSignal,
): Promise<Boosted> {
  const { options, X, codes, weights, train, held, baseline } = job;
  const { pairs, rows } = memory;
  const n = X.rows;
  const columns = baseline.length;
  const grow = boostedTreeGrower(X, train, rows, search, {
    maxLeafNodes: options.maxLeafNodes,
    maxDepth: options.maxDepth,
    minSamplesLeaf: options.minSamplesLeaf,
    l2: options.l2Regularization,
    learningRate: options.learningRate,
  });
  const raw = new Float64Array(columns * n);
  for (let c = 0; c < columns; c++) raw.fill(baseline[c]!, c * n, (c + 1) * n);
  const draw = random(job.seed);
  const every = Int32Array.from({ length: X.cols }, (_, f) => f);
  const given = Math.max(1, Math.round(options.maxFeatures * X.cols));
  const trees: DecisionTree[] = [];
  const losses: number[] = held.length > 0 ? [meanLogLoss(raw, columns, codes, weights, held)] : [];
  let yielded = performance.now();
  let stopped = false;
  for (let round = 0; round < options.maxIter && !stopped; round++) {
    logLossGradients(raw, columns, codes, weights, pairs);
    for (let c = 0; c < columns; c++) {
      // Listeners of the signal are only called when this thread lets go.
      if (performance.now() - yielded > 50) {
        await setImmediate();
        yielded = performance.now();
      }
      throwIfInterrupted(signal);
      const features = given === X.cols ? every : draw.shuffle(every.slice()).slice(0, given).sort();
      const grown = grow(pairs[c]!, features);
      const { tree, starts } = grown;
      for (let l = 0; l < tree.values.length; l++) {
        for (let k = starts[l]!; k < starts[l + 1]!; k++) raw[c * n + grown.rows[k]!]! += tree.values[l]!;
      }
      for (const row of held) raw[c * n + row]! += boostedValue(grown, X, row);
      trees.push(tree);
    }
    onRound(round + 1);
    if (held.length === 0) continue;
    losses.push(meanLogLoss(raw, columns, codes, weights, held));
    stopped = gainsNoMore(losses, options.nIterNoChange, options.tol);
  }
  return { trees, losses, stopped };
}

/** Whether none of the last rounds' losses is below the one before them by more than `tol`. */
function gainsNoMore(losses: readonly number[], rounds: number, tol: number): boolean {
  if (losses.length <= rounds) return false;
  const reference = losses[losses.length - rounds - 1]! - tol;
  return losses.slice(-rounds).every((loss) => loss >= reference);
}
