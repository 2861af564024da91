import { setImmediate } from "node:timers/promises";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { random } from "../../core/random.js";
import { type Matrix, matrix } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import type { Convergence, FitControl, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { binFeatures } from "./bin-features.js";
import { logLossGradients, meanLogLoss } from "./boosting-loss.js";
import type { GradientBoostingOptions } from "./boosting-options.js";
import { compiledSearch } from "./compiled-search.js";
import type { DecisionTree } from "./decision-tree.js";
import { exactSums } from "./exact-sums.js";
import { boostedTreeGrower, boostedValue } from "./grow-boosted-tree.js";
import { interpretedSearch } from "./interpreted-search.js";

/** Trees whose values add up to raw scores: tree t belongs to column t mod columns. */
export interface BoostedTrees {
  /** One a class; 1 for two classes, where it is the log of the odds of the second. */
  readonly columns: number;
  /** Raw scores before the first tree. */
  readonly baseline: Float64Array;
  readonly trees: readonly DecisionTree[];
  /** Null without early stopping. */
  readonly convergence: Convergence | null;
  /** Held-out loss after each round; empty without early stopping. */
  readonly validationLoss: Float64Array;
}

/** Boosts trees on the log-loss. */
export async function fitBoosting(
  options: GradientBoostingOptions,
  X: Matrix,
  y: Labels,
  { signal, onProgress }: FitControl,
): Promise<BoostedTrees> {
  const { codes } = y;
  const n = X.rows;
  const columns = y.classes.length === 2 ? 1 : y.classes.length;
  const multipliers = classMultipliers(y, options.classWeight);
  const weights = Float64Array.from(codes, (code) => multipliers[code]!);
  const draw = random(options.seed);
  const stopping = options.earlyStopping === true || (options.earlyStopping === "auto" && n > 10_000);
  const { train, held } = stopping
    ? holdOut(y, options.validationFraction, draw)
    : { train: Int32Array.from({ length: n }, (_, i) => i), held: new Int32Array(0) };
  const binned = binFeatures(matrix(float32Data(X), n, X.cols), options.maxBins);
  const rows = new Int32Array(train.length);
  const rules = { minSamplesLeaf: options.minSamplesLeaf, l2: options.l2Regularization };
  const { maxBins } = options;
  const search =
    compiledSearch(binned, rows, maxBins, options.maxLeafNodes + 1, rules) ??
    interpretedSearch(binned, rows, maxBins, rules);
  const grow = boostedTreeGrower(binned, train, rows, search, {
    ...rules,
    maxLeafNodes: options.maxLeafNodes,
    maxDepth: options.maxDepth,
    learningRate: options.learningRate,
  });
  const baseline = priorScores(codes, weights, train, y.classes.length);
  const raw = new Float64Array(columns * n);
  for (let c = 0; c < columns; c++) raw.fill(baseline[c]!, c * n, (c + 1) * n);
  const pairs = Array.from({ length: columns }, () => new Float64Array(2 * n));
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
      const { tree, rows, starts } = grown;
      for (let l = 0; l < tree.values.length; l++) {
        for (let k = starts[l]!; k < starts[l + 1]!; k++) raw[c * n + rows[k]!]! += tree.values[l]!;
      }
      for (const row of held) raw[c * n + row]! += boostedValue(grown, binned, row);
      trees.push(tree);
    }
    onProgress?.({ stage: "fit", done: round + 1, total: options.maxIter, unit: "rounds" });
    if (held.length === 0) continue;
    losses.push(meanLogLoss(raw, columns, codes, weights, held));
    stopped = gainsNoMore(losses, options.nIterNoChange, options.tol);
  }
  return {
    columns,
    ...exactSums(baseline.subarray(0, columns), trees),
    convergence: held.length > 0 ? { converged: stopped, iterations: trees.length / columns } : null,
    validationLoss: Float64Array.from(losses.slice(1)),
  };
}

/** Whether none of the last rounds' losses is below the one before them by more than `tol`. */
function gainsNoMore(losses: readonly number[], rounds: number, tol: number): boolean {
  if (losses.length <= rounds) return false;
  const reference = losses[losses.length - rounds - 1]! - tol;
  return losses.slice(-rounds).every((loss) => loss >= reference);
}

/** Draws rows of each class to hold out; at least one row of each class stays. */
function holdOut(
  y: Labels,
  share: number,
  draw: ReturnType<typeof random>,
): { train: Int32Array; held: Int32Array } {
  const order = draw.shuffle(Int32Array.from({ length: y.codes.length }, (_, i) => i));
  const left = new Int32Array(y.classes.length);
  for (const code of y.codes) left[code]!++;
  const wanted = left.map((rows) => Math.min(rows - 1, Math.round(rows * share)));
  const train: number[] = [];
  const held: number[] = [];
  for (const row of order) {
    const code = y.codes[row]!;
    if (wanted[code]! > 0) {
      wanted[code]!--;
      held.push(row);
    } else train.push(row);
  }
  return { train: Int32Array.from(train).sort(), held: Int32Array.from(held).sort() };
}

/** The raw scores that say how often each class occurs. */
function priorScores(
  codes: Int32Array,
  weights: Float64Array,
  rows: Int32Array,
  classes: number,
): Float64Array {
  const sums = new Float64Array(classes);
  let total = 0;
  for (const row of rows) {
    sums[codes[row]!]! += weights[row]!;
    total += weights[row]!;
  }
  if (classes === 2) return Float64Array.of(Math.log(sums[1]! / sums[0]!));
  return sums.map((sum) => Math.log(sum / total));
}
