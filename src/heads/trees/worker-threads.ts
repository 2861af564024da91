import { Worker } from "node:worker_threads";
import { HeadstartError } from "../../core/errors.js";

/**
 * Starts a thread for each of the given data.
 * @returns as many as start; none where this process may not start any, as under Node's permission model.
 */
export function startWorkers(file: string, data: readonly object[]): Worker[] {
  const workers: Worker[] = [];
  try {
    for (const workerData of data) workers.push(new Worker(file, { workerData }));
  } catch {
    // The caller does with those that started, or without.
  }
  return workers;
}

/**
 * Waits until `take` makes something other than null of a message; ends all threads, however it went.
 * @throws what `take` throws; what ended a thread; {HeadstartError} `interrupted` once the signal is aborted.
 */
export async function workersDone<Message, Result>(
  workers: readonly Worker[],
  signal: AbortSignal | undefined,
  take: (message: Message) => Result | null,
): Promise<Result> {
  let stop = (): void => undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      stop = () =>
        reject(new HeadstartError("interrupted", "Interrupted", { hint: "Run the same command again." }));
      signal?.addEventListener("abort", stop, { once: true });
      for (const worker of workers) {
        worker.on("message", (message: Message) => {
          try {
            const result = take(message);
            if (result !== null) resolve(result);
          } catch (thrown) {
            reject(thrown);
          }
        });
        worker.on("error", reject);
        worker.on("exit", (code) => {
          if (code !== 0)
            reject(new HeadstartError("io", `A thread that grows trees ended with code ${code}`));
        });
      }
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
