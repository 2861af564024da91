import { setImmediate } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { cpuCount } from "../../core/cpu-count.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { workerFile } from "../../core/worker-file.js";
import type { FitControl } from "../classifier.js";
import { type ForestJob, forestGrower } from "./forest-job.js";
import type { GrownTree } from "./grow-tree.js";
import { startWorkers, workersDone } from "./worker-threads.js";

/** What starts a worker: the job, and a counter in shared memory from which all take the next tree. */
export interface TreeWorkerData {
  readonly job: ForestJob;
  readonly taken: Int32Array;
}

/** What a worker reports: a tree, or an error that ended it. */
export type TreeWorkerMessage =
  | { readonly t: number; readonly grown: GrownTree }
  | { readonly error: unknown };

/** Steps (rows · levels · features · trees) that growing on this thread takes less time for than workers to start. */
const FEW_STEPS = 1e7;

/**
 * Grows all trees of a job, on as many threads as `control` allows where there is enough to do, else on this one.
 * The trees do not depend on the threads.
 * @returns them in order.
 * @throws {HeadstartError} `interrupted` once the signal is aborted; workers are ended first.
 */
export async function growForest(job: ForestJob, control: FitControl): Promise<GrownTree[]> {
  const trees = job.seeds.length;
  const { rows } = job.X;
  const steps = rows * Math.log2(rows + 1) * job.grow.features * trees;
  const threads = Math.min(control.threads ?? cpuCount(), trees, steps < FEW_STEPS ? 1 : Infinity);
  const file = threads > 1 ? workerFile("heads/trees/tree-worker.js") : null;
  throwIfInterrupted(control.signal);
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const data: TreeWorkerData = { job, taken };
  const workers = file === null ? [] : startWorkers(file, Array<TreeWorkerData>(threads).fill(data));
  return workers.length === 0 ? growHere(job, control) : growInWorkers(workers, trees, control);
}

async function growHere(job: ForestJob, { signal, onProgress }: FitControl): Promise<GrownTree[]> {
  const grow = forestGrower(job);
  const grown: GrownTree[] = [];
  let yielded = performance.now();
  for (let t = 0; t < job.seeds.length; t++) {
    // Listeners of the signal are only called when this thread lets go.
    if (performance.now() - yielded > 50) {
      await setImmediate();
      yielded = performance.now();
    }
    throwIfInterrupted(signal);
    grown.push(grow(t));
    onProgress?.({ stage: "fit", done: t + 1, total: job.seeds.length, unit: "trees" });
  }
  return grown;
}

function growInWorkers(
  workers: readonly Worker[],
  total: number,
  { signal, onProgress }: FitControl,
): Promise<GrownTree[]> {
  const grown = new Array<GrownTree>(total);
  let done = 0;
  return workersDone<TreeWorkerMessage, GrownTree[]>(workers, signal, (message) => {
    if ("error" in message) throw message.error;
    grown[message.t] = message.grown;
    done++;
    onProgress?.({ stage: "fit", done, total, unit: "trees" });
    return done === total ? grown : null;
  });
}
