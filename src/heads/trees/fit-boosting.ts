import { cpuCount } from "../../core/cpu-count.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { random } from "../../core/random.js";
import { workerFile } from "../../core/worker-file.js";
import { type Matrix, matrix } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import type { Convergence, FitControl, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { binFeatures } from "./bin-features.js";
import { type Boosted, type BoostingJob, boost, boostingMemory } from "./boosting-job.js";
import type { GradientBoostingOptions } from "./boosting-options.js";
import { type BoostingWorkerData, boostOnThreads } from "./boosting-threads.js";
import type { DecisionTree } from "./decision-tree.js";
import { exactSums } from "./exact-sums.js";
import { jointMemory } from "./joint-search.js";
import { localSearch } from "./local-search.js";
import { startWorkers } from "./worker-threads.js";

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

/** Steps (rows · features · trees) that one thread takes less time for than threads to start. */
const FEW_STEPS = 1e8;

/** Boosts trees on the log-loss, on as many threads as `control` allows where there is enough to do; the same trees. */
export async function fitBoosting(
  options: GradientBoostingOptions,
  X: Matrix,
  y: Labels,
  control: FitControl,
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
  const job: BoostingJob = {
    options,
    X: binFeatures(matrix(float32Data(X), n, X.cols), options.maxBins),
    codes,
    weights,
    train,
    held,
    baseline: priorScores(codes, weights, train, y.classes.length).slice(0, columns),
    seed: draw.integer(2 ** 32),
  };
  const { trees, losses, stopped } = await boostJob(job, control);
  return {
    columns,
    ...exactSums(job.baseline, trees),
    convergence: held.length > 0 ? { converged: stopped, iterations: trees.length / columns } : null,
    validationLoss: Float64Array.from(losses.slice(1)),
  };
}

async function boostJob(
  job: BoostingJob,
  { threads: most, signal, onProgress }: FitControl,
): Promise<Boosted> {
  const { X, train, baseline, options } = job;
  const total = options.maxIter;
  const onRound = (done: number): void => onProgress?.({ stage: "fit", done, total, unit: "rounds" });
  const steps = train.length * X.cols * baseline.length * total;
  const threads = steps < FEW_STEPS ? 1 : Math.min(most ?? cpuCount(), X.cols);
  const file = threads > 1 ? workerFile("heads/trees/boosting-worker.js") : null;
  throwIfInterrupted(signal);
  const memory = boostingMemory(job);
  if (file !== null) {
    const joint = jointMemory(memory, X.cols, threads);
    const data = Array.from(
      { length: threads },
      (_, thread): BoostingWorkerData => ({ job, memory: joint, thread }),
    );
    const workers = startWorkers(file, data);
    if (workers.length === threads) return boostOnThreads(workers, onRound, signal);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return boost(job, memory, localSearch(job, memory), onRound, signal);
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
