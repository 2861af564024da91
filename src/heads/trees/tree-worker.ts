import { parentPort, workerData } from "node:worker_threads";
import { forestGrower } from "./forest-job.js";
import type { TreeWorkerData, TreeWorkerMessage } from "./grow-forest.js";

/** A thread of `growForest`: takes trees from the shared counter until there are none. */
const { job, taken } = workerData as TreeWorkerData;
const send = (message: TreeWorkerMessage, transfer: ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, transfer);
try {
  const grow = forestGrower(job);
  for (let t = Atomics.add(taken, 0, 1); t < job.seeds.length; t = Atomics.add(taken, 0, 1)) {
    const grown = grow(t);
    const { tree } = grown;
    const arrays = [tree.feature, tree.threshold, tree.left, tree.right, tree.values];
    const all = [...arrays, grown.importances, grown.unseen, grown.unseenLeaves];
    send(
      { t, grown },
      all.map((array) => array.buffer as ArrayBuffer),
    );
  }
} catch (error) {
  send({ error });
}
