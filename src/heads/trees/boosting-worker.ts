import { parentPort, workerData } from "node:worker_threads";
import { boost } from "./boosting-job.js";
import type { BoostingWorkerData, BoostingWorkerMessage } from "./boosting-threads.js";
import { followSearch, leadSearch } from "./joint-search.js";

/** A thread of `boostOnThreads`: the first grows the trees, all look for splits. */
const { job, memory, thread } = workerData as BoostingWorkerData;
const send = (message: BoostingWorkerMessage): void => parentPort?.postMessage(message);
try {
  if (thread > 0) followSearch(job, memory, thread);
  const boosted = await boost(job, memory, leadSearch(job, memory), (round) => send({ round }));
  send({ boosted });
} catch (error) {
  send({ error });
}
