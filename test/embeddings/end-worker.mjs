// Loaded before everything else (node --import) in each thread: ends the thread that encodes when it has answered
// HEADSTART_TEST_ANSWERS batches, as a fault of the runtime would.
import { isMainThread, parentPort } from "node:worker_threads";

let left = Number(process.env.HEADSTART_TEST_ANSWERS);
if (!isMainThread && parentPort !== null) {
  const post = parentPort.postMessage.bind(parentPort);
  parentPort.postMessage = (message, transfer) => {
    if (message.kind === "encoded" && left-- === 0) process.exit(7);
    post(message, transfer);
  };
}
