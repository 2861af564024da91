import { writeFileSync } from "node:fs";
import { workerData } from "node:worker_threads";

/** What the fuzzer shares with its watchdog. */
export interface Watched {
  /** Number of executions so far, and the length of the input that is being run. */
  readonly state: Int32Array;
  readonly input: Uint8Array;
  /** Where to write an input that hangs. */
  readonly path: string;
  readonly seconds: number;
}

// Runs beside the fuzzer: where the number of executions stands still, the input is written and the process ended.
const { state, input, path, seconds } = workerData as Watched;
let last = -1;
setInterval(() => {
  const now = Atomics.load(state, 0);
  if (now === last) {
    writeFileSync(path, input.slice(0, Atomics.load(state, 1)));
    process.kill(process.pid, "SIGKILL");
  }
  last = now;
}, seconds * 1000);
