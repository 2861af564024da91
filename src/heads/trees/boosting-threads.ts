import type { Worker } from "node:worker_threads";
import type { Boosted, BoostingJob } from "./boosting-job.js";
import type { JointMemory } from "./joint-search.js";
import { workersDone } from "./worker-threads.js";

/** What starts a thread; the first of them, 0, grows the trees. */
export interface BoostingWorkerData {
  readonly job: BoostingJob;
  readonly memory: JointMemory;
  readonly thread: number;
}

/** What the first thread reports; any may report an error that ended it. */
export type BoostingWorkerMessage =
  | { readonly round: number }
  | { readonly boosted: Boosted }
  | { readonly error: unknown };

/**
 * Waits for the trees of threads that were started, and ends the threads.
 * @throws {HeadstartError} `interrupted` once the signal is aborted; what ended a thread.
 */
export async function boostOnThreads(
  workers: readonly Worker[],
  onRound: (round: number) => void,
  signal?: AbortSignal,
): Promise<Boosted> {
  return workersDone<BoostingWorkerMessage, Boosted>(workers, signal, (message) => {
    if ("error" in message) throw message.error;
    if ("boosted" in message) return message.boosted;
    onRound(message.round);
    return null;
  });
}
